//! The routes on both databases: shapes, formats, tags, and what bad requests get.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use axum::{
    Extension, Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode},
};
use data_infrastructure::{
    clock::Clock,
    db::{self, Database, execute},
    fx::{
        api::router,
        rate::{Currency, Rate},
        store::{rates, series},
    },
    http::{
        Auth,
        settings::{NamedToken, Scope},
        table::Files,
    },
    settings::Secret,
};
use tower::ServiceExt as _;

use super::world::day;
use crate::support::{TestStore, on_both_databases};

/// A number that only exact arithmetic and storage give back.
const UNEVEN: f64 = 0.1 + 0.2;

struct House {
    database: Database,
    router: Router,
    _store: TestStore,
}

struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Reply {
    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl House {
    /// Saturday in Frankfurt, while it is Friday in UTC; a few rates of the dollar, one of the pound of Cyprus.
    async fn new(store: TestStore, protect_reads: bool) -> Self {
        let database = Database::connect(&store.url, 4).await.unwrap();
        db::migrate_up(&store.url).await.unwrap();
        let transaction = database.begin().await.unwrap();
        let given = |code: &str, given: &[(&str, f64)]| -> Vec<Rate> {
            let currency = Currency::parse(code).unwrap();
            given.iter().map(|(date, rate)| Rate { currency, date: day(date), rate: *rate }).collect()
        };
        let dollar = [("2018-12-31", 1.145), ("2026-11-18", UNEVEN), ("2026-11-19", 1.25), ("2026-11-20", 1.5)];
        for rates in [given("CYP", &[("2007-12-31", 0.585_274)]), given("USD", &dollar)] {
            rates::store(&transaction, "ecb", &rates).await.unwrap();
        }
        series::lock(&transaction, "ecb").await.unwrap();
        transaction.commit().await.unwrap();
        let tokens = vec![NamedToken::new("eyes", Secret::new("eyes-token"), Scope::Read)];
        let auth = Auth::new(tokens, protect_reads, SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)));
        let clock = Clock::fixed("2026-11-20T23:30:00Z".parse().unwrap());
        let router =
            Files::default().around(router(database.clone(), clock).split().0).layer(Extension(Arc::new(auth)));
        Self { database, router, _store: store }
    }

    async fn get(&self, path: &str) -> Reply {
        self.get_with(path, &[]).await
    }

    async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        let request = headers.iter().fold(Request::get(path), |request, (name, value)| request.header(*name, *value));
        let response = self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let text = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap();
        Reply { status: parts.status, headers: parts.headers, text }
    }
}

on_both_databases!(the_currencies_are_listed_with_their_days, |store: TestStore| async {
    let house = House::new(store, false).await;
    let reply = house.get("/api/v1/fx").await;
    assert_eq!(reply.status, StatusCode::OK);
    let expected = serde_json::json!({
        "timestamp": "2026-11-20T23:30:00.000Z", "base": "EUR", "source": "ecb",
        "licenceNote": data_infrastructure::fx::ecb::LICENCE_NOTE,
        "currencies": [
            { "currency": "CYP", "firstDate": "2007-12-31", "newestDate": "2007-12-31" },
            { "currency": "USD", "firstDate": "2018-12-31", "newestDate": "2026-11-20" },
        ],
    });
    assert_eq!(reply.json(), expected);
    let csv = house.get("/api/v1/fx?format=csv").await;
    assert_eq!(csv.text, "currency,firstDate,newestDate\r\nCYP,2007-12-31,2007-12-31\r\nUSD,2018-12-31,2026-11-20\r\n");
});

on_both_databases!(the_rates_of_a_currency_come_by_date_to_the_last_digit, |store: TestStore| async {
    let house = House::new(store, false).await;
    let reply = house.get("/api/v1/fx/USD").await;
    let json = reply.json();
    assert_eq!((&json["currency"], &json["base"]), (&"USD".into(), &"EUR".into()));
    let expected = serde_json::json!([
        { "date": "2026-11-18", "rate": UNEVEN },
        { "date": "2026-11-19", "rate": 1.25 },
        { "date": "2026-11-20", "rate": 1.5 },
    ]);
    assert_eq!(json["data"], expected, "from 2019 on where nothing else is asked for");
    let days = house.get("/api/v1/fx/usd?startDate=2018-01-01&endDate=2026-11-18").await.json();
    assert_eq!(days["data"].as_array().unwrap().len(), 2);
    let none = house.get("/api/v1/fx/CYP").await;
    assert_eq!((none.status, &none.json()["data"]), (StatusCode::OK, &serde_json::json!([])));
});

on_both_databases!(csv_is_given_to_those_who_ask_and_names_the_source, |store: TestStore| async {
    let house = House::new(store, false).await;
    let path = "/api/v1/fx/USD?startDate=2026-11-19";
    for reply in [house.get(&format!("{path}&format=csv")).await, house.get_with(path, &[("accept", "text/csv")]).await]
    {
        assert_eq!(reply.text, "date,rate\r\n2026-11-19,1.25\r\n2026-11-20,1.5\r\n");
        assert_eq!(reply.header("content-type"), "text/csv; charset=utf-8; header=present");
        assert_eq!(reply.header("content-disposition"), "attachment; filename=\"fx-USD.csv\"");
        assert_eq!(reply.header("data-source"), "ecb");
        assert!(reply.header("data-licence-note").starts_with("Source: ECB statistics"));
    }
});

on_both_databases!(json_lines_are_given_to_those_who_ask, |store: TestStore| async {
    let house = House::new(store, false).await;
    let lines = house.get_with("/api/v1/fx/USD?startDate=2026-11-19", &[("accept", "application/x-ndjson")]).await;
    assert_eq!(lines.text, "{\"date\":\"2026-11-19\",\"rate\":1.25}\n{\"date\":\"2026-11-20\",\"rate\":1.5}\n");
    assert_eq!((lines.header("content-type"), lines.header("data-source")), ("application/x-ndjson", "ecb"));
    let lines = house.get("/api/v1/fx?format=ndjson").await;
    assert_eq!(lines.text.lines().count(), 2);
    assert!(lines.text.starts_with(r#"{"currency":"CYP","firstDate":"2007-12-31""#), "{}", lines.text);
});

on_both_databases!(an_unchanged_answer_is_304_and_a_changed_one_is_given_anew, |store: TestStore| async {
    let house = House::new(store, false).await;
    for path in ["/api/v1/fx", "/api/v1/fx/USD"] {
        let reply = house.get(path).await;
        assert_eq!(reply.header("cache-control"), "private, max-age=0, must-revalidate", "{path}");
        let known = [("if-none-match", reply.header("etag"))];
        let again = house.get_with(path, &known).await;
        assert_eq!((again.status, again.text.as_str()), (StatusCode::NOT_MODIFIED, ""), "{path}");
        for other in [format!("{path}?format=csv"), "/api/v1/fx/CYP".to_owned()] {
            assert_eq!(house.get_with(&other, &known).await.status, StatusCode::OK, "{other}");
        }
        let load = "UPDATE fx_series SET version = version + 1";
        execute(house.database.connection(), load, []).await.unwrap();
        assert_eq!(house.get_with(path, &known).await.status, StatusCode::OK, "{path}");
    }
});

on_both_databases!(an_unknown_currency_is_404_and_an_impossible_one_400, |store: TestStore| async {
    let house = House::new(store, false).await;
    for unknown in ["EUR", "XXX"] {
        let reply = house.get(&format!("/api/v1/fx/{unknown}")).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND);
        assert!(reply.text.contains(&format!("there are no rates of {unknown}")), "{}", reply.text);
    }
    for impossible in ["US", "USDX", "U%24D", "%FF%FF%FF", "%00AB", "%E5%86%86"] {
        let reply = house.get(&format!("/api/v1/fx/{impossible}")).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{impossible}");
        assert_eq!(reply.json()["errors"][0]["param"], "currency", "{impossible}");
    }
});

#[tokio::test]
async fn a_bad_parameter_is_named_with_what_would_be_right() {
    let house = House::new(TestStore::sqlite(), false).await;
    for (query, named, right) in [
        ("startDate=2026-1-1", "startDate", "YYYY-MM-DD"),
        ("endDate=2026-02-30", "endDate", "YYYY-MM-DD"),
        ("startDate=2026-11-22", "startDate", "is after endDate 2026-11-21 (today)"),
        ("startDate=2020-01-02&endDate=2020-01-01", "endDate", "startDate 2020-01-02 is after endDate 2020-01-01"),
        ("format=xml", "format", "json, csv"),
        ("since=2020-01-01", "since", "startDate"),
        ("format=csv&format=json", "format", "format is given twice"),
    ] {
        let reply = house.get(&format!("/api/v1/fx/USD?{query}")).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(reply.json()["errors"][0]["param"], named, "{query}");
        assert!(reply.text.contains(right), "{query}: {}", reply.text);
    }
    assert_eq!(house.get("/api/v1/fx?startDate=2026-01-01").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn protected_reads_need_a_token_here_too() {
    let house = House::new(TestStore::sqlite(), true).await;
    for path in ["/api/v1/fx", "/api/v1/fx/USD"] {
        assert_eq!(house.get(path).await.status, StatusCode::UNAUTHORIZED, "{path}");
        let reply = house.get_with(path, &[("authorization", "Bearer eyes-token")]).await;
        assert_eq!(reply.status, StatusCode::OK, "{path}");
    }
}
