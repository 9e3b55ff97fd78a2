//! What is missing of a company's series, as a pure function: by need, not by weekday.

use chrono::NaiveDate;

use crate::stock::{bar::Days, calendar::Calendar, company::Company, store::series::Series};

/// What a run asks for, and what limits it.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    /// Also what is stored already.
    pub full: bool,
    /// The first day asked for a company without bars.
    pub history_from: NaiveDate,
    /// Stored sessions read again to compare.
    pub overlap_sessions: usize,
    /// The newest session whose final bar can be had.
    pub newest_final: NaiveDate,
}

/// The days to fetch; none when nothing can be new. What is covered stays without a gap: a range beyond it is
/// fetched together with what lies between.
#[must_use]
pub fn need(company: &Company, calendar: &Calendar, series: &Series, wanted: &Wanted) -> Option<Days> {
    let Days { from, to } = wanted_days(company, calendar, series, wanted)?;
    let Some(covered) = series.covered else { return Some(Days { from, to }) };
    let later = to > covered.to && calendar.sessions(Days { from: next_day(covered.to), to }).next().is_some();
    let earlier = from < covered.from
        && calendar.sessions(Days { from, to: covered.from.pred_opt().unwrap_or(covered.from) }).next().is_some();
    let before = || calendar.nth_session_before(newest_covered(series, covered), overlap(wanted)).max(covered.from);
    let after = || nth_session_after(calendar, covered.from, overlap(wanted)).min(covered.to);
    match (wanted.full, earlier, later) {
        (true, ..) => Some(Days {
            from: if later { from.min(before()) } else { from.min(covered.to) },
            to: if earlier { to.max(after()) } else { to.max(covered.from) },
        }),
        (false, false, false) => None,
        (false, false, true) => Some(Days { from: before(), to }),
        (false, true, false) => Some(Days { from, to: after() }),
        (false, true, true) => Some(Days { from, to }),
    }
}

/// The days that are wanted of a company, as far as it can have sessions in them.
fn wanted_days(company: &Company, calendar: &Calendar, series: &Series, wanted: &Wanted) -> Option<Days> {
    let from = first_wanted(series, wanted);
    let from = company.listed_from.map_or(from, |listed| from.max(listed));
    let to = wanted.to.unwrap_or(wanted.newest_final).min(wanted.newest_final);
    let to = company.listed_to.map_or(to, |listed| to.min(listed));
    // An end without sessions behind it is not worth a request.
    let to = calendar.previous_session(next_day(to));
    (from <= to).then_some(Days { from, to })
}

fn first_wanted(series: &Series, wanted: &Wanted) -> NaiveDate {
    wanted.from.unwrap_or_else(|| series.covered.map_or(wanted.history_from, |days| days.from))
}

/// Why nothing is to be fetched, for a person: all is there, or there can be nothing in the days asked for.
#[must_use]
pub fn why_nothing(company: &Company, calendar: &Calendar, series: &Series, wanted: &Wanted) -> String {
    if wanted_days(company, calendar, series, wanted).is_some() {
        return "up to date".to_owned();
    }
    let to = wanted.to.unwrap_or(wanted.newest_final).min(wanted.newest_final);
    match (company.listed_from, company.listed_to) {
        (_, Some(last)) if last < first_wanted(series, wanted) => format!("nothing to fetch: delisted {last}"),
        (Some(first), _) if first > to => format!("nothing to fetch: not listed before {first}"),
        _ => "nothing to fetch in these days".to_owned(),
    }
}

/// All there can be, for a series whose basis nobody knows: a source's whole history is to settle it, whatever is asked
/// for. `first` is the first stored session.
#[must_use]
pub fn whole_history(
    company: &Company,
    calendar: &Calendar,
    series: &Series,
    first: NaiveDate,
    wanted: &Wanted,
) -> Option<Days> {
    let from = company.listed_from.map_or(wanted.history_from, |listed| wanted.history_from.max(listed)).min(first);
    let last = company.listed_to.map_or(wanted.newest_final, |listed| series.newest_date.unwrap_or(listed).max(listed));
    let to = calendar.previous_session(next_day(last.min(wanted.newest_final)));
    (from <= to).then_some(Days { from, to })
}

/// Bars of a file may lie beyond what is covered, with a gap before them.
fn newest_covered(series: &Series, covered: Days) -> NaiveDate {
    series.newest_date.map_or(covered.to, |newest| newest.min(covered.to))
}

/// The newest stored session is one of the overlap.
fn overlap(wanted: &Wanted) -> usize {
    wanted.overlap_sessions.saturating_sub(1)
}

fn nth_session_after(calendar: &Calendar, date: NaiveDate, n: usize) -> NaiveDate {
    (0..n).fold(date, |date, _| calendar.next_session_after(date))
}

fn next_day(date: NaiveDate) -> NaiveDate {
    date.succ_opt().unwrap_or(date)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stock::{
        bar::{CompanyId, StockCode},
        calendar::{Market, MarketDay},
        company::CompanyStatus,
    };

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn days(from: &str, to: &str) -> Days {
        Days { from: day(from), to: day(to) }
    }

    fn company() -> Company {
        Company {
            company_id: CompanyId::parse("0001").unwrap(),
            company_name: "a company".into(),
            stock_code: StockCode::parse("1101").unwrap(),
            country_code: "JP".into(),
            listed_market: "market".into(),
            foundation_date: None,
            longitude: None,
            latitude: None,
            status: CompanyStatus::Active,
            listed_from: None,
            listed_to: None,
        }
    }

    fn wanted() -> Wanted {
        Wanted {
            from: None,
            to: None,
            full: false,
            history_from: day("2000-01-01"),
            overlap_sessions: 3,
            // a Friday
            newest_final: day("2026-11-20"),
        }
    }

    fn series(from: &str, to: &str) -> Series {
        Series { covered: Some(days(from, to)), newest_date: Some(day(to)), ..Series::default() }
    }

    fn need_of(series: &Series, wanted: &Wanted) -> Option<Days> {
        need(&company(), &Calendar::embedded(Market::Tokyo), series, wanted)
    }

    #[test]
    fn a_company_without_bars_needs_its_history() {
        assert_eq!(need_of(&Series::default(), &wanted()), Some(days("2000-01-01", "2026-11-20")));
        let listed = Company { listed_from: Some(day("2024-06-03")), ..company() };
        let found = need(&listed, &Calendar::embedded(Market::Tokyo), &Series::default(), &wanted());
        assert_eq!(found, Some(days("2024-06-03", "2026-11-20")));
    }

    #[test]
    fn what_is_covered_to_the_newest_session_needs_nothing() {
        assert_eq!(need_of(&series("2000-01-01", "2026-11-20"), &wanted()), None);
        // A weekend later there is still nothing new.
        let sunday = Wanted { to: Some(day("2026-11-22")), ..wanted() };
        assert_eq!(need_of(&series("2000-01-01", "2026-11-20"), &sunday), None);
    }

    #[test]
    fn new_sessions_are_fetched_with_the_overlap_before_them() {
        // The overlap's three sessions: Tue 17, Wed 18, Thu 19.
        assert_eq!(need_of(&series("2000-01-01", "2026-11-19"), &wanted()), Some(days("2026-11-17", "2026-11-20")));
    }

    #[test]
    fn an_earlier_start_is_fetched_with_the_overlap_after_it() {
        let from_2019 = Wanted { from: Some(day("2019-01-01")), ..wanted() };
        // Sessions from 2020-01-06: 6, 7, 8.
        let found = need_of(&series("2020-01-06", "2026-11-20"), &from_2019);
        assert_eq!(found, Some(days("2019-01-01", "2020-01-08")));
    }

    #[test]
    fn a_range_apart_from_what_is_covered_is_fetched_without_leaving_a_gap() {
        let apart = Wanted { from: Some(day("2024-01-04")), to: Some(day("2024-02-29")), ..wanted() };
        let found = need_of(&series("2020-01-06", "2021-12-30"), &apart);
        assert_eq!(found, Some(days("2021-12-28", "2024-02-29")));
    }

    #[test]
    fn nothing_is_asked_after_the_last_day_of_trading() {
        let delisted = Company { listed_to: Some(day("2020-12-24")), ..company() };
        let found = need(&delisted, &Calendar::embedded(Market::Tokyo), &series("2000-01-01", "2020-12-24"), &wanted());
        assert_eq!(found, None);
    }

    #[test]
    fn up_to_date_is_only_what_there_is_something_of() {
        let said = |company: &Company, series: &Series, from: Option<&str>, to: Option<&str>| {
            let wanted = Wanted { from: from.map(day), to: to.map(day), ..wanted() };
            let calendar = Calendar::embedded(Market::Tokyo);
            assert_eq!(need(company, &calendar, series, &wanted), None);
            why_nothing(company, &calendar, series, &wanted)
        };
        let (none, covered) = (Series::default(), series("2000-01-01", "2026-11-20"));
        assert_eq!(said(&company(), &covered, None, None), "up to date");
        assert_eq!(said(&company(), &covered, Some("2024-01-04"), Some("2024-03-29")), "up to date");
        let delisted = Company { listed_to: Some(day("2022-12-30")), ..company() };
        let of_2024 = said(&delisted, &none, Some("2024-01-04"), None);
        assert_eq!(of_2024, "nothing to fetch: delisted 2022-12-30");
        assert_eq!(said(&delisted, &series("2000-01-01", "2022-12-30"), None, None), "up to date");
        let listed = Company { listed_from: Some(day("2024-06-03")), ..company() };
        let before = said(&listed, &none, None, Some("2024-05-31"));
        assert_eq!(before, "nothing to fetch: not listed before 2024-06-03");
        let weekend = said(&company(), &none, Some("2026-11-14"), Some("2026-11-15"));
        assert_eq!(weekend, "nothing to fetch in these days");
    }

    #[test]
    fn a_gap_before_bars_of_a_file_is_fetched() {
        let apart = Series { newest_date: Some(day("2024-06-28")), ..series("2000-01-01", "2024-03-29") };
        // The overlap's three sessions: Wed 27, Thu 28, Fri 29.
        assert_eq!(need_of(&apart, &wanted()), Some(days("2024-03-27", "2026-11-20")));
    }

    #[test]
    fn a_day_that_the_exchange_closes_is_not_asked_for_and_one_that_it_opens_is() {
        let of = |date: &str, is_open, covered_to: &str, newest_final: &str| {
            let said = MarketDay { date: day(date), is_open };
            let calendar = Calendar::announced(Market::Tokyo, [said], None);
            let wanted = Wanted { newest_final: day(newest_final), to: Some(day("2026-11-30")), ..wanted() };
            need(&company(), &calendar, &series("2000-01-01", covered_to), &wanted)
        };
        // By the table Friday the 20th is a session, and Monday the 23rd a holiday.
        assert_eq!(of("2026-11-20", false, "2026-11-19", "2026-11-20"), None);
        let (monday, overlap) = ("2026-11-23", days("2026-11-18", "2026-11-23"));
        assert_eq!(of(monday, true, "2026-11-20", monday), Some(overlap));
        assert_eq!(of(monday, true, "2026-11-23", monday), None);
    }

    #[test]
    fn a_series_nobody_knows_the_basis_of_is_fetched_as_a_whole() {
        let unsettled = Series { newest_date: Some(day("2021-03-05")), ..Series::default() };
        let asked = Wanted { from: Some(day("2026-11-02")), ..wanted() };
        let of = |company: &Company, first| {
            whole_history(company, &Calendar::embedded(Market::Tokyo), &unsettled, day(first), &asked)
        };
        assert_eq!(of(&company(), "2019-01-04"), Some(days("2000-01-01", "2026-11-20")));
        assert_eq!(of(&company(), "1998-01-05"), Some(days("1998-01-05", "2026-11-20")));
        let delisted = Company { listed_to: Some(day("2020-12-24")), ..company() };
        assert_eq!(of(&delisted, "2019-01-04"), Some(days("2000-01-01", "2021-03-05")));
    }

    #[test]
    fn full_fetches_the_range_again() {
        let full = Wanted { full: true, ..wanted() };
        let found = need_of(&series("2000-01-01", "2026-11-20"), &full);
        assert_eq!(found, Some(days("2000-01-01", "2026-11-20")));
    }
}
