//! `GET /bars`: many companies at once.

use std::sync::Arc;

use axum::http::StatusCode;
use data_infrastructure::{
    db::View,
    stock::{
        bar::Days,
        store::serving::{
            export::{Export, listed},
            stream,
        },
    },
};
use futures_util::TryStreamExt as _;
use serde_json::json;

use super::fixture::{House, UNEVEN, company};
use crate::support::{TestStore, on_both_databases, on_every_layout};

/// Beside the market's two companies 9433, with two sessions.
async fn house(store: TestStore) -> House {
    let house = House::with_market(store).await;
    house.company(&company("0009", "9433", "KDDI, Inc.")).await;
    let bar = "INSERT INTO stockprice (company_id, date, close_price, source) VALUES ('0009', $1, $2, 'file:plain')";
    for (date, close) in [("2026-11-18", 5.0), ("2026-11-20", 6.5)] {
        house.sql(bar, [super::fixture::day(date), close.into()]).await;
    }
    house
}

on_every_layout!(bars_of_many_companies_come_by_code_and_date, |store: TestStore| async {
    let house = house(store).await;
    let bar = |code: &str, date: &str, close: Option<f64>| json!({"stockCode": code, "date": date, "close": close});
    let toyota = [
        bar("7203", "2026-11-18", Some(UNEVEN)),
        bar("7203", "2026-11-19", None),
        bar("7203", "2026-11-20", Some(101.0)),
    ];
    let kddi = [bar("9433", "2026-11-18", Some(5.0)), bar("9433", "2026-11-20", Some(6.5))];
    for path in ["/api/v1/bars?", "/stock-prediction-dashboard/api/v1/bars?companies=9433,%207203,9433&"] {
        let reply = house.get(&format!("{path}columns=stockCode,date,close")).await;
        assert_eq!(reply.json()["data"], json!([toyota[0], toyota[1], toyota[2], kddi[0], kddi[1]]));
        assert_eq!(reply.json()["timestamp"], "2026-11-20T22:00:00.000Z");
    }
    let one = house.get("/api/v1/bars?companies=9433&from=2026-11-19&columns=stockCode,date,close").await;
    assert_eq!(one.json()["data"], json!([kddi[1]]));
    let ever = house.get("/api/v1/bars?companies=9433&from=0000-01-01&to=9999-12-31&format=csv").await;
    assert_eq!((ever.status, ever.text.lines().count()), (StatusCode::OK, 3), "{}", ever.text);
    assert!(ever.header("data-licence-note").contains("Stooq: private use"), "of all sources there can be");
    let long = house.get("/api/v1/bars?from=2000-01-01").await;
    let note = "simulated by us; from a file; whoever imported it knows its licence; Kabutan (Minkabu the Infonoid): \
                private use, no redistribution; Yahoo Finance: private use, no redistribution";
    assert_eq!((long.header("data-licence-note"), &long.json()["licenceNote"]), (note, &json!(note)));
    assert_eq!(one.header("data-licence-note"), "from a file; whoever imported it knows its licence");
    assert_eq!(one.json()["licenceNote"], one.header("data-licence-note"));

    let csv = house.get("/api/v1/bars?companies=7203,130A&from=2018-01-01&to=2018-12-31&format=csv").await;
    assert_eq!(
        csv.text,
        "stockCode,date,open,high,low,close,volume\r\n7203,2018-12-28,99.0,100.0,98.0,99.0,1000.0\r\n"
    );
    assert_eq!(csv.header("content-disposition"), "attachment; filename=\"bars.csv\"");
    let note = csv.header("data-licence-note");
    assert_eq!(note, "simulated by us; Yahoo Finance: private use, no redistribution");
    let named = "source,companyName,companyId,date";
    let named = house.get(&format!("/api/v1/bars?from=2026-11-20&columns={named}&format=csv")).await.text;
    let expected = "yahoo,トヨタ <自動車>,0001,2026-11-20\r\nfile:plain,\"KDDI, Inc.\",0009,2026-11-20\r\n";
    assert_eq!(named, format!("source,companyName,companyId,date\r\n{expected}"));

    house.change("DELETE", "/api/v1/companies/9433", "").await;
    assert_eq!(house.get("/api/v1/bars?format=csv").await.text.lines().count(), 6, "watched or not");
});

on_both_databases!(the_tag_of_an_export_changes_with_any_of_its_companies, |store: TestStore| async {
    let house = house(store).await;
    house
        .sql(
            "INSERT INTO stockprice_series (company_id, version, updated_at) VALUES ('0009', 1, CURRENT_TIMESTAMP)",
            [],
        )
        .await;
    let paths = ["/api/v1/bars", "/api/v1/bars?companies=7203"];
    let mut tags = Vec::new();
    for path in paths {
        let tag = house.get(path).await.header("etag").to_owned();
        assert_eq!(house.get_with(path, &[("if-none-match", &tag)]).await.status, StatusCode::NOT_MODIFIED);
        tags.push(tag);
    }
    assert_ne!(tags[0], tags[1]);
    for other in ["?from=2026-11-19", "?to=2026-11-19", "?columns=close", "?format=csv"] {
        assert_ne!(house.get(&format!("/api/v1/bars{other}")).await.header("etag"), tags[0], "{other}");
    }
    house.sql("UPDATE stockprice_series SET version = 2 WHERE company_id = '0009'", []).await;
    let answers = [house.get(paths[0]).await, house.get(paths[1]).await];
    assert_ne!(answers[0].header("etag"), tags[0]);
    assert_eq!(answers[1].header("etag"), tags[1]);
});

#[tokio::test]
async fn a_bad_parameter_of_an_export_is_named_with_what_would_be_right() {
    let house = house(TestStore::sqlite()).await;
    let many = (0..501).map(|number| format!("A{number}")).collect::<Vec<_>>().join(",");
    let many = format!("companies={many}");
    for (query, status, right) in [
        ("companies=NotExistCode,7203,X9", 404, "NOTEXISTCODE, X9"),
        ("companies=", 400, "companies: \\\"\\\" is no stock code"),
        ("companies=7203%27--", 400, "companies: \\\"7203'--\\\" is no stock code"),
        (many.as_str(), 400, "companies: there are 501 companies; 500 at once are the most"),
        ("columns=date,price", 400, "columns: \\\"price\\\" is no column; there are stockCode, companyId"),
        ("from=2020-02-30", 400, "from: \\\"2020-02-30\\\" is no day"),
        ("from=2026-11-22", 400, "from 2026-11-22 is after to 2026-11-21 (today)"),
        ("from=2020-01-02&to=2020-01-01", 400, "from 2020-01-02 is after to 2020-01-01"),
        ("startDate=2020-01-01", 400, "startDate"),
        ("format=xml", 400, "format"),
    ] {
        let reply = house.get(&format!("/api/v1/bars?{query}")).await;
        assert_eq!(reply.status.as_u16(), status, "{query}: {}", reply.text);
        assert!(reply.text.contains(right), "{query}: {}", reply.text);
    }
    let japanese = house.get_with("/api/v1/bars?columns=x", &[("accept-language", "ja")]).await;
    assert_eq!(japanese.status, StatusCode::BAD_REQUEST);
}

on_every_layout!(
    a_day_of_a_market_is_one_statement_and_longer_ranges_pieces_of_bounded_size,
    |store: TestStore| async {
        let house = House::empty(store).await;
        let mut expected = 0;
        for (number, sessions) in [(1, 12_000), (2, 3), (3, 0), (4, 700)].into_iter().chain((5..305).map(|n| (n, 40))) {
            let (id, code) = (format!("{number:04}"), format!("{}", 9_999 - number));
            house.company(&company(&id, &code, "x")).await;
            if sessions > 0 {
                house.days(&id, sessions).await;
                expected += sessions as usize;
            }
        }
        let companies: Arc<[_]> = listed(house.database.connection(), None).await.unwrap().into();
        assert_eq!((companies.len(), companies[0].stock_code.as_str()), (304, "9695"));
        let pieces = async |from: &str, to: &str| {
            let days = Days { from: from.parse().unwrap(), to: to.parse().unwrap() };
            let export = Export { companies: Arc::clone(&companies), days };
            let view = stream::view(&house.database, export.is_one_piece()).await.unwrap();
            let held = matches!(*view, View::Snapshot(_));
            let pieces: Vec<_> = export.bars(&view).try_collect().await.unwrap();
            (pieces, held)
        };
        let (day, held) = pieces("2000-01-02", "2000-01-02").await;
        assert_eq!((day.len(), day[0].len(), held), (1, 303, false));
        let (fortnight, held) = pieces("2000-01-01", "2000-01-20").await;
        assert_eq!((fortnight.len(), fortnight.concat().len(), held), (2, 302 * 20 + 3, true));
        let (all, held) = pieces("2000-01-01", "2040-01-01").await;
        assert!(held && all.iter().all(|piece| (1..=5_000).contains(&piece.len())));
        let all = all.concat();
        assert_eq!(all.len(), expected);
        assert!(all.is_sorted_by_key(|one| (one.company, one.bar.date)));
        assert!(pieces("1990-01-01", "1990-12-31").await.0.is_empty());
    }
);
