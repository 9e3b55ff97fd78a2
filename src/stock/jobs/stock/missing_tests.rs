use super::*;
use crate::stock::{
    bar::{Bar, BarBatch, Basis, CompanyId, Rejection, StockCode},
    company::CompanyStatus,
    loading::Change,
    overlap::OneBasis,
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
        overlap_sessions: 2,
        newest_final: day("2026-11-20"),
    }
}

/// The pieces of a company covered from 2026 on, with all sessions stored but those within `holes`.
fn found(wanted: &Wanted, holes: &[Days]) -> Vec<String> {
    let covered = days("2026-01-01", "2026-11-20");
    let series = Series { covered: Some(covered), newest_date: Some(covered.to), ..Series::default() };
    let dates: Vec<NaiveDate> = Calendar::embedded(Market::Tokyo)
        .sessions(covered)
        .filter(|day| !holes.iter().any(|hole| hole.contains(*day)))
        .collect();
    let pieces = missing(&company(), &Calendar::embedded(Market::Tokyo), &series, wanted, &dates);
    pieces.iter().map(|piece| in_words(std::slice::from_ref(piece))).collect()
}

#[test]
fn only_the_gaps_are_fetched_each_with_its_overlap_on_both_sides() {
    assert!(found(&wanted(), &[]).is_empty());
    let holes = [days("2026-02-10", "2026-02-13"), days("2026-06-01", "2026-06-05")];
    // 2026-02-11 is a holiday; the overlap is two sessions before and two after.
    assert_eq!(found(&wanted(), &holes), ["2026-02-06 to 2026-02-17", "2026-05-28 to 2026-06-09"]);
}

#[test]
fn a_range_limits_the_gaps_and_what_is_new_is_one() {
    let holes = [days("2026-02-10", "2026-02-13"), days("2026-06-01", "2026-06-05")];
    let spring = Wanted { from: Some(day("2026-05-01")), to: Some(day("2026-06-03")), ..wanted() };
    assert_eq!(found(&spring, &holes), ["2026-05-28 to 2026-06-05"]);
    assert_eq!(found(&wanted(), &[days("2026-11-19", "2026-11-20")]), ["2026-11-17 to 2026-11-20"]);
    let before = Wanted { from: Some(day("2025-12-22")), to: Some(day("2026-01-09")), ..wanted() };
    assert_eq!(found(&before, &[]), ["2025-12-22 to 2026-01-06"]);
}

#[test]
fn without_any_row_it_is_the_history() {
    let pieces = missing(&company(), &Calendar::embedded(Market::Tokyo), &Series::default(), &wanted(), &[]);
    assert_eq!(in_words(&pieces), "2000-01-01 to 2026-11-20");
    assert!(sessions_of(&Calendar::embedded(Market::Tokyo), &pieces[0]).is_empty());
    let known_to_have_none = Series { covered: Some(days("2000-01-01", "2026-11-20")), ..Series::default() };
    assert!(missing(&company(), &Calendar::embedded(Market::Tokyo), &known_to_have_none, &wanted(), &[]).is_empty());
}

#[test]
fn many_ranges_are_told_in_part() {
    let piece = Piece { days: days("2026-01-05", "2026-01-06"), gaps: Vec::new() };
    let told = in_words(&vec![piece; 23]);
    assert!(told.ends_with(" and 3 more") && told.matches(" to ").count() == 20, "{told}");
}

fn answer(dates: &[&str], vouched: Days) -> Fitted {
    let bar = |text: &&str| Bar { date: day(text), open: None, high: None, low: None, close: Some(1.0), volume: None };
    let bars: Vec<Bar> = dates.iter().map(bar).collect();
    let batch = BarBatch { source: "yahoo", basis: Basis::Split, bars, rejected: Vec::new(), vouched };
    let (bars, _) = OneBasis::join(&batch, None, &[], true).unwrap();
    Fitted { source: "yahoo", bars, agreeing: 2, fetched: 2, newest: None, change: Change::None, vouched }
}

const NOW: &str = "2026-11-20T09:00:00Z";

fn completed(answer: &mut Fitted, missing: &[&str], given: &[&str], rejected: &[Rejected]) -> Vec<String> {
    let missing: Vec<NaiveDate> = missing.iter().map(|text| day(text)).collect();
    let given: BTreeSet<NaiveDate> = given.iter().map(|text| day(text)).collect();
    complete(answer, &missing, (&given, rejected), Market::Tokyo, NOW.parse().unwrap());
    answer.bars.iter().filter(|bar| bar.close.is_none()).map(|bar| bar.date.to_string()).collect()
}

fn rejected(source: &'static str, date: Option<&str>) -> Vec<Rejected> {
    let row = Rejection { date: date.map(day), raw: String::new(), bar: None, reason: String::new(), decided: None };
    vec![Rejected { source, basis: Basis::Split, rows: vec![row] }]
}

#[test]
fn vouched_sessions_that_no_source_has_a_bar_for_had_no_trades() {
    let mut partly = answer(&["2026-06-02"], days("2026-05-28", "2026-06-03"));
    let missing = ["2026-06-01", "2026-06-02", "2026-06-03", "2026-06-04"];
    // 2026-06-03 stood in another source's answer, 2026-06-04 is not vouched for.
    assert_eq!(completed(&mut partly, &missing, &["2026-06-02", "2026-06-03"], &[]), ["2026-06-01"]);
    assert!(partly.bars.is_sorted_by_key(|bar| bar.date));
}

#[test]
fn a_quarantined_row_and_a_session_of_today_stay_missing() {
    let fresh = || answer(&[], days("2026-05-28", "2026-11-20"));
    let missing = ["2026-06-01", "2026-11-20"];
    assert_eq!(completed(&mut fresh(), &missing, &[], &[]), ["2026-06-01"]);
    assert!(completed(&mut fresh(), &missing, &[], &rejected("yahoo", Some("2026-06-01"))).is_empty());
    assert!(completed(&mut fresh(), &missing, &[], &rejected("yahoo", None)).is_empty(), "of what day, nobody knows");
    assert_eq!(completed(&mut fresh(), &missing, &[], &rejected("kabutan", None)), ["2026-06-01"]);
}
