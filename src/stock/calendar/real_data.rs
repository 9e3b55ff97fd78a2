//! For tests: real files that stand beside the repository and are not part of it. Where they are absent a test says
//! that it did not compare, and passes.

use std::path::Path;

use chrono::NaiveDate;

use crate::stock::bar::Bar;

/// The Japanese companies with a series from 1983 or their listing to 2018.
pub(crate) const JP_CODES: [&str; 12] =
    ["1301", "1306", "1321", "3906", "4755", "6028", "6758", "7203", "8697", "9432", "9433", "9437"];

/// One row of such a series.
pub(crate) struct JpRow {
    pub date: NaiveDate,
    /// Open, high, low, close as traded.
    pub prices: [f64; 4],
    pub volume: f64,
    /// The close adjusted for all splits since.
    pub adjusted_close: f64,
}

/// The text of a real file.
pub(crate) fn read(path: &str) -> Option<String> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data"));
    let text = std::fs::read_to_string(root.join(path)).ok();
    if text.is_none() {
        report_absent(path);
    }
    text
}

/// The series of a Japanese company, ascending; empty when the file is absent.
pub(crate) fn jp_rows(code: &str) -> Vec<JpRow> {
    let text = read(&format!("jp_yahoojp_1983_2018/{code}.csv")).unwrap_or_default();
    text.lines().skip(1).map(jp_row).collect()
}

fn jp_row(line: &str) -> JpRow {
    let fields: Vec<&str> = line.trim().split(',').collect();
    let number = |index: usize| fields[index].parse::<f64>().unwrap();
    JpRow {
        date: NaiveDate::parse_from_str(fields[0], "%Y/%m/%d").unwrap(),
        prices: [number(1), number(2), number(3), number(4)],
        volume: number(5),
        adjusted_close: number(6),
    }
}

/// A Tokyo series of J-Quants' from 2016 to 2026, prices adjusted for splits, the volume not for all of them.
pub(crate) fn jquants(code: &str) -> Option<Vec<Bar>> {
    let text = read(&format!("jp_jquants_adj_2016_2026/{code}.csv"))?;
    Some(text.lines().skip(1).map(|line| bar(line, [1, 2, 3, 4, 5])).collect())
}

/// A Tokyo series of Yahoo's from 2013 to 2024, adjusted for the splits up to then. Days without trades, and phantom
/// rows on holidays, have the close before four times and a volume of 0.
pub(crate) fn yahoo(code: &str) -> Option<Vec<Bar>> {
    let text = read(&format!("jp_yahoo_2013_2024_yfinance_multiindex/{code}.T.csv"))?;
    Some(text.lines().skip(3).map(|line| bar(line, [5, 3, 4, 2, 6])).collect())
}

/// A line with its day first; `columns` are those of open, high, low, close and volume. What is no number is none.
fn bar(line: &str, columns: [usize; 5]) -> Bar {
    let fields: Vec<&str> = line.trim().split(',').collect();
    let [open, high, low, close, volume] = columns.map(|index| fields[index].parse::<f64>().ok());
    Bar { date: fields[0].parse().unwrap(), open, high, low, close, volume }
}

fn report_absent(path: &str) {
    eprintln!("not compared with {path}: the file is not beside this repository");
}
