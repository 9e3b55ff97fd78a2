//! A system with the ECB's server before it: a database, the `fx` job, an executor at work.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use chrono::{DateTime, NaiveDate, Utc};
use data_infrastructure::{
    app,
    clock::Clock,
    config,
    db::{self, Database},
    fx::{
        rate::Days,
        store::{rates, series, series::Series},
    },
    jobs::{Run, RunParams, RunState, Task, Trigger, TriggerError, Triggered, store},
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::bank::{Bank, Rates, history};
use crate::support::TestStore;

/// A Friday.
pub const TODAY: &str = "2026-11-20";

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub struct World {
    pub bank: Bank,
    pub database: Database,
    pub assembly: app::Assembly,
    now: Arc<Mutex<DateTime<Utc>>>,
    cancel: CancellationToken,
    tasks: JoinSet<()>,
}

impl World {
    /// At half past four in Frankfurt on `TODAY`, whose rates are published.
    pub async fn new(store: &TestStore) -> Self {
        Self::with(store, &[]).await
    }

    pub async fn with(store: &TestStore, settings: &[(&str, &str)]) -> Self {
        let bank = Bank::open(history(), day(TODAY)).await;
        let mut env = BTreeMap::from([
            ("DATAINFRA__DATABASE__URL".to_owned(), store.url.clone()),
            ("DATAINFRA__SOURCES__ECB__BASE_URL".to_owned(), bank.url()),
            ("DATAINFRA__SOURCES__ECB__MIN_INTERVAL".to_owned(), "1ms".to_owned()),
            ("DATAINFRA__SOURCES__ECB__MAX_RETRIES".to_owned(), "0".to_owned()),
            ("DATAINFRA__JOBS__FX__RETRY_BACKOFF".to_owned(), "10ms".to_owned()),
            ("DATAINFRA__JOBS__FX__MAX_ATTEMPTS".to_owned(), "2".to_owned()),
        ]);
        env.extend(settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        let config = config::parse(None, &env).unwrap();
        let database = app::connect(&config).await.unwrap();
        db::migrate_up(&store.url).await.unwrap();
        let now = Arc::new(Mutex::new(afternoon(day(TODAY))));
        let read = Arc::clone(&now);
        let clock = Clock::new(move || *read.lock().unwrap());
        let more = app::MoreJobs::default();
        let metrics = Arc::new(app::metrics(&more).unwrap());
        let assembly = app::assemble(&config, &more, database.clone(), &metrics, &clock, "daemon").unwrap();
        let (mut tasks, cancel) = (JoinSet::new(), CancellationToken::new());
        let (executor, token) = (assembly.executor.clone(), cancel.clone());
        tasks.spawn(async move { executor.work(&token).await });
        Self { bank, database, assembly, now, cancel, tasks }
    }

    /// It is the afternoon of another day, here and at the ECB.
    pub fn turn_to(&self, date: &str) {
        self.bank.publish(day(date));
        self.set_now(afternoon(day(date)));
    }

    pub fn set_now(&self, now: DateTime<Utc>) {
        *self.now.lock().unwrap() = now;
    }

    pub async fn refused(&self, params: RunParams) -> TriggerError {
        self.assembly.triggers.run("fx", Trigger::Manual, &params, "", None, None).await.unwrap_err()
    }

    /// A run to its end, and its one task.
    pub async fn run(&self, params: RunParams) -> (Run, Task) {
        let made = self.assembly.triggers.run("fx", Trigger::Manual, &params, "", None, None).await.unwrap();
        let Triggered::New(run) = made else { panic!("a new run") };
        let ended = async {
            loop {
                let run = store::find_run(self.database.connection(), &run.id).await.unwrap().unwrap();
                if run.state.is_final() {
                    return run;
                }
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        };
        let run = tokio::time::timeout(std::time::Duration::from_secs(120), ended).await.expect("the run ends");
        let mut tasks = store::list_tasks(self.database.connection(), &run.id, None, None, 9).await.unwrap();
        assert_eq!(tasks.len(), 1);
        (run, tasks.remove(0))
    }

    /// A run that must succeed.
    pub async fn succeed(&self, params: RunParams) -> (Run, Task) {
        let (run, task) = self.run(params).await;
        assert_eq!(run.state, RunState::Succeeded, "{run:?} {task:?}");
        (run, task)
    }

    pub async fn stored(&self) -> Rates {
        let connection = self.database.connection();
        let mut stored = Rates::new();
        for rate in rates::read_all(connection, Days { from: day("1990-01-01"), to: day("2100-01-01") }).await.unwrap()
        {
            let code = ["USD", "JPY", "CYP"].into_iter().find(|code| *code == rate.currency.as_str()).unwrap();
            stored.entry(rate.date).or_default().insert(code, rate.rate);
        }
        stored
    }

    pub async fn series(&self) -> Series {
        series::find(self.database.connection(), "ecb").await.unwrap()
    }

    /// A number the database answers with.
    pub async fn count(&self, sql: &str) -> i64 {
        db::one(self.database.connection(), sql, []).await.unwrap().unwrap().try_get_by_index(0).unwrap()
    }

    pub async fn end(mut self) {
        self.assembly.executor.drain(std::time::Duration::from_secs(5)).await;
        self.cancel.cancel();
        while self.tasks.join_next().await.is_some() {}
        self.database.close().await;
    }
}

/// Half past three in UTC, after the ECB's hour in summer and in winter.
fn afternoon(date: NaiveDate) -> DateTime<Utc> {
    date.and_hms_opt(15, 30, 0).unwrap().and_utc()
}
