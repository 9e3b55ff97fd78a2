//! Kabutan's pages.
#![no_main]

use data_infrastructure::{crawl::Answer, stock::sources::kabutan::parse};
use data_infrastructure_fuzz::query;

libfuzzer_sys::fuzz_target!(|body: &[u8]| {
    if let Ok(Answer::Data(page)) = parse(200, body, &query().code) {
        // Each row comes from bytes of its own.
        assert!(page.rows.len() <= body.len());
    }
});
