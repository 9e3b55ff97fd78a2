//! The list of issues and the calendar.

use wiremock::matchers::{path, query_param};
use wiremock::{Mock, ResponseTemplate};

use super::super::{JquantsCalendar, JquantsMaster};
use super::*;
use crate::stock::bar::Days;
use crate::stock::calendar::MarketDay;
use crate::stock::listing::IssueList;
use crate::stock::sources::testing::{day, real};
use crate::stock::sources::{CalendarQuery, ListQuery};

async fn list(body: &str) -> Result<Answer<IssueList>, Refusal> {
    let server = MockServer::start().await;
    Mock::given(path("/equities/master"))
        .respond_with(ResponseTemplate::new(200).set_body_string(body))
        .mount(&server)
        .await;
    JquantsMaster::new(api(&server)).fetch(&ListQuery::default(), &CancellationToken::new()).await
}

#[tokio::test]
async fn the_list_has_our_codes_names_and_segments() {
    let Ok(Answer::Data(list)) = list(MASTER).await else { panic!("a list") };
    let issues: Vec<_> =
        list.issues.iter().map(|issue| (issue.code.as_str(), issue.name.as_str(), issue.segment.as_deref())).collect();
    let expected = [
        ("7777", "見本製造", Some("プライム")),
        ("777A", "見本新興", Some("グロース")),
        ("77775", "見本製造 第1種優先株式", None),
    ];
    assert_eq!(issues, expected);
    assert_eq!((list.source, list.as_of, list.complete), ("jquants", day("2024-01-12"), true));
}

#[tokio::test]
async fn a_list_with_an_unreadable_issue_is_not_complete() {
    let six = MASTER.replace("\n  ]", ",{\"Date\":\"2024-01-12\",\"Code\":\"10010\",\"CoName\":\"a\"},{\"Date\":\"2024-01-12\",\"Code\":\"10020\",\"CoName\":\"b\"}\n  ]");
    let Ok(Answer::Data(whole)) = list(&six).await else { panic!("a list") };
    assert_eq!((whole.issues.len(), whole.complete), (5, true));
    let Ok(Answer::Data(part)) = list(&six.replace("\"10020\"", "\"1002\"")).await else { panic!("a list") };
    assert_eq!((part.issues.len(), part.complete), (4, false));
    assert_eq!(list(NOTHING).await, Ok(Answer::NoNewData));
    assert!(matches!(list(&MASTER.replace("\"Code\"", "\"Id\"")).await, Err(Refusal::SchemaChanged { .. })));
}

#[tokio::test]
async fn the_list_of_a_day_is_asked_for_by_date() {
    let server = MockServer::start().await;
    let dated = Mock::given(path("/equities/master")).and(query_param("date", "2024-01-12"));
    dated.respond_with(ResponseTemplate::new(200).set_body_string(MASTER)).mount(&server).await;
    let query = ListQuery { day: Some(day("2024-01-12")) };
    let answer = JquantsMaster::new(api(&server)).fetch(&query, &CancellationToken::new()).await;
    assert!(matches!(answer, Ok(Answer::Data(list)) if list.issues.len() == 3));
}

/// The first version's names are those of the second, written out.
#[tokio::test]
async fn the_real_list_of_the_first_version_is_read_under_the_names_of_the_second() {
    let Some(body) = real("jquants/v1_listed_info.20230314.json") else { return };
    let names = [("CompanyNameEnglish", "CoNameEn"), ("CompanyName", "CoName"), ("MarketCodeName", "MktNm")];
    let body = names.iter().fold(body, |body, (old, new)| body.replace(old, new));
    let Ok(Answer::Data(list)) = list(&format!("{{\"data\": {body}}}")).await else { panic!("a list") };
    assert!(list.complete && list.issues.len() > 4000, "{}", list.issues.len());
    assert!(list.issues.iter().any(|issue| issue.code.as_str() == "7203"));
    assert!(list.issues.iter().any(|issue| issue.code.as_str() == "25935"));
}

async fn calendar(status: u16, body: &str) -> Result<Answer<Vec<MarketDay>>, Refusal> {
    let server = MockServer::start().await;
    let asked = Mock::given(path("/markets/calendar")).and(query_param("from", "2024-01-01"));
    asked.respond_with(ResponseTemplate::new(status).set_body_string(body)).mount(&server).await;
    let query = CalendarQuery { days: Days { from: day("2024-01-01"), to: day("2024-01-06") } };
    JquantsCalendar::new(api(&server)).fetch(&query, &CancellationToken::new()).await
}

#[tokio::test]
async fn divisions_of_holidays_are_read_as_the_exchange_means_them() {
    let divisions = ["\"0\"", "\"1\"", "\"2\"", "\"3\"", "1"];
    let days: Vec<String> =
        (1..).zip(divisions).map(|(n, div)| format!("{{\"Date\":\"2024-01-0{n}\",\"HolDiv\":{div}}}")).collect();
    let Ok(Answer::Data(found)) = calendar(200, &format!("{{\"data\":[{}]}}", days.join(","))).await else {
        panic!("a calendar")
    };
    assert_eq!(found.iter().map(|day| day.is_open).collect::<Vec<_>>(), [false, true, true, false, true]);
    let unknown = r#"{"data":[{"Date":"2024-01-04","HolDiv":"9"}]}"#;
    assert!(matches!(calendar(200, unknown).await, Err(Refusal::SchemaChanged { .. })));
    assert_eq!(calendar(200, NOTHING).await, Ok(Answer::NoNewData));
    assert!(matches!(calendar(403, NOT_IN_PLAN).await, Err(Refusal::Blocked { .. })));
}

#[tokio::test]
async fn of_the_days_of_a_calendar_a_plan_gives_its_part() {
    let server = MockServer::start().await;
    let answers = |from: &str, to: &str, answer: &ResponseTemplate| {
        let asked = Mock::given(path("/markets/calendar")).and(query_param("from", from)).and(query_param("to", to));
        asked.respond_with(answer.clone()).expect(1)
    };
    let told = r#"{"message":"Your subscription covers the following dates: 2024-01-03 ~ 2024-01-05."}"#;
    let refusal = ResponseTemplate::new(400).set_body_string(told);
    answers("2024-01-01", "2024-12-31", &refusal).mount(&server).await;
    let part = r#"{"data":[{"Date":"2024-01-04","HolDiv":"1"}]}"#;
    let part = ResponseTemplate::new(200).set_body_string(part);
    answers("2024-01-03", "2024-01-05", &part).mount(&server).await;
    // Nothing of these days is in the plan: that is not asked for once more.
    answers("2024-02-01", "2024-02-29", &refusal).mount(&server).await;
    let calendar = JquantsCalendar::new(api(&server));
    let days = |from: &str, to: &str| CalendarQuery { days: Days { from: day(from), to: day(to) } };
    let cancel = CancellationToken::new();
    let found = calendar.fetch(&days("2024-01-01", "2024-12-31"), &cancel).await;
    assert_eq!(found, Ok(Answer::Data(vec![MarketDay { date: day("2024-01-04"), is_open: true }])));
    let refused = calendar.fetch(&days("2024-02-01", "2024-02-29"), &cancel).await;
    assert!(matches!(refused, Err(Refusal::Blocked { .. })), "{refused:?}");
}
