//! One process with its routes: executor, planner, rescuer and backfiller over one database.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::Request,
};
use chrono::{DateTime, Utc};
use data_infrastructure::{
    app,
    clock::Clock,
    config,
    crawl::Catalogue,
    db::{self, Database},
    http::{self, Auth, Health},
    jobs::{Backfills, Executor, ExecutorParts, Registry, RunId, Triggers, store},
    metrics::Metrics,
    scheduler::{Backfiller, Planner, PlannerParts, Rescuer, registered, run_backfiller, run_rescuer},
};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::job::{Keys, KeysJob, NAME};
use crate::support::TestStore;

pub struct Replica {
    pub database: Database,
    pub executor: Executor,
    pub planner: Planner,
    pub rescuer: Rescuer,
    pub backfiller: Backfiller,
    pub metrics: Arc<Metrics>,
    pub router: Router,
    pub keys: Arc<Keys>,
    now: Arc<Mutex<Option<DateTime<Utc>>>>,
    loops: JoinSet<()>,
}

impl Replica {
    /// At rest. Settings are those of `[jobs.stock]`, as environment variables without the prefix.
    pub async fn new(store: &TestStore, keys: &Arc<Keys>, settings: &[(&str, &str)]) -> Self {
        let database = Database::connect(&store.url, 8).await.unwrap();
        db::migrate_up(&store.url).await.unwrap();
        let now: Arc<Mutex<Option<DateTime<Utc>>>> = Arc::default();
        let (read, real) = (Arc::clone(&now), app::system_clock());
        let clock = Clock::new(move || read.lock().unwrap().unwrap_or_else(|| real.now()));
        let metrics = Arc::new(app::metrics(&app::MoreJobs::default()).unwrap());
        let registry = Registry::default();
        registry.put(registered(Arc::new(KeysJob(Arc::clone(keys))), job_settings(settings)).unwrap());
        let executor = Executor::new(ExecutorParts {
            database: database.clone(),
            registry: registry.clone(),
            metrics: Arc::clone(&metrics),
            clock: clock.clone(),
            role: "daemon",
            instance: "test".to_owned(),
        });
        let planner = Planner::new(PlannerParts {
            database: database.clone(),
            registry: registry.clone(),
            executor: executor.clone(),
            metrics: Arc::clone(&metrics),
            clock: clock.clone(),
        });
        let rescuer = Rescuer { database: database.clone(), executor: executor.clone(), metrics: Arc::clone(&metrics) };
        let backfills = Backfills::new(database.clone(), registry.clone(), clock.clone());
        let backfiller = Backfiller {
            database: database.clone(),
            registry: registry.clone(),
            executor: executor.clone(),
            metrics: Arc::clone(&metrics),
            backfills: backfills.clone(),
        };
        let triggers = Triggers::new(database.clone(), registry.clone(), executor.clone());
        let router = router(&database, &registry, triggers, backfills, &metrics, clock);
        let (keys, loops) = (Arc::clone(keys), JoinSet::new());
        Self { database, executor, planner, rescuer, backfiller, metrics, router, keys, now, loops }
    }

    /// At work.
    pub async fn start(store: &TestStore, keys: &Arc<Keys>, settings: &[(&str, &str)]) -> Self {
        Self::new(store, keys, settings).await.at_work()
    }

    pub fn at_work(mut self) -> Self {
        let never = CancellationToken::new();
        let (executor, token) = (self.executor.clone(), never.clone());
        self.loops.spawn(async move { executor.work(&token).await });
        let (rescuer, token) = (self.rescuer.clone(), never.clone());
        self.loops.spawn(async move { run_rescuer(&rescuer, &token).await });
        let backfiller = self.backfiller.clone();
        self.loops.spawn(async move { run_backfiller(&backfiller, &never).await });
        self
    }

    /// It no longer claims, rescues or drives anything.
    pub async fn stop_loops(&mut self) {
        self.loops.abort_all();
        while self.loops.join_next().await.is_some() {}
    }

    pub fn set_now(&self, now: &str) {
        *self.now.lock().unwrap() = Some(now.parse().unwrap());
    }

    pub async fn expire_leases(&self) {
        let sql = "UPDATE run SET lease_until = $1 WHERE state IN ('running', 'cancelling')";
        let past: DateTime<Utc> = "2000-01-01T00:00:00Z".parse().unwrap();
        db::execute(self.database.connection(), sql, [past.into()]).await.unwrap();
    }

    pub async fn end(mut self) {
        self.keys.let_all_go();
        self.stop_loops().await;
        self.executor.drain(Duration::from_millis(100)).await;
        self.database.close().await;
    }

    pub async fn post(&self, path: &str, body: &str) -> (u16, Value) {
        ask(&self.router, "POST", path, &[], body).await
    }

    pub async fn get(&self, path: &str) -> Value {
        ask(&self.router, "GET", path, &[], "").await.1
    }

    /// Makes a backfill and says where it is.
    pub async fn make(&self, body: &str) -> String {
        let (status, made) = self.post("/jobs/keys/backfills", body).await;
        assert_eq!(status, 202, "{made}");
        made["links"]["self"].as_str().unwrap().to_owned()
    }

    pub async fn until(&self, path: &str, wished: impl Fn(&Value) -> bool) -> Value {
        until(&self.router, path, wished).await
    }

    /// The backfill once it has reached this state.
    pub async fn reaches(&self, path: &str, state: &str) -> Value {
        self.until(path, |backfill| backfill["state"] == state).await
    }

    /// Keys and states of its items.
    pub async fn items(&self, path: &str) -> Vec<(String, String)> {
        let items = self.get(&format!("{path}/items?limit=500")).await;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        items["items"].as_array().unwrap().iter().map(|item| (text(&item["key"]), text(&item["state"]))).collect()
    }

    pub async fn run(&self, id: &Value) -> data_infrastructure::jobs::Run {
        let id = RunId::parse(id.as_str().expect("a run")).unwrap();
        store::find_run(self.database.connection(), &id).await.unwrap().unwrap()
    }
}

pub async fn until(router: &Router, path: &str, wished: impl Fn(&Value) -> bool) -> Value {
    let last = Mutex::new(Value::Null);
    let asking = async {
        loop {
            let (_, found) = ask(router, "GET", path, &[], "").await;
            if wished(&found) {
                return found;
            }
            *last.lock().unwrap() = found;
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let found = tokio::time::timeout(Duration::from_secs(60), asking).await;
    found.unwrap_or_else(|_| panic!("it does not become as wished: {}", last.lock().unwrap()))
}

pub async fn ask(
    router: &Router,
    method: &str,
    path: &str,
    headers: &[(&'static str, &str)],
    body: &str,
) -> (u16, Value) {
    let mut request = Request::builder().method(method).uri(path).header("host", "localhost:8080");
    if !body.is_empty() {
        request = request.header("content-type", "application/json");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = router.clone().oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap();
    let status = response.status().as_u16();
    let bytes = to_bytes(response.into_body(), 10_000_000).await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap_or_else(|_| json!(String::from_utf8_lossy(&bytes))))
}

pub fn router(
    database: &Database,
    registry: &Registry,
    triggers: Triggers,
    backfills: Backfills,
    metrics: &Arc<Metrics>,
    clock: Clock,
) -> Router {
    let listen: SocketAddr = "127.0.0.1:8080".parse().unwrap();
    let health = Health::new(|| true, CancellationToken::new());
    http::router(http::Parts {
        database: database.clone(),
        registry: registry.clone(),
        triggers,
        backfills,
        catalogue: Catalogue::default(),
        metrics: Arc::clone(metrics),
        clock,
        auth: Arc::new(Auth::new(Vec::new(), false, listen)),
        frame: Arc::new(http::Frame::new(&http::settings::FrameSettings::default(), Arc::clone(metrics))),
        health,
        banner: None,
        domain: http::Routes::new(),
        uploads: None,
    })
}

fn job_settings(settings: &[(&str, &str)]) -> data_infrastructure::jobs::settings::JobSettings {
    let key = |name: &str| format!("DATAINFRA__JOBS__STOCK__{name}");
    let mut env = BTreeMap::from([
        (key("TIMEZONE"), "UTC".to_owned()),
        (key("SCHEDULE"), "@hourly".to_owned()),
        (key("RETRY_BACKOFF"), "1ms".to_owned()),
        (key("PARALLEL"), "2".to_owned()),
    ]);
    env.extend(settings.iter().map(|(name, value)| (key(name), (*value).to_owned())));
    config::parse(None, &env).unwrap().stock.job.common
}

/// The routes that name the job.
pub fn of_job(rest: &str) -> String {
    format!("/jobs/{NAME}{rest}")
}
