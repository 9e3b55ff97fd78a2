//! J-Quants' answers.
#![no_main]

use data_infrastructure::stock::sources::jquants::parse;
use data_infrastructure_fuzz::{hold, query};

libfuzzer_sys::fuzz_target!(|body: &[u8]| hold(parse(200, body, &query())));
