//! The exchange's own calendar against the embedded one, so that a holiday that is moved is told before it makes a gap.

use chrono::{Days as Plus, NaiveDate};
use tokio_util::sync::CancellationToken;

use crate::{
    crawl::{Answer, Refusal},
    stock::{
        bar::Days,
        calendar::{Calendar, Market, MarketDay},
        sources::{CalendarQuery, CalendarSource},
    },
};

/// Days looked at before and after today.
const PAST: Plus = Plus::new(30);
const AHEAD: Plus = Plus::new(365);
/// Days named; of more, their number.
const NAMED: usize = 5;

/// What is to be said of the calendar, if anything is: the days on which the exchange says otherwise, or why it was not
/// compared.
///
/// # Errors
/// [`Refusal::Cancelled`] alone: whatever else happens to the calendar, the list of issues counts.
pub async fn compare(
    source: &CalendarSource,
    market: Market,
    today: NaiveDate,
    cancel: &CancellationToken,
) -> Result<Option<String>, Refusal> {
    let end = today.checked_add_days(AHEAD).unwrap_or(today);
    let to = Calendar::embedded(market).known_until().map_or(end, |known| known.min(end)).max(today);
    let days = Days { from: today.checked_sub_days(PAST).unwrap_or(today), to };
    let reason = match source.fetch(&CalendarQuery { days }, cancel).await {
        Ok(Answer::Data(found)) => return Ok(told(&differing(market, &found))),
        Ok(_) => "it has none".to_owned(),
        Err(Refusal::Cancelled) => return Err(Refusal::Cancelled),
        Err(refusal) => refusal.to_string(),
    };
    Ok(Some(format!("the calendar of {} was not compared: {reason}", source.name())))
}

fn differing(market: Market, days: &[MarketDay]) -> Vec<MarketDay> {
    days.iter().filter(|day| day.is_open != Calendar::embedded(market).is_session(day.date)).copied().collect()
}

fn told(differing: &[MarketDay]) -> Option<String> {
    if differing.is_empty() {
        return None;
    }
    let named: Vec<String> = differing
        .iter()
        .take(NAMED)
        .map(|day| format!("{} is {}", day.date, if day.is_open { "a session" } else { "no session" }))
        .collect();
    let more = differing.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(", and {more} more") } else { String::new() };
    let message = format!("our calendar is wrong: {}{more}", named.join(", "));
    tracing::warn!(days = differing.len(), "{message}");
    Some(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str, is_open: bool) -> MarketDay {
        MarketDay { date: text.parse().unwrap(), is_open }
    }

    #[test]
    fn only_days_on_which_the_exchange_says_otherwise_are_named() {
        let right = [day("2026-11-20", true), day("2026-11-21", false), day("2026-11-23", false)];
        assert_eq!(told(&differing(Market::Tokyo, &right)), None);
        let moved = [day("2026-11-20", false), day("2026-11-23", true), day("2026-11-24", true)];
        let told = told(&differing(Market::Tokyo, &moved)).unwrap();
        assert_eq!(told, "our calendar is wrong: 2026-11-20 is no session, 2026-11-23 is a session");
    }

    #[test]
    fn many_days_are_named_in_part() {
        let all: Vec<MarketDay> = (1..=8).map(|n| day(&format!("2026-08-{:02}", n + 2), false)).collect();
        let open = differing(Market::Tokyo, &all).len();
        assert!(open == 6, "3 to 7 and 10 August: {open}");
        assert!(told(&differing(Market::Tokyo, &all)).unwrap().ends_with(", and 1 more"));
    }
}
