//! Answering a request that made a run: at once with where to look, or with the finished run when the client would
//! rather wait.

use std::time::Duration;

use axum::{
    Json,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::{path, wire::RunJson};
use crate::{
    clock::Clock,
    db::Database,
    http::{frame, prefer},
    jobs::{Run, store},
};

/// How often a run is looked at while somebody waits for it.
const LOOK: Duration = Duration::from_millis(100);

/// Waits for runs, and stops waiting when the daemon ends.
#[derive(Clone)]
pub struct Waiter {
    pub database: Database,
    pub clock: Clock,
    pub draining: CancellationToken,
}

impl Waiter {
    /// 202 with the run and its address; with `Prefer: wait` 200 with the finished run, when it ended in time.
    pub async fn accepted(&self, run: Run, headers: &HeaderMap) -> Response {
        let location = [(header::LOCATION, path(&run.id))];
        let Some(wait) = prefer::wait(headers) else {
            return (StatusCode::ACCEPTED, location, Json(RunJson::new(run, self.clock.now()))).into_response();
        };
        let run = self.finished(run, wait).await;
        let status = if run.state.is_final() { StatusCode::OK } else { StatusCode::ACCEPTED };
        let applied = [(prefer::APPLIED, format!("wait={}", wait.as_secs()))];
        (status, location, applied, Json(RunJson::new(run, self.clock.now()))).into_response()
    }

    /// The run as it is when it has ended, the patience is over, or the daemon ends. The run is made whatever
    /// becomes of the wait, so a database that is away only prolongs it.
    async fn finished(&self, mut run: Run, patience: Duration) -> Run {
        frame::only_waits();
        let deadline = Instant::now() + patience;
        while !run.state.is_final() && Instant::now() < deadline {
            tokio::select! {
                () = sleep(LOOK) => {}
                () = self.draining.cancelled() => return run,
            }
            match store::find_run(self.database.connection(), &run.id).await {
                Ok(Some(now)) => run = now,
                Ok(None) => return run,
                Err(error) => tracing::debug!(%error, "a run could not be looked at; looking again"),
            }
        }
        run
    }
}
