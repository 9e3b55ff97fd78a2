//! Lists of issues, in every layout.
#![no_main]

use std::collections::BTreeSet;

use data_infrastructure::stock::companies_files::{Content, read};

libfuzzer_sys::fuzz_target!(|file: &[u8]| {
    if let Ok(read) = read(file, None)
        && let Content::Issues(list) = read.content
    {
        let codes: BTreeSet<&str> = list.issues.iter().map(|issue| issue.code.as_str()).collect();
        assert_eq!(codes.len(), list.issues.len(), "each code once");
    }
});
