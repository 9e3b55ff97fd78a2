//! A small market in a database, and the router over it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Extension;
use axum::Router;
use axum::body::{Body, BodyDataStream};
use axum::http::{HeaderMap, Request, Response, StatusCode};
use data_infrastructure::clock::Clock;
use data_infrastructure::db::{self, Database, execute};
use data_infrastructure::http::settings::{NamedToken, Scope};
use data_infrastructure::http::table::Files;
use data_infrastructure::http::{Auth, Routes};
use data_infrastructure::settings::Secret;
use data_infrastructure::stock::api::{SampleNote, Samples, StockApi, router};
use data_infrastructure::stock::bar::{CompanyId, StockCode};
use data_infrastructure::stock::company::{Company, CompanyStatus};
use data_infrastructure::stock::store::companies;
use futures_util::StreamExt as _;
use sea_orm::Value;
use tower::ServiceExt as _;

use crate::support::TestStore;

/// A number that only exact arithmetic and storage give back.
pub const UNEVEN: f64 = 0.1 + 0.2;

/// A Saturday morning in Tokyo, while it is Friday in UTC.
const NOW: &str = "2026-11-20T22:00:00Z";

pub struct House {
    pub database: Database,
    router: Router,
    _store: TestStore,
}

/// What came back.
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Reply {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl House {
    /// A migrated database without companies.
    pub async fn empty(store: TestStore) -> Self {
        let database = Database::connect(&store.url, 4).await.unwrap();
        db::migrate_up(&store.url).await.unwrap();
        Self::over(database, store).await
    }

    /// The router over a migrated database that somebody else fills.
    pub async fn over(database: Database, store: TestStore) -> Self {
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 8080));
        let token = |name, token, scope| NamedToken::new(name, Secret::new(token), scope);
        let tokens = vec![
            token("default", "secret", Scope::Admin),
            token("ops", "ops-token", Scope::Operate),
            token("eyes", "eyes-token", Scope::Read),
        ];
        let auth = Auth::new(tokens, false, listen);
        let router = Files::default().around(routes(&database).split().0).layer(Extension(Arc::new(auth)));
        Self { database, router, _store: store }
    }

    /// 7203 with four sessions, one of them without trade; 130A, simulated and delisted, without bars.
    pub async fn with_market(store: TestStore) -> Self {
        let house = Self::empty(store).await;
        house.company(&company("0001", "7203", "トヨタ <自動車>")).await;
        let delisted = Company {
            status: CompanyStatus::Delisted,
            listed_to: Some("2020-12-24".parse().unwrap()),
            ..company("S001", "130A", "模擬")
        };
        house.company(&delisted).await;
        house.bars("0001").await;
        house.averages("0001").await;
        house
    }

    pub async fn company(&self, company: &Company) {
        assert!(companies::insert(self.database.connection(), company).await.unwrap());
    }

    pub async fn sql(&self, sql: &str, values: impl IntoIterator<Item = Value>) {
        execute(self.database.connection(), sql, values).await.unwrap();
    }

    async fn bars(&self, id: &str) {
        let bar = "INSERT INTO stockprice (company_id, date, open_price, high_price, low_price, close_price, volume, \
                   source) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        for (date, close, source) in [
            ("2018-12-28", Some(99.0), "yahoo"),
            ("2026-11-18", Some(UNEVEN), "kabutan"),
            ("2026-11-19", None, "kabutan"),
            ("2026-11-20", Some(101.0), "yahoo"),
        ] {
            let price = |plus: f64| Value::from(close.map(|close| close + plus));
            let volume = close.map(|_| 1_000.0);
            let values = [price(0.0), price(1.0), price(-1.0), price(0.0), volume.into(), source.into()];
            self.sql(bar, [id.into(), day(date)].into_iter().chain(values)).await;
        }
        let series = "INSERT INTO stockprice_series (company_id, basis, source, newest_date, version, indicator_spec, \
                      updated_at) VALUES ($1, 'split', 'yahoo', $2, 7, 'sma5,ema25', CURRENT_TIMESTAMP)";
        self.sql(series, [id.into(), day("2026-11-20")]).await;
    }

    /// `sma5` stands in the second element, `ema25` in the third; what is in the first is no longer kept.
    async fn averages(&self, id: &str) {
        for (position, name, active) in [(1, "wma75", false), (2, "sma5", true), (3, "ema25", true)] {
            let kind = "INSERT INTO stockprice_indicator_type (position, ma_type, active) VALUES ($1, $2, $3)";
            self.sql(kind, [position.into(), name.into(), active.into()]).await;
        }
        let row = if self.database.is_postgres() {
            "INSERT INTO stockprice_indicator (company_id, date, v) VALUES ($1, $2, ARRAY[$3, $4, $5]::float8[])"
        } else {
            "INSERT INTO stockprice_indicator (company_id, date, v1, v2, v3) VALUES ($1, $2, $3, $4, $5)"
        };
        for (date, sma, ema) in [("2026-11-18", None, Some(UNEVEN)), ("2026-11-20", Some(1.0 / 3.0), Some(1e-7))] {
            self.sql(row, [id.into(), day(date), 5.0.into(), Value::from(sma), Value::from(ema)]).await;
        }
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.get_with(path, &[]).await
    }

    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        self.send("GET", path, headers, "").await
    }

    /// What is no text.
    #[cfg(feature = "arrow")]
    pub async fn bytes(&self, path: &str) -> (StatusCode, HeaderMap, axum::body::Bytes) {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        (parts.status, parts.headers, axum::body::to_bytes(body, usize::MAX).await.unwrap())
    }

    /// With the token.
    pub async fn change(&self, method: &str, path: &str, body: &str) -> Reply {
        let headers = [("authorization", "Bearer secret"), ("content-type", "application/json")];
        self.send(method, path, &headers, body).await
    }

    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let (parts, body) = self.open(method, path, headers, body).await.into_parts();
        Reply { status: parts.status, headers: parts.headers, text: rest(Vec::new(), body.into_data_stream()).await }
    }

    /// An answer whose body nobody has read yet.
    pub async fn open(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Response<Body> {
        let request = headers.iter().fold(Request::builder().method(method).uri(path), |r, (n, v)| r.header(*n, *v));
        self.router.clone().oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap()
    }

    /// A session each day of the company from 2000 on, every 97th without trade.
    pub async fn days(&self, id: &str, sessions: u32) {
        let dated =
            if self.database.is_postgres() { "DATE '2000-01-01' + i" } else { "date('2000-01-01', i || ' days')" };
        let sql = format!(
            "INSERT INTO stockprice (company_id, date, close_price, volume, source) \
             WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {}) \
             SELECT '{id}', {dated}, CASE WHEN i % 97 = 0 THEN NULL ELSE 100 + (i * 7919 % 1009) / 8.0 END, i, 'yahoo' \
             FROM n",
            sessions - 1
        );
        self.sql(&sql, []).await;
    }
}

/// Reads an answer as far as its first rows reach.
pub async fn begin(body: &mut BodyDataStream) -> Vec<u8> {
    // What stands before the rows, and a piece of them.
    let head = body.next().await.unwrap().unwrap();
    [head, body.next().await.unwrap().unwrap()].concat()
}

/// Reads the rest of an answer that began so.
pub async fn rest(begun: Vec<u8>, body: BodyDataStream) -> String {
    let pieces: Vec<_> = body.map(Result::unwrap).collect().await;
    String::from_utf8([begun, pieces.concat()].concat()).unwrap()
}

/// The domain's routes, without a frame around them.
pub fn routes(database: &Database) -> Routes {
    let note = SampleNote { simulated: true, licence_note: "simulated by us".into() };
    let api = StockApi {
        database: database.clone(),
        clock: Clock::fixed(NOW.parse().unwrap()),
        jobs_fragment: Arc::new(|| {
            Box::pin(async {
                maud::html! { p { "the jobs" } }
            })
        }),
        samples: Samples::from_iter([(CompanyId::parse("S001").unwrap(), note)]),
    };
    router(api)
}

pub fn company(id: &str, code: &str, name: &str) -> Company {
    Company {
        company_id: CompanyId::parse(id).unwrap(),
        company_name: name.into(),
        stock_code: StockCode::parse(code).unwrap(),
        country_code: "JP".into(),
        listed_market: "プライム".into(),
        foundation_date: Some("1937-08-28T00:00:00".parse().unwrap()),
        longitude: Some(137.125),
        latitude: None,
        status: CompanyStatus::Active,
        listed_from: None,
        listed_to: None,
    }
}

pub fn day(text: &str) -> Value {
    text.parse::<chrono::NaiveDate>().unwrap().into()
}
