//! Invented companies with ten years of bars and their moving averages.

use chrono::{Datelike as _, NaiveDate, Weekday};
use data_infrastructure::{
    db::{self, Database},
    stock::{
        bar::{Bar, BarBatch, Basis, CompanyId, Days, StockCode},
        company::{Company, CompanyStatus},
        indicators::spec,
        overlap::OneBasis,
        store::{
            bars, companies, indicators,
            series::{self, Series},
        },
    },
};

/// Sessions of a year.
pub const YEAR: usize = 245;
/// Sessions of each company.
pub const SESSIONS: usize = 10 * YEAR;

/// What is asked for: the newest sessions.
pub struct Span {
    pub name: &'static str,
    pub days: Days,
    pub sessions: usize,
}

impl Span {
    pub fn newest(days: &[NaiveDate], name: &'static str, sessions: usize) -> Self {
        let (from, to) = (days[days.len() - sessions], *days.last().unwrap());
        Self { name, days: Days { from, to }, sessions }
    }
}

/// The stock code and the id of a company.
pub fn name(number: usize) -> String {
    format!("{:04}", 1000 + number)
}

/// Loads the market, and gives its sessions.
pub async fn load(database: &Database, count: usize) -> Vec<NaiveDate> {
    let days = sessions();
    let positions = indicators::keep(database.connection(), &spec(&[5, 25, 75])).await.unwrap();
    for number in 0..count {
        let company = company(&name(number));
        let id = &company.company_id;
        companies::insert(database.connection(), &company).await.unwrap();
        let transaction = database.begin().await.unwrap();
        series::lock(&transaction, id).await.unwrap();
        let history = history(number as u64, &days);
        let batch =
            BarBatch { source: "yahoo", basis: Basis::Split, bars: history, rejected: vec![], vouched: Days::EVER };
        let (bars, _) = OneBasis::join(&batch, None, &[], true).unwrap();
        let written = bars::store(&transaction, id, "yahoo", &bars).await.unwrap();
        indicators::refresh(&transaction, id, &positions, written.first_day.unwrap()).await.unwrap();
        let (from, to) = (days[0], *days.last().unwrap());
        let known = Series {
            basis: Some(Basis::Split),
            source: Some("yahoo".to_owned()),
            covered: Some(Days { from, to }),
            newest_date: Some(to),
            version: 1,
            indicator_spec: positions.spec(),
        };
        series::save(&transaction, id, &known).await.unwrap();
        transaction.commit().await.unwrap();
    }
    if database.is_postgres() {
        // A pool never runs it beside a transaction, and the first reads must not be planned without it.
        db::execute(database.connection(), "VACUUM ANALYZE", []).await.unwrap();
    }
    days
}

/// As many in a year as the Tokyo exchange has: weekdays, with holidays strewn among them.
fn sessions() -> Vec<NaiveDate> {
    let first = NaiveDate::from_ymd_opt(2016, 1, 4).unwrap();
    let weekdays = first.iter_days().filter(|day| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun));
    weekdays.enumerate().filter(|(number, _)| number % 16 != 15).map(|(_, day)| day).take(SESSIONS).collect()
}

fn company(code: &str) -> Company {
    Company {
        company_id: CompanyId::parse(code).unwrap(),
        company_name: "a company".into(),
        stock_code: StockCode::parse(code).unwrap(),
        country_code: "JP".into(),
        listed_market: "bench".into(),
        foundation_date: None,
        longitude: None,
        latitude: None,
        status: CompanyStatus::Active,
        listed_from: None,
        listed_to: None,
    }
}

/// A random walk of tenths.
fn history(seed: u64, days: &[NaiveDate]) -> Vec<Bar> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut close = 20_000_i64;
    let bar = |date: &NaiveDate| {
        let open = close;
        close = (close + random.i64(-300..=300)).max(500);
        let price = |tenths: i64| Some(tenths as f64 / 10.0);
        Bar {
            date: *date,
            open: price(open),
            high: price(open.max(close) + random.i64(0..100)),
            low: price(open.min(close) - random.i64(0..100)),
            close: price(close),
            volume: Some(random.u32(1000..5_000_000) as f64),
        }
    };
    days.iter().map(bar).collect()
}
