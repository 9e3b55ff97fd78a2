//! The last step of every source: what was read becomes a batch, or the word that there is nothing new.

use chrono::NaiveDate;

use super::{BarQuery, SourceName};
use crate::crawl::answer::Answer;
use crate::stock::bar::{Days, RawBatch, Rejection, Row, Split};

/// What a parser has read, in the order of the answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Read {
    pub rows: Vec<Row>,
    pub unreadable: Vec<Rejection>,
    pub splits: Vec<Split>,
    /// The oldest day there is, for an answer that may end before the days asked for begin.
    pub oldest: Option<NaiveDate>,
}

/// Every row is handed on, also those nobody asked for: to judge days is the part of `checks`.
/// An answer with nothing but older days, or with the session still under way, is no news.
pub fn settle(source: SourceName, query: &BarQuery, read: Read) -> Answer<RawBatch> {
    let Some(days) = query.final_days() else { return Answer::NoNewData };
    let under_way = query.calendar.next_session_after(query.newest_final);
    let is_news = |date: NaiveDate| date >= days.from && date != under_way;
    if read.unreadable.is_empty() && !read.rows.iter().any(|row| is_news(row.bar.date)) {
        return Answer::NoNewData;
    }
    let from = read.oldest.map_or(days.from, |oldest| oldest.clamp(days.from, days.to));
    Answer::Data(RawBatch {
        source: source.as_str(),
        basis: source.basis(),
        rows: read.rows,
        unreadable: read.unreadable,
        splits: read.splits,
        vouched: Days { from, to: days.to },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stock::bar::Bar;
    use crate::stock::sources::testing::{day, query};

    fn row(date: &str) -> Row {
        let (price, raw, date) = (Some(1.0), date.to_owned(), day(date));
        Row { bar: Bar { date, open: price, high: price, low: price, close: price, volume: None }, raw }
    }

    fn read(dates: &[&str]) -> Read {
        Read { rows: dates.iter().map(|date| row(date)).collect(), ..Read::default() }
    }

    fn query_up_to_the_9th() -> BarQuery {
        BarQuery { newest_final: day("2024-01-09"), ..query("7777", "2024-01-05", "2024-01-31") }
    }

    #[test]
    fn all_rows_are_handed_on_and_vouched_for_up_to_the_newest_final_session() {
        let all = read(&["2024-01-04", "2024-01-05", "2024-01-09", "2024-01-10"]);
        let Answer::Data(batch) = settle(SourceName::Yahoo, &query_up_to_the_9th(), all.clone()) else {
            panic!("data")
        };
        assert_eq!(batch.rows, all.rows);
        assert_eq!(batch.vouched, Days { from: day("2024-01-05"), to: day("2024-01-09") });
    }

    #[test]
    fn older_days_and_the_session_under_way_are_no_news() {
        let settled = |dates| settle(SourceName::Yahoo, &query_up_to_the_9th(), read(dates));
        assert_eq!(settled(&[]), Answer::NoNewData);
        assert_eq!(settled(&["2023-12-29", "2024-01-04"]), Answer::NoNewData);
        assert_eq!(settled(&["2024-01-04", "2024-01-10"]), Answer::NoNewData);
        assert!(matches!(settled(&["2024-01-20"]), Answer::Data(_)), "a day of the future is for the checks");
    }

    #[test]
    fn an_answer_that_begins_late_vouches_for_no_day_before() {
        let query = query("7777", "2024-01-05", "2024-01-31");
        let late = Read { oldest: Some(day("2024-01-10")), ..read(&["2024-01-10", "2024-01-11"]) };
        let Answer::Data(batch) = settle(SourceName::Kabutan, &query, late) else { panic!("data") };
        assert_eq!(batch.vouched.from, day("2024-01-10"));
    }
}
