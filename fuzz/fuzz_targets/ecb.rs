//! The ECB's files, packed and unpacked.
#![no_main]

use chrono::NaiveDate;
use data_infrastructure::{
    crawl::Answer,
    fx::{
        calendar::{FIRST_DAY, is_target_day},
        checks::judge,
        ecb::{parse, read},
        rate::Days,
    },
};

libfuzzer_sys::fuzz_target!(|body: &[u8]| {
    let newest = NaiveDate::from_ymd_opt(2026, 11, 20).expect("a day");
    let days = Days { from: FIRST_DAY, to: newest };
    let text = String::from_utf8_lossy(body);
    for answer in [parse(200, body, days), read(&text, days)] {
        let Ok(Answer::Data(raw)) = answer else { continue };
        let Ok(judged) = judge(raw, newest, &[]) else { continue };
        let key = |index: usize| (judged.rates[index].currency, judged.rates[index].date);
        assert!((1..judged.rates.len()).all(|index| key(index - 1) < key(index)), "ascending, one for each day");
        let sound = judged.rates.iter().all(|r| r.rate.is_finite() && r.rate > 0.0 && is_target_day(r.date));
        assert!(sound, "{judged:?}");
    }
});
