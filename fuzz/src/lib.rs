//! What the targets have in common: a question, and what must hold of every answer to it.

use chrono::NaiveDate;
use data_infrastructure::{
    crawl::{Answer, Refusal},
    stock::{
        bar::{Bar, Days, RawBatch, StockCode},
        calendar::{Calendar, Market},
        checks::{CheckContext, check},
        sources::BarQuery,
    },
};

/// The bars of 7203 in the first half of 2024.
pub fn query() -> BarQuery {
    let day = |month, day| NaiveDate::from_ymd_opt(2024, month, day).expect("a day");
    let code = StockCode::parse("7203").expect("a code");
    BarQuery { code, calendar: Calendar::embedded(Market::Tokyo), days: Days { from: day(1, 4), to: day(6, 28) }, newest_final: day(6, 28) }
}

/// Whatever a source gives, what passes the checks is in order, on sessions, and sound.
pub fn hold(answer: Result<Answer<RawBatch>, Refusal>) {
    let Ok(Answer::Data(batch)) = answer else { return };
    let query = query();
    let context = CheckContext { calendar: &query.calendar, newest_final: query.newest_final, previous_close: None };
    let Ok(checked) = check(batch, &context) else { return };
    let bars = &checked.batch.bars;
    assert!(bars.windows(2).all(|pair| pair[0].date < pair[1].date), "ascending, one for each session");
    assert!(bars.iter().all(sound), "{bars:?}");
}

fn sound(bar: &Bar) -> bool {
    let prices = [bar.open, bar.high, bar.low, bar.close];
    let (low, high) = (bar.low.unwrap_or(f64::MIN), bar.high.unwrap_or(f64::MAX));
    bar.date <= query().newest_final
        && prices.iter().flatten().all(|price| price.is_finite() && *price > 0.0 && (low..=high).contains(price))
        && bar.volume.is_none_or(|volume| volume.is_finite() && volume >= 0.0)
}
