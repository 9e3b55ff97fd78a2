//! Which days a run has to fetch, and by which of the ECB's files. Pure.

use chrono::{Datelike as _, NaiveDate};

use crate::fx::{
    calendar::{FIRST_DAY, is_target_day, next_target_day, previous_target_day},
    ecb::{File, RateQuery},
    rate::Days,
};

/// What a run wants.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    /// Also what is stored already.
    pub full: bool,
    /// The newest day that can have rates.
    pub newest: NaiveDate,
}

/// What to ask for; none when nothing is missing.
///
/// The small file has the newest day and no other. The month's first day is read with the history all the same: that
/// is when corrections of stored rates are noticed.
#[must_use]
pub fn need(covered: Option<Days>, wanted: &Wanted) -> Option<RateQuery> {
    let newest = wanted.newest;
    let from = wanted.from.unwrap_or(FIRST_DAY).max(FIRST_DAY);
    let to = wanted.to.unwrap_or(newest).min(newest);
    let is_missing = |day: &NaiveDate| is_target_day(*day) && !covered.is_some_and(|days| days.contains(*day));
    let mut days = from.iter_days().take_while(|day| *day <= to);
    let first = if wanted.full { days.find(|day| is_target_day(*day)) } else { days.find(is_missing) }?;
    let follows = covered.is_some_and(|covered| next_target_day(covered.to) == newest);
    let month_begins = previous_target_day(newest).month() != newest.month();
    if !wanted.full && first == newest && follows && !month_begins {
        return Some(RateQuery { file: File::Newest, days: Days { from: newest, to: newest } });
    }
    // Up to what is covered, so that no gap is left between.
    let (from, to) = covered.map_or((from, to), |covered| (from.min(covered.to), to.max(covered.from)));
    Some(RateQuery { file: File::History, days: Days { from, to } })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(from: &str, to: &str) -> Days {
        Days { from: from.parse().unwrap(), to: to.parse().unwrap() }
    }

    fn wanted(newest: &str) -> Wanted {
        Wanted { from: None, to: None, full: false, newest: newest.parse().unwrap() }
    }

    fn all(to: &str) -> Option<RateQuery> {
        Some(RateQuery { file: File::History, days: days("1999-01-04", to) })
    }

    #[test]
    fn an_empty_store_needs_the_history() {
        assert_eq!(need(None, &wanted("2026-11-20")), all("2026-11-20"));
    }

    #[test]
    fn only_the_day_that_follows_comes_by_the_small_file() {
        let newest = Some(RateQuery { file: File::Newest, days: days("2026-11-23", "2026-11-23") });
        assert_eq!(need(Some(days("1999-01-04", "2026-11-20")), &wanted("2026-11-23")), newest);
        assert_eq!(need(Some(days("1999-01-04", "2026-11-22")), &wanted("2026-11-23")), newest, "a weekend between");
        assert_eq!(need(Some(days("1999-01-04", "2026-11-19")), &wanted("2026-11-23")), all("2026-11-23"));
        assert_eq!(need(Some(days("2010-01-04", "2026-11-20")), &wanted("2026-11-23")), all("2026-11-23"));
    }

    #[test]
    fn the_first_day_of_a_month_comes_by_the_history() {
        assert_eq!(need(Some(days("1999-01-04", "2026-11-30")), &wanted("2026-12-01")), all("2026-12-01"));
        assert_eq!(need(Some(days("1999-01-04", "2026-10-30")), &wanted("2026-11-02")), all("2026-11-02"));
    }

    #[test]
    fn nobody_is_asked_when_nothing_is_missing() {
        let covered = Some(days("1999-01-04", "2026-11-20"));
        assert_eq!(need(covered, &wanted("2026-11-20")), None);
        let weekend = Wanted {
            from: Some("2026-11-21".parse().unwrap()),
            to: Some("2026-11-22".parse().unwrap()),
            full: true,
            ..wanted("2026-11-20")
        };
        assert_eq!(need(covered, &weekend), None);
        let saturday_only =
            Wanted { from: "2020-05-02".parse().ok(), to: "2020-05-03".parse().ok(), full: true, ..weekend };
        assert_eq!(need(None, &saturday_only), None);
    }

    #[test]
    fn a_range_is_respected_and_leaves_no_gap() {
        let range = Wanted { from: "2020-01-02".parse().ok(), to: "2020-12-31".parse().ok(), ..wanted("2026-11-20") };
        let history = |from, to| Some(RateQuery { file: File::History, days: days(from, to) });
        assert_eq!(need(None, &range), history("2020-01-02", "2020-12-31"));
        assert_eq!(need(Some(days("2020-03-02", "2020-06-30")), &range), history("2020-01-02", "2020-12-31"));
        assert_eq!(need(Some(days("2022-01-03", "2023-06-30")), &range), history("2020-01-02", "2022-01-03"));
        assert_eq!(need(Some(days("2010-01-04", "2011-06-30")), &range), history("2011-06-30", "2020-12-31"));
        assert_eq!(need(Some(days("2010-01-04", "2021-06-30")), &range), None);
    }

    #[test]
    fn full_reads_the_history_again() {
        let full = Wanted { full: true, ..wanted("2026-11-20") };
        assert_eq!(need(Some(days("1999-01-04", "2026-11-20")), &full), all("2026-11-20"));
    }
}
