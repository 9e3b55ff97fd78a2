//! The company master as CSV: what is read is written and read again as the same.
#![no_main]

use data_infrastructure::stock::companies_csv::{read, write};

libfuzzer_sys::fuzz_target!(|file: &[u8]| {
    if let Ok(companies) = read(file) {
        assert_eq!(read(write(&companies).as_bytes()).expect("our own file"), companies);
    }
});
