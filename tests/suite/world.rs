//! A whole system in one process: the sample market's upstream, a database, and the jobs over them.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use chrono::{DateTime, NaiveDate, Utc};
use data_infrastructure::{
    app,
    clock::Clock,
    config::{self, Config},
    crawl::archive::write_archive,
    db::{self, Database},
    jobs::{Run, RunId, RunParams, RunState, Task, Trigger, Triggered, store},
    stock::{
        bar::{Bar, CompanyId, Days, StockCode},
        company::{Company, CompanyStatus},
        sample::{JQUANTS_KEY, SampleData, Series, Upstream},
        store::bars,
    },
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::support::TestStore;

/// A day far enough in the sample market for every special case to lie behind it. A Friday.
pub const TODAY: &str = "2024-05-31";

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The evening of a day in Tokyo, when its session is final.
pub fn evening(date: NaiveDate) -> DateTime<Utc> {
    date.and_hms_opt(9, 0, 0).unwrap().and_utc()
}

pub struct World {
    pub upstream: Upstream,
    pub database: Database,
    pub assembly: app::Assembly,
    pub config: Config,
    now: Arc<Mutex<DateTime<Utc>>>,
    pub cancel: CancellationToken,
    tasks: JoinSet<()>,
}

impl World {
    /// The sample market on the evening of `TODAY`, and these of its companies.
    pub async fn new(store: &TestStore, codes: &[&str]) -> Self {
        Self::with(store, codes, &[]).await
    }

    /// The same with configuration as environment variables.
    pub async fn with(store: &TestStore, codes: &[&str], settings: &[(&str, &str)]) -> Self {
        let data = SampleData::demo(day("2027-12-30")).unwrap();
        let companies = companies(codes, &data);
        Self::over(store, data, &companies, day(TODAY), settings).await
    }

    /// Another market, and these companies, on the evening of a day.
    pub async fn over(
        store: &TestStore,
        data: SampleData,
        companies: &[Company],
        today: NaiveDate,
        settings: &[(&str, &str)],
    ) -> Self {
        let cancel = CancellationToken::new();
        let upstream = Upstream::start(data, today, cancel.clone()).await.unwrap();
        let config = configure(store, &upstream, settings);
        let database = app::connect(&config).await.unwrap();
        db::migrate_up(&store.url).await.unwrap();
        app::seed(&database, companies).await.unwrap();
        let now = Arc::new(Mutex::new(evening(today)));
        let read = Arc::clone(&now);
        let clock = Clock::new(move || *read.lock().unwrap());
        let metrics = Arc::new(app::metrics(&app::MoreJobs::default()).unwrap());
        let assembly =
            app::assemble(&config, &app::MoreJobs::default(), database.clone(), &metrics, &clock, "daemon").unwrap();
        let mut tasks = JoinSet::new();
        let (executor, token) = (assembly.executor.clone(), cancel.clone());
        tasks.spawn(async move { executor.work(&token).await });
        let (archive, kept, token) = (assembly.parts.archive.clone(), database.clone(), cancel.clone());
        tasks.spawn(async move { write_archive(&kept, &archive, &token).await });
        Self { upstream, database, assembly, config, now, cancel, tasks }
    }

    /// It is the evening of another day, here and at the sources.
    pub fn turn_to(&self, date: NaiveDate) {
        *self.now.lock().unwrap() = evening(date);
        self.upstream.set_as_of(date);
    }

    pub fn set_now(&self, now: DateTime<Utc>) {
        *self.now.lock().unwrap() = now;
    }

    pub async fn trigger(&self, params: RunParams) -> RunId {
        self.trigger_job("stock", params).await
    }

    async fn trigger_job(&self, job: &str, params: RunParams) -> RunId {
        let made = self.assembly.triggers.run(job, Trigger::Manual, &params, "", None, None).await.unwrap();
        let Triggered::New(run) = made else { panic!("a new run") };
        run.id
    }

    /// A run to its end.
    pub async fn run(&self, params: RunParams) -> Run {
        let id = self.trigger(params).await;
        self.ended(&id).await
    }

    pub async fn ended(&self, id: &RunId) -> Run {
        self.until(id, |run| run.state.is_final()).await
    }

    /// Waits, with patience but not for ever.
    pub async fn until(&self, id: &RunId, done: impl Fn(&Run) -> bool) -> Run {
        let wait = async {
            loop {
                let run = store::find_run(self.database.connection(), id).await.unwrap().unwrap();
                if done(&run) {
                    return run;
                }
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(120), wait).await.expect("the run gets there")
    }

    /// A replay of a source's archived answers, which must succeed and ask nobody.
    pub async fn replay(&self, source: &str, params: RunParams) -> Run {
        self.archived().await;
        let requests = self.upstream.requests().len();
        let id = self.trigger_job("replay", RunParams { input: Some(source.to_owned()), ..params }).await;
        let run = self.ended(&id).await;
        assert_eq!(run.state, RunState::Succeeded, "{run:?} {:?}", self.tasks(&id).await);
        assert_eq!(self.upstream.requests().len(), requests, "somebody was asked");
        run
    }

    /// Waits until every answer of the upstream is archived.
    pub async fn archived(&self) {
        let wait = async {
            while self.count("SELECT count(*) FROM source_answer").await < self.upstream.requests().len() as i64 {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(20), wait).await.expect("all answers are archived");
    }

    /// A run that must succeed.
    pub async fn succeed(&self, params: RunParams) -> Run {
        let run = self.run(params).await;
        let tasks = self.tasks(&run.id).await;
        assert_eq!(run.state, RunState::Succeeded, "{run:?} {tasks:?}");
        run
    }

    pub async fn tasks(&self, id: &RunId) -> Vec<Task> {
        store::list_tasks(self.database.connection(), id, None, None, 500).await.unwrap()
    }

    pub async fn bars(&self, code: &str) -> Vec<Bar> {
        let days = Days { from: day("1949-01-01"), to: day("2100-01-01") };
        bars::read(self.database.connection(), &id_of(code), days).await.unwrap()
    }

    /// What the market really did, as of today.
    pub fn truth(&self, code: &str, today: NaiveDate) -> Vec<Bar> {
        SampleData::demo(day("2027-12-30")).unwrap().get(code).unwrap().bars_as_of(today)
    }

    /// A number the database answers with.
    pub async fn count(&self, sql: &str) -> i64 {
        let row = db::one(self.database.connection(), sql, []).await.unwrap().unwrap();
        row.try_get_by_index(0).unwrap()
    }

    pub async fn end(mut self) {
        self.assembly.executor.drain(std::time::Duration::from_secs(5)).await;
        self.cancel.cancel();
        while self.tasks.join_next().await.is_some() {}
        self.database.close().await;
    }
}

pub fn id_of(code: &str) -> CompanyId {
    CompanyId::parse(&format!("T{code}")).unwrap()
}

fn companies(codes: &[&str], data: &SampleData) -> Vec<Company> {
    codes.iter().map(|code| company(data.get(code).expect("a company of the sample"))).collect()
}

/// A series as a company of the master.
pub fn company(series: &Series) -> Company {
    Company {
        company_id: id_of(series.code),
        company_name: series.name.to_owned(),
        stock_code: StockCode::parse(series.code).unwrap(),
        country_code: series.market.country().to_owned(),
        listed_market: "test".to_owned(),
        foundation_date: None,
        longitude: None,
        latitude: None,
        status: if series.listed_to.is_some() { CompanyStatus::Ended } else { CompanyStatus::Active },
        listed_from: None,
        listed_to: series.listed_to,
    }
}

fn configure(store: &TestStore, upstream: &Upstream, settings: &[(&str, &str)]) -> Config {
    let mut env = BTreeMap::from([
        ("DATAINFRA__DATABASE__URL".to_owned(), store.url.clone()),
        ("DATAINFRA__JOBS__STOCK__RETRY_BACKOFF".to_owned(), "10ms".to_owned()),
        ("DATAINFRA__JOBS__STOCK__MAX_ATTEMPTS".to_owned(), "2".to_owned()),
    ]);
    for source in ["jquants", "yahoo", "kabutan", "stooq"] {
        let key = |name: &str| format!("DATAINFRA__SOURCES__{}__{name}", source.to_uppercase());
        env.insert(key("BASE_URL"), upstream.base_url(source));
        env.insert(key("MIN_INTERVAL"), "1ms".to_owned());
        env.insert(key("TIMEOUT"), "2s".to_owned());
        env.insert(key("MAX_RETRIES"), "0".to_owned());
    }
    // Left out unless a test enables it.
    env.insert("DATAINFRA__SOURCES__JQUANTS__PLAN".to_owned(), "premium".to_owned());
    env.insert("DATAINFRA__SOURCES__JQUANTS__API_KEY".to_owned(), JQUANTS_KEY.to_owned());
    env.extend(settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
    config::parse(None, &env).unwrap()
}
