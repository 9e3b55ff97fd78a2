//! The main job over a source that answers what the test tells it, or over real sources at one address.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use data_infrastructure::{
    app,
    clock::Clock,
    config::{self, Config},
    crawl::{Answer, Refusal, source::Source},
    db::{self, Database},
    jobs::{Run, RunParams, RunState, Task, Trigger, Triggered, store},
    metrics::Metrics,
    scheduler::registered,
    stock::{
        bar::{Bar, CompanyId, Days, RawBatch, Row, Split, StockCode},
        calendar::Delays,
        company::{Company, CompanyStatus},
        jobs::{CalendarsOfRuns, Candidate, StockJob, StockJobParts},
        sources::{BarQuery, SourceName},
        store::{bars, companies},
    },
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{support::TestStore, world::evening};

type Told = dyn Fn(&BarQuery) -> Option<RawBatch> + Send + Sync;

/// Answers what it is told; a source that is told nothing knows nothing new.
struct ToldSource(SourceName, Arc<Told>);

#[async_trait]
impl Source<BarQuery, RawBatch> for ToldSource {
    fn name(&self) -> &'static str {
        self.0.as_str()
    }

    async fn fetch(&self, query: &BarQuery, _: &CancellationToken) -> Result<Answer<RawBatch>, Refusal> {
        Ok((self.1)(query).map_or(Answer::NoNewData, Answer::Data))
    }
}

/// What a source has of some days: rows within them, and the splits it announces.
pub fn batch(source: SourceName, query: &BarQuery, bars: &[Bar], splits: &[Split]) -> RawBatch {
    let asked = query.final_days().expect("days that are over");
    let raw = |bar: &Bar| format!("{},{:?},{:?}", bar.date, bar.close, bar.volume);
    let rows = bars.iter().filter(|bar| asked.contains(bar.date)).map(|bar| Row { bar: *bar, raw: raw(bar) });
    RawBatch {
        source: source.as_str(),
        basis: source.basis(),
        rows: rows.collect(),
        unreadable: Vec::new(),
        splits: splits.iter().filter(|split| asked.contains(split.date)).copied().collect(),
        vouched: asked,
    }
}

pub struct Desk {
    pub database: Database,
    pub assembly: app::Assembly,
    pub metrics: Arc<Metrics>,
    config: Config,
    now: Arc<Mutex<DateTime<Utc>>>,
    cancel: CancellationToken,
    tasks: JoinSet<()>,
}

impl Desk {
    /// Settings are environment variables without their prefix: `("JOBS__STOCK__SOURCES", "stooq")`.
    pub async fn new(store: &TestStore, codes: &[&str], settings: &[(&str, &str)]) -> Self {
        let config = configure(store, settings);
        let database = app::connect(&config).await.unwrap();
        db::migrate_up(&store.url).await.unwrap();
        for code in codes {
            companies::insert(database.connection(), &company(code)).await.unwrap();
        }
        let now = Arc::new(Mutex::new(evening("2024-03-29".parse().unwrap())));
        let read = Arc::clone(&now);
        let clock = Clock::new(move || *read.lock().unwrap());
        let more = app::MoreJobs::default();
        let metrics = Arc::new(app::metrics(&more).unwrap());
        let assembly = app::assemble(&config, &more, database.clone(), &metrics, &clock, "daemon").unwrap();
        let (cancel, mut tasks) = (CancellationToken::new(), JoinSet::new());
        let (executor, token) = (assembly.executor.clone(), cancel.clone());
        tasks.spawn(async move { executor.work(&token).await });
        Self { database, assembly, metrics, config, now, cancel, tasks }
    }

    /// From now on there is one source, and this is what it says.
    pub fn tell(&self, name: SourceName, told: impl Fn(&BarQuery) -> Option<RawBatch> + Send + Sync + 'static) {
        let job = StockJob::new(StockJobParts {
            delays: Delays::default(),
            calendars: Arc::new(CalendarsOfRuns::new(self.database.clone())),
            exchange: None,
            database: self.database.clone(),
            sources: vec![Candidate { name, source: Arc::new(ToldSource(name, Arc::new(told))) }],
            settings: self.config.stock.job.clone(),
            metrics: Arc::clone(&self.metrics),
        });
        self.assembly.registry.put(registered(Arc::new(job), self.config.stock.job.common.clone()).unwrap());
    }

    pub fn turn_to(&self, date: NaiveDate) {
        *self.now.lock().unwrap() = evening(date);
    }

    pub fn now(&self) -> DateTime<Utc> {
        *self.now.lock().unwrap()
    }

    pub async fn run(&self, params: RunParams) -> (Run, Vec<Task>) {
        let made = self.assembly.triggers.run(StockJob::NAME, Trigger::Manual, &params, "", None, None).await.unwrap();
        let Triggered::New(run) = made else { panic!("a new run") };
        let connection = self.database.connection();
        let wait = async {
            loop {
                let run = store::find_run(connection, &run.id).await.unwrap().unwrap();
                if run.state.is_final() {
                    return run;
                }
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        };
        let run = tokio::time::timeout(std::time::Duration::from_secs(120), wait).await.expect("the run gets there");
        let tasks = store::list_tasks(connection, &run.id, None, None, 500).await.unwrap();
        (run, tasks)
    }

    /// A run of one company that must succeed.
    pub async fn load(&self, code: &str) -> Task {
        let (run, tasks) = self.run(RunParams { companies: vec![code.to_owned()], ..RunParams::default() }).await;
        assert_eq!(run.state, RunState::Succeeded, "{tasks:?}");
        tasks.into_iter().next().unwrap()
    }

    /// A run of one company that must fail; gives why.
    pub async fn fail(&self, code: &str) -> String {
        let (run, tasks) = self.run(RunParams { companies: vec![code.to_owned()], ..RunParams::default() }).await;
        assert_eq!(run.state, RunState::Failed, "{tasks:?}");
        tasks[0].error.clone().unwrap()
    }

    pub async fn bars(&self, code: &str) -> Vec<Bar> {
        bars::read(self.database.connection(), &id_of(code), Days::EVER).await.unwrap()
    }

    /// A number the database answers with.
    pub async fn count(&self, sql: &str) -> i64 {
        let row = db::one(self.database.connection(), sql, []).await.unwrap().unwrap();
        row.try_get_by_index(0).unwrap()
    }

    pub async fn sql(&self, sql: &str) {
        db::execute(self.database.connection(), sql, []).await.unwrap();
    }

    /// The stored moving averages are those of the stored bars.
    pub async fn assert_indicators_agree(&self) {
        let wrong = "WITH b AS (SELECT company_id, date, avg(close_price) OVER w AS sma5, count(*) OVER w AS n
                FROM stockprice WHERE close_price IS NOT NULL
                WINDOW w AS (PARTITION BY company_id ORDER BY date ROWS 4 PRECEDING)),
            m AS (SELECT company_id, date, ma_value FROM stockprice_ma WHERE ma_type = 'sma5')
            SELECT count(*) FROM b LEFT JOIN m ON m.company_id = b.company_id AND m.date = b.date
            WHERE (b.n = 5) <> (m.ma_value IS NOT NULL) OR abs(m.ma_value - b.sma5) > 1e-9 * b.sma5";
        assert_eq!(self.count(wrong).await, 0);
        assert!(self.count("SELECT count(*) FROM stockprice_ma WHERE ma_type = 'sma5'").await > 0);
    }

    pub async fn end(mut self) {
        self.assembly.executor.drain(std::time::Duration::from_secs(5)).await;
        self.cancel.cancel();
        while self.tasks.join_next().await.is_some() {}
        self.database.close().await;
    }
}

pub fn id_of(code: &str) -> CompanyId {
    CompanyId::parse(&format!("Q{code}")).unwrap()
}

/// Five prices in one, and a volume.
pub fn flat(date: NaiveDate, close: f64) -> Bar {
    let price = |factor: f64| Some(close * factor);
    Bar { date, open: price(0.995), high: price(1.01), low: price(0.99), close: price(1.0), volume: Some(1000.0) }
}

/// The text of a real file; none when it is absent, which is said.
pub fn real(path: &str) -> Option<String> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/");
    let text = std::fs::read_to_string(format!("{root}{path}")).ok();
    if text.is_none() {
        crate::support::not_run("test on real data", "the data folder is not there");
    }
    text
}

fn company(code: &str) -> Company {
    Company {
        company_id: id_of(code),
        company_name: format!("company {code}"),
        stock_code: StockCode::parse(code).unwrap(),
        country_code: "JP".to_owned(),
        listed_market: "test".to_owned(),
        foundation_date: None,
        longitude: None,
        latitude: None,
        status: CompanyStatus::Active,
        listed_from: None,
        listed_to: None,
    }
}

fn configure(store: &TestStore, settings: &[(&str, &str)]) -> Config {
    let prefixed = |key: &str| format!("DATAINFRA__{key}");
    let mut env = BTreeMap::from([
        (prefixed("DATABASE__URL"), store.url.clone()),
        (prefixed("JOBS__STOCK__MAX_ATTEMPTS"), "1".to_owned()),
        (prefixed("JOBS__STOCK__MA_SPANS"), "[5]".to_owned()),
    ]);
    env.extend(settings.iter().map(|(key, value)| (prefixed(key), (*value).to_owned())));
    config::parse(None, &env).unwrap()
}
