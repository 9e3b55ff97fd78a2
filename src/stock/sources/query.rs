//! What is asked of a source.

use chrono::NaiveDate;

use serde::{Deserialize, Serialize};

use crate::crawl::Subject;
use crate::stock::bar::{Days, StockCode};
use crate::stock::calendar::{Calendar, Market};

/// The bars of one company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BarQuery {
    pub code: StockCode,
    /// Which days of the code's market are sessions.
    pub calendar: Calendar,
    pub days: Days,
    /// The newest session that is over: a later row is provisional.
    pub newest_final: NaiveDate,
}

/// A query as it is kept with its answers.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Kept {
    code: String,
    /// The market's country.
    market: String,
    from: NaiveDate,
    to: NaiveDate,
    newest_final: NaiveDate,
}

impl BarQuery {
    #[must_use]
    pub const fn market(&self) -> Market {
        self.calendar.market()
    }

    /// A new fetch that asks this: every request of the fetch is about it.
    #[must_use]
    pub fn subject(&self) -> Subject {
        let kept = Kept {
            code: self.code.to_string(),
            market: self.market().country().to_owned(),
            from: self.days.from,
            to: self.days.to,
            newest_final: self.newest_final,
        };
        Subject::new(self.code.as_str(), serde_json::to_string(&kept).unwrap_or_default())
    }

    /// The query of an archived fetch, with the calendar of the binary; none when the text is of another kind.
    #[must_use]
    pub fn of_subject(text: &str) -> Option<Self> {
        let kept: Kept = serde_json::from_str(text).ok()?;
        Some(Self {
            code: StockCode::parse(&kept.code).ok()?,
            calendar: Calendar::embedded(Market::of_country(&kept.market)?),
            days: Days { from: kept.from, to: kept.to },
            newest_final: kept.newest_final,
        })
    }

    /// The days asked for whose bars can be final, or `None` when there are none and nobody need be asked.
    #[must_use]
    pub fn final_days(&self) -> Option<Days> {
        let to = self.days.to.min(self.newest_final);
        (self.days.from <= to).then_some(Days { from: self.days.from, to })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stock::sources::testing::{january, query_in};

    #[test]
    fn a_query_is_read_back_from_its_subject() {
        let american = query_in(Market::NewYork, "BRK-B", "2024-01-04", "2024-01-12");
        for query in [january(), american] {
            let subject = query.subject();
            assert_eq!(subject.key(), query.code.as_str());
            assert_eq!(BarQuery::of_subject(subject.text()), Some(query));
        }
        assert_ne!(january().subject().fetch(), january().subject().fetch(), "each fetch is one of its own");
        for text in ["", "{}", r#"{"date":"2024-01-04"}"#, "null"] {
            assert_eq!(BarQuery::of_subject(text), None, "{text}");
        }
    }
}
