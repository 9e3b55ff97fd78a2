//! A database, a process whose runs end as they are told, hooks, and receivers of webhooks.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use data_infrastructure::{
    alerts::{Alerts, settings::AlertSettings},
    config,
    db::{self, Database, Dialect},
    jobs::{
        Run, RunId, RunParams, RunState, Trigger,
        store::{self, NewRun},
    },
};
use serde_json::Value;
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers::any};

use crate::{fake::Process, support::TestStore};

/// Whoever is told.
pub struct Receiver(MockServer);

impl Receiver {
    /// One that takes everything.
    pub async fn start() -> Self {
        Self::answering(ResponseTemplate::new(200)).await
    }

    /// One that answers always the same.
    pub async fn answering(answer: ResponseTemplate) -> Self {
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(answer).with_priority(9).mount(&server).await;
        Self(server)
    }

    /// The next requests are answered otherwise.
    pub async fn next(&self, times: u64, answer: ResponseTemplate) {
        Mock::given(any()).respond_with(answer).up_to_n_times(times).with_priority(1).mount(&self.0).await;
    }

    pub fn url(&self) -> String {
        format!("{}/services/geheim?token=geheim", self.0.uri())
    }

    pub async fn requests(&self) -> Vec<Request> {
        self.0.received_requests().await.unwrap()
    }

    pub async fn documents(&self) -> Vec<Value> {
        self.requests().await.iter().map(|request| request.body_json().unwrap()).collect()
    }

    /// `failed fake`, in the order of arrival.
    pub async fn told(&self) -> Vec<String> {
        let word = |value: &Value| value.as_str().unwrap().to_owned();
        self.documents().await.iter().map(|d| format!("{} {}", word(&d["event"]), word(&d["subject"]))).collect()
    }
}

/// The settings of a hook `ops`, as environment variables without the prefix: `("EVENTS", "failed")`.
pub fn hook(url: &str, settings: &[(&str, &str)]) -> AlertSettings {
    let all = [("URL", url), ("RETRY_BACKOFF", "1ms")];
    let env: BTreeMap<String, String> = all
        .iter()
        .chain(settings)
        .map(|(key, value)| (format!("DATAINFRA__ALERTS__OPS__{key}"), (*value).to_owned()))
        .collect();
    config::parse(None, &env).unwrap().alerts
}

/// A process with one hook, which has been met: what happens from now on counts.
pub struct World {
    pub process: Process,
    pub alerts: Alerts,
    pub receiver: Receiver,
}

impl World {
    pub async fn new(store: &TestStore, settings: &[(&str, &str)]) -> Self {
        Self::with(store, Receiver::start().await, settings).await
    }

    pub async fn with(store: &TestStore, receiver: Receiver, settings: &[(&str, &str)]) -> Self {
        let process = Process::new(store, &[]).await;
        let alerts = replica(&process, &hook(&receiver.url(), settings));
        alerts.look().await.unwrap();
        Self { process, alerts, receiver }
    }

    pub fn database(&self) -> &Database {
        &self.process.database
    }

    /// One round: look, then send.
    pub async fn round(&self) {
        self.alerts.look().await.unwrap();
        self.alerts.deliver().await.unwrap();
    }

    pub async fn ended(&self, job: &str, state: RunState) -> RunId {
        self.ended_with(job, state, RunParams::default(), None).await
    }

    /// A run that ended so, now.
    pub async fn ended_with(&self, job: &str, state: RunState, params: RunParams, retry_of: Option<&RunId>) -> RunId {
        let new = NewRun { trigger: Trigger::Manual, retry_of, ..scheduled(job, &params, None) };
        store::insert_run(self.database().connection(), &new).await.unwrap();
        let now = Dialect::of(self.database().connection()).now();
        let error = (state != RunState::Succeeded).then(|| "3 of 400 tasks failed".to_owned());
        let sql = format!(
            "UPDATE run SET state = $2, error = $3, started_at = {now}, finished_at = {now}, total = 400, failed = 3 \
             WHERE id = $1"
        );
        self.sql(&sql, [new.id.as_str().into(), state.as_str().into(), error.into()]).await;
        new.id
    }

    /// A run that was due so long ago: waiting, or started some time after.
    pub async fn due(&self, job: &str, ago: TimeDelta, started_after: Option<TimeDelta>) -> RunId {
        let due = self.now().await - ago;
        let params = RunParams::default();
        let new = scheduled(job, &params, Some(due));
        store::insert_run(self.database().connection(), &new).await.unwrap();
        if let Some(after) = started_after {
            let sql = "UPDATE run SET state = 'running', started_at = $2 WHERE id = $1";
            self.sql(sql, [new.id.as_str().into(), (due + after).into()]).await;
        }
        new.id
    }

    pub async fn succeeds(&self, id: &RunId) {
        let now = Dialect::of(self.database().connection()).now();
        let sql = format!(
            "UPDATE run SET state = 'succeeded', started_at = COALESCE(started_at, {now}), finished_at = {now} \
             WHERE id = $1"
        );
        self.sql(&sql, [id.as_str().into()]).await;
    }

    pub async fn find(&self, id: &RunId) -> Run {
        self.process.find(id).await
    }

    /// The database's time.
    pub async fn now(&self) -> DateTime<Utc> {
        let connection = self.database().connection();
        let sql = format!("SELECT {} AS now", Dialect::of(connection).now());
        db::one(connection, &sql, []).await.unwrap().unwrap().try_get("", "now").unwrap()
    }

    pub async fn sql<const N: usize>(&self, sql: &str, values: [sea_orm::Value; N]) -> u64 {
        db::execute(self.database().connection(), sql, values).await.unwrap()
    }

    /// Moves an instant of a table so far into the past, as if the time had passed.
    pub async fn pass(&self, table: &str, column: &str, span: TimeDelta) {
        let at = self.now().await - span;
        self.sql(&format!("UPDATE {table} SET {column} = $1"), [at.into()]).await;
    }

    /// State, attempts and reason of every alert, in the order they were made.
    pub async fn rows(&self) -> Vec<(String, i32, Option<String>)> {
        let sql = "SELECT state, attempts, error FROM alert ORDER BY made_at, id";
        let rows = db::all(self.database().connection(), sql, []).await.unwrap();
        let row = |row: &sea_orm::QueryResult| {
            (row.try_get("", "state").unwrap(), row.try_get("", "attempts").unwrap(), row.try_get("", "error").unwrap())
        };
        rows.iter().map(row).collect()
    }

    pub async fn states(&self) -> Vec<String> {
        self.rows().await.into_iter().map(|(state, _, _)| state).collect()
    }

    pub fn counted(&self, event: &str, outcome: &str) -> u64 {
        counted(&self.process, event, outcome)
    }

    pub async fn end(self) {
        self.process.end().await;
    }
}

/// Another process's alerts over the same database.
pub fn replica(process: &Process, settings: &AlertSettings) -> Alerts {
    let alerts = Alerts::new(process.database.clone(), settings, std::sync::Arc::clone(&process.metrics)).unwrap();
    alerts.with_period(Duration::from_millis(5))
}

pub fn counted(process: &Process, event: &str, outcome: &str) -> u64 {
    let name = format!("datainfra_alerts_total{{event=\"{event}\",outcome=\"{outcome}\"}} ");
    let text = process.metrics.render().unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(&name)).expect("at 0 from the start");
    line.parse().unwrap()
}

fn scheduled<'a>(job: &'a str, params: &'a RunParams, due: Option<DateTime<Utc>>) -> NewRun<'a> {
    NewRun {
        id: RunId::generate(),
        job,
        trigger: Trigger::Schedule,
        scheduled_for: due,
        params,
        note: "",
        retry_of: None,
        parallel: None,
        origin: None,
    }
}

/// Waits until a condition holds.
pub async fn until<F: Future<Output = bool>>(what: &str, holds: impl Fn() -> F) {
    let wait = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), wait).await.unwrap_or_else(|_| panic!("{what}"));
}
