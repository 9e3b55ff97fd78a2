//! Files of bars in every layout, as text and as archives.
#![no_main]

use std::io::Cursor;

use data_infrastructure::stock::{
    bar::StockCode,
    sources::files::{Content, FileError, FileRow, Given, Sink, read},
};

/// No file of this size has more.
const MOST: u64 = 1 << 20;

struct Counted(u64);

impl Sink for Counted {
    fn row(&mut self, row: FileRow) -> Result<(), FileError> {
        self.0 += 1;
        if let Ok((row, _)) = &row.read {
            let bar = &row.bar;
            let numbers = [bar.open, bar.high, bar.low, bar.close, bar.volume];
            assert!(numbers.iter().flatten().all(|number| number.is_finite()), "{bar:?}");
        }
        Ok(())
    }
}

libfuzzer_sys::fuzz_target!(|file: &[u8]| {
    let company = StockCode::parse("7203").ok();
    let name = "7203.jp.csv".to_owned();
    let given = Given { name, layout: None, company, basis: None, most: MOST };
    let bytes = Cursor::new(file.to_vec());
    let content =
        if Content::is_archive(file) { Content::Archive(Box::new(bytes)) } else { Content::Text(Box::new(bytes)) };
    let mut counted = Counted(0);
    if let Ok(summary) = read(content, &given, &mut counted) {
        assert!(counted.0 <= summary.rows && summary.bytes <= MOST, "{summary:?}");
    }
});
