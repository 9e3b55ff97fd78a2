//! What is there of each company's sessions.

use std::time::Instant;

use axum::http::StatusCode;
use chrono::NaiveDate;
use data_infrastructure::stock::{
    bar::Days,
    calendar::{Calendar, Market},
    company::{Company, CompanyStatus},
};
use serde_json::{Value, json};

use super::fixture::{House, company};
use crate::support::{TestStore, on_both_databases, on_every_layout};

fn days(from: &str, to: &str) -> Vec<NaiveDate> {
    Calendar::embedded(Market::Tokyo).sessions(Days { from: from.parse().unwrap(), to: to.parse().unwrap() }).collect()
}

/// A row on each of these days for each of these companies.
async fn fill(house: &House, ids: &[String], dates: &[NaiveDate]) {
    let list = |name: &str, place: &str, kind: &str| match house.database.is_postgres() {
        true => format!("(SELECT value::{kind} AS {name} FROM json_array_elements_text({place}::json))"),
        false => format!("(SELECT value AS {name} FROM json_each({place}))"),
    };
    let (ids, dates) = (json!(ids).to_string(), json!(dates).to_string());
    let sql = format!(
        "INSERT INTO stockprice (company_id, date, close_price, source) SELECT c.id, d.day, 100.0, 'yahoo' \
         FROM {} AS c CROSS JOIN {} AS d",
        list("id", "$1", "varchar"),
        list("day", "$2", "date")
    );
    house.sql(&sql, [ids.into(), dates.into()]).await;
}

on_both_databases!(gaps_are_the_runs_of_sessions_without_a_row, |store: TestStore| async {
    let house = House::with_market(store).await;
    let missing = days("2018-12-29", "2026-11-17").len();
    let toyota = json!({
        "companyId": "0001", "companyName": "トヨタ <自動車>", "stockCode": "7203", "countryCode": "JP",
        "status": "active", "listedFrom": null, "listedTo": null,
        "firstDate": "2018-12-28", "newestDate": "2026-11-20",
        "sessionsExpected": missing + 4, "sessionsPresent": 4, "sessionsWithoutTrades": 1,
        "gaps": [{"from": "2019-01-04", "to": "2026-11-17", "sessions": missing}],
        "coveredFrom": null, "coveredTo": null, "basis": "split", "source": "yahoo", "stale": true,
        "unexpected": [],
    });
    let all = house.get("/api/v1/coverage").await;
    assert_eq!((all.status, &all.json()["nextCursor"]), (StatusCode::OK, &Value::Null));
    let all = all.json();
    assert_eq!(all["items"][1], toyota);
    let delisted = &all["items"][0];
    assert_eq!(
        (&delisted["stockCode"], &delisted["sessionsExpected"], &delisted["gaps"], &delisted["stale"]),
        (&json!("130A"), &json!(0), &json!([]), &json!(false))
    );
    assert_eq!(house.get("/api/v1/coverage?stockCode=7203").await.json()["items"], json!([toyota]));
    for path in ["/api/v1/coverage/7203", "/stock-prediction-dashboard/api/v1/coverage/7203"] {
        let one = house.get(path).await.json();
        assert_eq!((&one["gaps"], &one["timestamp"]), (&toyota["gaps"], &json!("2026-11-20T22:00:00.000Z")));
    }
    let lines = house.get("/api/v1/coverage/7203?format=csv").await.text;
    assert!(lines.starts_with("companyId,companyName,stockCode,"), "{lines}");
    assert!(lines.contains(&format!(",4,1,2019-01-04 to 2026-11-17 ({missing}),,,split,yahoo,true,\r\n")), "{lines}");
});

on_both_databases!(listing_coverage_and_delisting_limit_what_is_expected, |store: TestStore| async {
    let house = House::empty(store).await;
    let of = |id: &str, code: &str, status, from: Option<&str>, to: Option<&str>| Company {
        status,
        listed_from: from.map(|day| day.parse().unwrap()),
        listed_to: to.map(|day| day.parse().unwrap()),
        ..company(id, code, "会社")
    };
    for one in [
        of("A", "1001", CompanyStatus::Active, Some("2026-11-02"), None),
        of("B", "1002", CompanyStatus::Delisted, None, Some("2026-11-12")),
        of("C", "1003", CompanyStatus::Unwatched, None, None),
        of("D", "1004", CompanyStatus::Active, Some("2026-11-16"), None),
    ] {
        house.company(&one).await;
    }
    let there: Vec<NaiveDate> =
        days("2026-11-09", "2026-11-12").into_iter().filter(|day| day.to_string() != "2026-11-10").collect();
    fill(&house, &["A".into(), "B".into(), "C".into()], &there).await;
    let all = house.get("/api/v1/coverage").await.json();
    let told = |n: usize| {
        let one = &all["items"][n];
        let gaps: Vec<String> = one["gaps"]
            .as_array()
            .unwrap()
            .iter()
            .map(|gap| format!("{}..{}", gap["from"].as_str().unwrap(), gap["to"].as_str().unwrap()))
            .collect();
        (
            one["sessionsExpected"].as_u64().unwrap(),
            one["sessionsPresent"].as_u64().unwrap(),
            gaps.join(" "),
            one["stale"].as_bool().unwrap(),
        )
    };
    // 2026-11-03 is a holiday.
    assert_eq!(told(0), (14, 3, "2026-11-02..2026-11-06 2026-11-10..2026-11-10 2026-11-13..2026-11-20".into(), true));
    assert_eq!(told(1), (4, 3, "2026-11-10..2026-11-10".into(), false));
    assert_eq!(told(2), (4, 3, "2026-11-10..2026-11-10".into(), false));
    assert_eq!(told(3), (5, 0, "2026-11-16..2026-11-20".into(), true));
    let page = house.get("/companies/1001").await.text;
    assert!(page.contains("3 of 14 sessions") && page.contains("2026-11-13 to 2026-11-20 (6)"), "{page}");
});

on_both_databases!(pages_of_companies_follow_one_another_by_code, |store: TestStore| async {
    let house = House::with_market(store).await;
    let first = house.get("/api/v1/coverage?limit=1").await.json();
    assert_eq!((&first["items"][0]["stockCode"], &first["nextCursor"]), (&json!("130A"), &json!("130A:S001")));
    // A company that comes before the cursor shifts nothing.
    house.company(&company("0009", "1000", "新しい")).await;
    let second = house.get("/api/v1/coverage?limit=1&cursor=130A:S001").await;
    assert_eq!((&second.json()["items"][0]["stockCode"], &second.json()["nextCursor"]), (&json!("7203"), &Value::Null));
    let csv = house.get("/api/v1/coverage?limit=1&format=csv").await;
    assert_eq!((csv.text.lines().count(), csv.header("next-cursor")), (2, "1000:0009"));
});

on_both_databases!(coverage_is_304_until_something_changes, |store: TestStore| async {
    let house = House::with_market(store).await;
    for path in ["/api/v1/coverage", "/api/v1/coverage/7203"] {
        let reply = house.get(path).await;
        assert_eq!(reply.header("cache-control"), "private, max-age=0, must-revalidate");
        let known = [("if-none-match", reply.header("etag"))];
        assert_eq!(house.get_with(path, &known).await.status, StatusCode::NOT_MODIFIED, "{path}");
        house.sql("UPDATE stockprice_series SET version = version + 1", []).await;
        assert_eq!(house.get_with(path, &known).await.status, StatusCode::OK, "{path}");
    }
});

on_both_databases!(what_the_exchange_says_of_its_days_is_what_is_expected, |store: TestStore| async {
    let house = House::empty(store).await;
    house.company(&company("A", "1001", "会社")).await;
    // By the table Tuesday the 3rd is a holiday and Thursday the 12th a session; the 5th has no row, the 12th has one.
    let there: Vec<NaiveDate> =
        days("2026-11-02", "2026-11-20").into_iter().filter(|day| day.to_string() != "2026-11-05").collect();
    fill(&house, &["A".into()], &there).await;
    let before = house.get("/api/v1/coverage").await;
    let told = |text: &Value| {
        let gaps: Vec<String> =
            text["gaps"].as_array().unwrap().iter().map(|gap| gap["from"].as_str().unwrap().to_owned()).collect();
        let number = |name: &str| text[name].as_u64().unwrap();
        (number("sessionsExpected"), number("sessionsPresent"), gaps.join(" "), text["unexpected"].clone())
    };
    assert_eq!(told(&before.json()["items"][0]), (14, 13, "2026-11-05".to_owned(), json!([])));
    house.sql("INSERT INTO market_calendar (country_code, asked_at) VALUES ('JP', CURRENT_TIMESTAMP)", []).await;
    for (day, is_session) in [("2026-11-03", true), ("2026-11-12", false)] {
        let sql = "INSERT INTO market_day (country_code, day, is_session, source, fetched_at) \
                   VALUES ('JP', $1, $2, 'jquants', CURRENT_TIMESTAMP)";
        house.sql(sql, [super::fixture::day(day), is_session.into()]).await;
    }
    // What a client holds is no longer so.
    let known = [("if-none-match", before.header("etag"))];
    let after = house.get_with("/api/v1/coverage", &known).await;
    assert_eq!(after.status, StatusCode::OK);
    // One session more and one less; as many rows as before, one of which is expected no more.
    let expected = (14, 12, "2026-11-03 2026-11-05".to_owned(), json!(["2026-11-12"]));
    assert_eq!(told(&after.json()["items"][0]), expected);
    let one = house.get("/api/v1/coverage/1001").await.json();
    assert_eq!(told(&one), expected);
    let line = house.get("/api/v1/coverage?format=csv").await.text;
    assert!(line.lines().next().unwrap().ends_with(",stale,unexpected") && line.ends_with(",2026-11-12\r\n"), "{line}");
    let page = house.get("/companies/1001").await.text;
    assert!(page.contains("12 of 14 sessions"), "{page}");
});

#[tokio::test]
async fn what_cannot_be_asked_of_the_coverage_is_refused() {
    let house = House::with_market(TestStore::sqlite()).await;
    for (path, status, named) in [
        ("/api/v1/coverage/9999", 404, "9999"),
        ("/api/v1/coverage?stockCode=9999", 404, "9999"),
        ("/api/v1/coverage?stockCode=72%2003", 400, "stockCode"),
        ("/api/v1/coverage?limit=0", 400, "limit"),
        ("/api/v1/coverage?limit=501", 400, "limit"),
        ("/api/v1/coverage?cursor=7203", 400, "cursor"),
        ("/api/v1/coverage?cursor=%00:1", 400, "cursor"),
        ("/api/v1/coverage?since=2020-01-01", 400, "since"),
        ("/api/v1/coverage?format=xml", 400, "format"),
        ("/api/v1/coverage/7203?limit=5", 400, "limit"),
    ] {
        let reply = house.get(path).await;
        assert_eq!(reply.status.as_u16(), status, "{path}");
        assert!(reply.text.contains(named), "{path}: {}", reply.text);
    }
}

on_every_layout!(the_coverage_of_many_companies_is_one_pass_over_their_rows, |store: TestStore| async {
    let house = House::empty(store).await;
    let dates = days("2016-11-24", "2026-11-20");
    let mut ids = Vec::new();
    for number in 0..200 {
        ids.push(format!("{number:04}"));
        house.company(&company(&ids[number], &format!("{}", 1000 + number), "会社")).await;
    }
    fill(&house, &ids[..190], &dates).await;
    let holes: Vec<NaiveDate> = dates.iter().enumerate().filter(|(n, _)| n % 100 != 50).map(|(_, day)| *day).collect();
    fill(&house, &ids[190..], &holes).await;
    let started = Instant::now();
    let all = house.get("/api/v1/coverage?limit=500").await.json();
    let took = started.elapsed();
    eprintln!("coverage of {} rows: {took:?}", 190 * dates.len() + 10 * holes.len());
    let items = all["items"].as_array().unwrap();
    let gaps: usize = items.iter().map(|one| one["gaps"].as_array().unwrap().len()).sum();
    assert_eq!((items.len(), gaps), (200, 10 * (dates.len() - holes.len())));
    assert!(took.as_secs() < 10, "{took:?}");
});
