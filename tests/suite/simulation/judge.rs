//! Which rows of an answer are no bars, judged by the words of the domain's specification alone.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use data_infrastructure::stock::{
    bar::Bar,
    calendar::{Calendar, Market},
};

/// Why a row is in quarantine.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    NoSession,
    Duplicate,
    Unsound,
    /// The whole answer contradicts what is stored.
    Contradiction,
    /// The whole answer is in the shares of before a split that it announces.
    NotAdjusted,
    Other(String),
}

impl Reason {
    /// Of a stored reason.
    pub fn read(text: &str) -> Self {
        match text {
            _ if text.contains("is no session") => Self::NoSession,
            _ if text.contains("rows with different values") => Self::Duplicate,
            _ if text.contains("is below the") || text.contains("is above the") => Self::Unsound,
            _ if text.contains("common sessions differ") => Self::Contradiction,
            _ if text.contains("not adjusted for it") => Self::NotAdjusted,
            _ => Self::Other(text.to_owned()),
        }
    }
}

pub struct Judged {
    pub bars: BTreeMap<NaiveDate, Bar>,
    pub wrong: Vec<(NaiveDate, Reason)>,
    /// More than a fifth of the rows are wrong.
    pub is_refused: bool,
}

pub fn judge(rows: impl Iterator<Item = Bar>) -> Judged {
    let mut by_day: BTreeMap<NaiveDate, Vec<Bar>> = BTreeMap::new();
    for row in rows {
        let same_day = by_day.entry(row.date).or_default();
        // Kabutan's pages repeat their newest row.
        if !same_day.contains(&row) {
            same_day.push(row);
        }
    }
    let (mut bars, mut wrong, mut rows, mut bad) = (BTreeMap::new(), Vec::new(), 0, 0);
    for (date, same_day) in by_day {
        if !Calendar::embedded(Market::Tokyo).is_session(date) {
            wrong.push((date, Reason::NoSession));
            continue;
        }
        rows += same_day.len();
        let reason = match same_day.as_slice() {
            [bar] if is_sound(bar) => {
                bars.insert(date, *bar);
                continue;
            }
            [_] => Reason::Unsound,
            _ => Reason::Duplicate,
        };
        bad += same_day.len();
        wrong.push((date, reason));
    }
    Judged { bars, wrong, is_refused: bad * 5 > rows }
}

fn is_sound(bar: &Bar) -> bool {
    let [Some(open), Some(high), Some(low), Some(close)] = [bar.open, bar.high, bar.low, bar.close] else {
        return [bar.open, bar.high, bar.low, bar.close].iter().all(Option::is_none);
    };
    high >= open.max(close).max(low) && low <= open.min(close)
}
