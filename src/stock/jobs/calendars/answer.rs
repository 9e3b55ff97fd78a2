//! What an exchange's calendar comes to: which days are otherwise than in the table, and what of it is news. Pure.

use chrono::NaiveDate;

use crate::stock::{
    bar::Days,
    calendar::{Calendar, MarketDay},
    store::market_days::Announcement,
};

/// A table that is right but for what was announced since agrees with more than nine days of ten; of years after it,
/// where it knows no holidays, with as many.
const ONE_IN: usize = 10;
/// Days named; of more, their number.
const NAMED: usize = 5;

/// The announcement in an answer.
///
/// # Errors
/// Why it is not believed: days are missing between its first and its last, or it is so different that something else
/// than some days must be meant.
pub fn announcement(calendar: &Calendar, mut found: Vec<MarketDay>) -> Result<Announcement, String> {
    found.sort_by_key(|day| day.date);
    found.dedup();
    let (Some(first), Some(last)) = (found.first(), found.last()) else { return Err("it has no days".to_owned()) };
    let days = Days { from: first.date, to: last.date };
    let unlike = days.from.iter_days().zip(&found).find(|(expected, day)| *expected != day.date);
    if let Some((expected, _)) = unlike {
        return Err(format!("it does not say one thing of {expected}"));
    }
    let table = Calendar::embedded(calendar.market());
    let count = found.len();
    let differing: Vec<MarketDay> = found.into_iter().filter(|day| table.differs(day)).collect();
    if differing.len() * ONE_IN > count {
        return Err(format!("{} of its {count} days are otherwise than in our table", differing.len()));
    }
    Ok(Announcement { days, differing })
}

/// What is to be said of an announcement, if anything is: the days that are otherwise than they were known, and those
/// on which the table is right again.
#[must_use]
pub fn told(calendar: &Calendar, said: &Announcement) -> Option<String> {
    let after = Calendar::announced(calendar.market(), said.differing.iter().copied(), None);
    let is_open = |date: NaiveDate| MarketDay { date, is_open: after.is_session(date) };
    let days = said.days.from.iter_days().take_while(|date| *date <= said.days.to);
    let news: Vec<MarketDay> = days.map(is_open).filter(|day| calendar.differs(day)).collect();
    if news.is_empty() {
        return None;
    }
    let name = |day: &MarketDay| format!("{} is {}", day.date, if day.is_open { "a session" } else { "no session" });
    let named: Vec<String> = news.iter().take(NAMED).map(name).collect();
    let more = news.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(", and {more} more") } else { String::new() };
    Some(format!("the exchange says: {}{more}", named.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stock::calendar::Market;

    fn table() -> Calendar {
        Calendar::embedded(Market::Tokyo)
    }

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// The table's days of 2026, of which the exchange says otherwise on these.
    fn answer(otherwise: &[&str]) -> Vec<MarketDay> {
        let days = date("2026-01-01").iter_days().take(365);
        let is_open = |day: NaiveDate| table().is_session(day) != otherwise.contains(&day.to_string().as_str());
        days.map(|date| MarketDay { date, is_open: is_open(date) }).collect()
    }

    #[test]
    fn only_days_on_which_the_exchange_says_otherwise_are_kept() {
        let year = Days { from: date("2026-01-01"), to: date("2026-12-31") };
        assert_eq!(announcement(&table(), answer(&[])), Ok(Announcement { days: year, differing: Vec::new() }));
        let moved = announcement(&table(), answer(&["2026-11-20", "2026-11-23"])).unwrap();
        let said = |text, is_open| MarketDay { date: date(text), is_open };
        assert_eq!(moved.differing, [said("2026-11-20", false), said("2026-11-23", true)]);
    }

    #[test]
    fn what_is_known_already_is_no_news_and_what_is_taken_back_is() {
        let moved = announcement(&table(), answer(&["2026-11-20", "2026-11-23"])).unwrap();
        let told_first = told(&table(), &moved).unwrap();
        assert_eq!(told_first, "the exchange says: 2026-11-20 is no session, 2026-11-23 is a session");
        let known = Calendar::announced(Market::Tokyo, moved.differing.iter().copied(), None);
        assert_eq!(told(&known, &moved), None);
        let back = announcement(&known, answer(&["2026-11-23"])).unwrap();
        assert_eq!(told(&known, &back).as_deref(), Some("the exchange says: 2026-11-20 is a session"));
    }

    #[test]
    fn many_days_are_named_in_part() {
        let days = ["2026-08-03", "2026-08-04", "2026-08-05", "2026-08-06", "2026-08-07", "2026-08-10"];
        let told = told(&table(), &announcement(&table(), answer(&days)).unwrap()).unwrap();
        assert!(told.ends_with("2026-08-07 is no session, and 1 more"), "{told}");
    }

    #[test]
    fn a_calendar_that_means_something_else_is_not_believed() {
        let reversed = answer(&[]).into_iter().map(|day| MarketDay { is_open: !day.is_open, ..day }).collect();
        assert_eq!(
            announcement(&table(), reversed).unwrap_err(),
            "365 of its 365 days are otherwise than in our table"
        );
        let closed = answer(&[]).into_iter().map(|day| MarketDay { is_open: false, ..day }).collect();
        assert!(announcement(&table(), closed).unwrap_err().ends_with("otherwise than in our table"));
        let mut holed = answer(&[]);
        holed.remove(100);
        assert_eq!(announcement(&table(), holed).unwrap_err(), "it does not say one thing of 2026-04-11");
        let mut twice = answer(&[]);
        twice.push(MarketDay { date: date("2026-04-11"), is_open: true });
        assert_eq!(announcement(&table(), twice).unwrap_err(), "it does not say one thing of 2026-04-12");
        assert_eq!(announcement(&table(), Vec::new()).unwrap_err(), "it has no days");
    }

    #[test]
    fn a_year_that_the_table_does_not_know_is_believed() {
        let after = table().known_until().unwrap();
        let days = after.iter_days().skip(1).take(365).collect::<Vec<_>>();
        // As many weekday holidays as a year has, in one month: the count matters.
        let weekdays: Vec<NaiveDate> = days.iter().copied().filter(|day| table().is_session(*day)).take(18).collect();
        let found = days
            .iter()
            .map(|date| MarketDay { date: *date, is_open: table().is_session(*date) && !weekdays.contains(date) });
        let said = announcement(&table(), found.collect()).unwrap();
        assert_eq!((said.differing.len(), said.days.to), (18, *days.last().unwrap()));
    }
}
