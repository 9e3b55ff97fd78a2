use chrono::NaiveDate;

use super::*;
use crate::stock::{
    bar::{CompanyId, StockCode},
    calendar::{Calendar, Market},
    company::{Company, CompanyStatus},
    listing::{Issue, IssueList, What},
};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn company(code: &str) -> Company {
    Company {
        company_id: CompanyId::parse(code).unwrap(),
        company_name: format!("会社{code}"),
        stock_code: StockCode::parse(code).unwrap(),
        country_code: "JP".into(),
        listed_market: "スタンダード".into(),
        foundation_date: None,
        longitude: None,
        latitude: None,
        status: CompanyStatus::Active,
        listed_from: None,
        listed_to: None,
    }
}

fn known(company: Company) -> Known {
    Known { company, newest_bar: None }
}

fn issue(code: &str, name: &str, segment: &str) -> Issue {
    Issue { code: StockCode::parse(code).unwrap(), name: name.into(), segment: Some(segment.into()) }
}

/// A complete list of a Friday.
fn list(issues: Vec<Issue>) -> IssueList {
    IssueList { source: "jpx", as_of: day("2024-06-28"), complete: true, issues }
}

/// What one company becomes by a list that may have it.
fn becomes(before: &Known, issues: Vec<Issue>) -> Option<Company> {
    let list = list(issues);
    let diff = diff(&Calendar::embedded(Market::Tokyo), std::slice::from_ref(before), &list);
    diff.changed.into_iter().next().map(|changed| changed.after)
}

#[test]
fn a_company_the_list_has_as_it_is_stays_and_a_new_one_is_new() {
    let list = list(vec![issue("1302", "乙", "グロース"), issue("1301", "会社１３０１", "スタンダード（内国株式）")]);
    let diff = diff(&Calendar::embedded(Market::Tokyo), &[known(company("1301"))], &list);
    assert_eq!((diff.unchanged, diff.changed.len(), diff.new), (1, 0, vec![&list.issues[0]]));
}

#[test]
fn a_new_name_and_a_new_segment_are_facts_of_the_list_s_day() {
    let list = list(vec![issue("1301", "甲ホールディングス", "プライム（内国株式）")]);
    let diff = diff(&Calendar::embedded(Market::Tokyo), &[known(company("1301"))], &list);
    let facts = diff.changed[0].facts(list.as_of, "jpx");
    let told: Vec<_> = facts.iter().map(|fact| (fact.what, fact.old.as_str(), fact.new.as_str())).collect();
    let name = (What::Name, "会社1301", "甲ホールディングス");
    assert_eq!(told, [name, (What::Segment, "スタンダード", "プライム")]);
    assert!(facts.iter().all(|fact| fact.changed_on == day("2024-06-28") && fact.source == "jpx"));
}

#[test]
fn a_list_without_segments_of_funds_neither_moves_nor_renames_them() {
    let fund = Company { listed_market: "ETF・ETN".into(), ..company("1306") };
    assert_eq!(becomes(&known(fund.clone()), vec![issue("1306", "甲アセット　ファンド", "その他")]), None);
    let vague = Company { listed_market: "その他".into(), ..fund };
    let found = becomes(&known(vague), vec![issue("1306", "甲アセット　ファンド", "その他")]).unwrap();
    assert_eq!((found.company_name.as_str(), found.listed_market.as_str()), ("甲アセット　ファンド", "その他"));
}

#[test]
fn a_company_a_complete_list_lacks_is_delisted_the_session_before() {
    let found = becomes(&known(company("1301")), Vec::new()).unwrap();
    assert_eq!((found.status, found.listed_to), (CompanyStatus::Delisted, Some(day("2024-06-27"))));
    let partial = IssueList { complete: false, ..list(Vec::new()) };
    assert_eq!(diff(&Calendar::embedded(Market::Tokyo), &[known(company("1301"))], &partial), Diff::default());
}

#[test]
fn a_better_day_of_the_end_counts() {
    let announced = |to| known(Company { listed_to: Some(day(to)), ..company("1301") });
    assert_eq!(becomes(&announced("2024-06-13"), Vec::new()).unwrap().listed_to, Some(day("2024-06-13")));
    assert_eq!(becomes(&announced("2024-09-30"), Vec::new()).unwrap().listed_to, Some(day("2024-06-27")));
    // It was traded on the very day whose list lacks it.
    let traded = Known { newest_bar: Some(day("2024-06-28")), ..known(company("1301")) };
    assert_eq!(becomes(&traded, Vec::new()).unwrap().listed_to, Some(day("2024-06-28")));
}

#[test]
fn one_that_is_known_to_be_listed_later_is_not_delisted_by_an_old_list() {
    let later = known(Company { listed_from: Some(day("2025-09-29")), ..company("8729") });
    assert_eq!(becomes(&later, Vec::new()), None);
    let traded = Known { newest_bar: Some(day("2024-07-01")), ..known(company("1301")) };
    assert_eq!(becomes(&traded, Vec::new()), None);
}

#[test]
fn ended_and_unwatched_companies_are_not_delisted() {
    for status in [CompanyStatus::Ended, CompanyStatus::Unwatched, CompanyStatus::Delisted] {
        assert_eq!(becomes(&known(Company { status, ..company("1301") }), Vec::new()), None, "{status:?}");
    }
}

#[test]
fn a_delisted_company_that_is_listed_again_is_active_again() {
    let gone = |to: Option<&str>| {
        known(Company { status: CompanyStatus::Delisted, listed_to: to.map(day), ..company("1301") })
    };
    let again = || vec![issue("1301", "会社1301", "スタンダード（内国株式）")];
    for to in [None, Some("2020-12-24")] {
        let found = becomes(&gone(to), again()).unwrap();
        assert_eq!((found.status, found.listed_to), (CompanyStatus::Active, None));
    }
    // The list speaks of a time when it still was listed.
    assert_eq!(becomes(&gone(Some("2025-12-30")), again()), None);
    let unwatched = known(Company { status: CompanyStatus::Unwatched, ..company("1301") });
    assert_eq!(becomes(&unwatched, again()), None);
}
