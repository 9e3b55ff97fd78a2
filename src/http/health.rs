//! Whether the daemon lives, and whether it is ready: two questions for two audiences. Liveness never looks at the
//! database, so that an outage of it restarts nothing.

use std::{
    collections::BTreeMap,
    fmt::Display,
    sync::{
        Arc, OnceLock, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{Json, extract::State};
use serde::Serialize;
use serde_json::json;
use tokio_util::sync::CancellationToken;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::{
    problem::{Answer, Problem},
    routes::Routes,
};
use crate::{
    db::{Database, is_unavailable, said},
    told,
    told::{Language, Told},
};

/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is known of the daemon's health. Cheap to clone; all clones tell the same.
#[derive(Clone)]
pub struct Health(Arc<Inner>);

struct Inner {
    alive: Box<dyn Fn() -> bool + Send + Sync>,
    draining: CancellationToken,
    database: OnceLock<Database>,
    migrated: AtomicBool,
    /// Why the start is not over: of the database, and of its tables.
    waiting: RwLock<Told>,
    tables: RwLock<Told>,
}

impl Health {
    /// A daemon that starts: `alive` says whether its scheduler beats, `draining` is cancelled when it is to end.
    pub fn new(alive: impl Fn() -> bool + Send + Sync + 'static, draining: CancellationToken) -> Self {
        Self(Arc::new(Inner {
            alive: Box::new(alive),
            draining,
            database: OnceLock::new(),
            migrated: AtomicBool::new(false),
            waiting: RwLock::new(told!("not connected yet", "まだ接続していません")),
            tables: RwLock::new(told!("the tables are not up to date yet", "テーブルがまだ最新の形ではありません")),
        }))
    }

    /// The database could not be reached, and the daemon tries again.
    pub fn set_unreachable(&self, reason: impl Display) {
        let told = told!("unreachable: {reason}", "接続できません（{reason}）");
        *self.0.waiting.write().unwrap_or_else(PoisonError::into_inner) = told;
    }

    /// The database was reached. A second one is ignored.
    pub fn set_connected(&self, database: Database) {
        if self.0.database.set(database).is_err() {
            tracing::warn!("the daemon has a database already");
        }
    }

    /// The tables are not up to date yet, for this reason.
    pub fn set_not_migrated(&self, reason: Told) {
        *self.0.tables.write().unwrap_or_else(PoisonError::into_inner) = reason;
    }

    /// The tables are up to date.
    pub fn set_migrated(&self) {
        self.0.migrated.store(true, Ordering::Release);
    }

    /// Cancelled when the daemon is to end: waiting requests and event streams end with it.
    #[must_use]
    pub fn draining(&self) -> &CancellationToken {
        &self.0.draining
    }

    pub(super) fn database(&self) -> Option<&Database> {
        self.0.database.get()
    }

    pub(super) fn why_starting(&self) -> Told {
        if self.database().is_some() {
            let tables = self.tables();
            let japanese = tables.in_language(Language::Japanese);
            return Told::new(format!("starting: {tables}"), format!("起動中です。{japanese}"));
        }
        let waiting = self.0.waiting.read().unwrap_or_else(PoisonError::into_inner);
        let japanese = waiting.in_language(Language::Japanese);
        Told::new(format!("starting: database {waiting}"), format!("起動中です。データベース: {japanese}"))
    }

    fn tables(&self) -> Told {
        self.0.tables.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The checks that fail, with their reasons.
    async fn failing(&self) -> Vec<(&'static str, Told)> {
        let mut failing = Vec::new();
        if self.0.draining.is_cancelled() {
            failing.push(("draining", told!("the daemon is about to end", "まもなく停止します")));
        }
        if !self.0.migrated.load(Ordering::Acquire) {
            failing.push(("migrated", self.tables()));
        }
        if let Err(reason) = self.ask_database().await {
            failing.push(("database", reason));
        }
        failing
    }

    async fn ask_database(&self) -> Result<(), Told> {
        let Some(database) = self.database() else { return Err(self.why_starting()) };
        match tokio::time::timeout(PATIENCE, database.ping_writable()).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => {
                let reason = said(&error);
                Err(if is_unavailable(&error) {
                    told!("unreachable: {reason}", "接続できません（{reason}）")
                } else {
                    told!("cannot be written: {reason}", "書き込めません（{reason}）")
                })
            }
            Err(_) => {
                let seconds = PATIENCE.as_secs();
                Err(told!("no answer within {seconds} s", "{seconds} 秒以内に応答がありません"))
            }
        }
    }
}

pub fn routes() -> Routes<Health> {
    Routes::new()
        .tag("health", "Whether the daemon lives, and whether it is ready. Open to anyone.")
        .api(routes!(livez))
        .api(routes!(readyz))
}

#[derive(Serialize, ToSchema)]
struct Status {
    /// `alive` or `ready`.
    status: &'static str,
}

/// Whether the process and its scheduler live
///
/// Never looks at the database, so that an outage of it restarts nothing.
#[utoipa::path(
    get,
    path = "/livez",
    operation_id = "getLivez",
    tag = "health",
    security(()),
    responses((status = 200, description = "It lives", body = inline(Status)))
)]
async fn livez(State(health): State<Health>) -> Answer<Json<Status>> {
    if (health.0.alive)() {
        return Ok(Json(Status { status: "alive" }));
    }
    Err(Problem::unavailable(told!("the scheduler has stopped beating", "スケジューラーが動いていません")))
}

/// Whether requests are answered
///
/// Migrated, database reachable, and not about to end. A problem names the checks that fail as its member `checks`.
#[utoipa::path(
    get,
    path = "/readyz",
    operation_id = "getReadyz",
    tag = "health",
    security(()),
    responses((status = 200, description = "It is ready", body = inline(Status)))
)]
async fn readyz(State(health): State<Health>) -> Answer<Json<Status>> {
    let failing = health.failing().await;
    if failing.is_empty() {
        return Ok(Json(Status { status: "ready" }));
    }
    let told = Told::joined(&failing, |(check, reason), language| format!("{check}: {}", reason.in_language(language)));
    // For machines, which compare the words: in English always.
    let checks: BTreeMap<_, _> = failing.iter().map(|(check, reason)| (*check, reason.to_string())).collect();
    Err(Problem::unavailable(told).with("checks", json!(checks)))
}
