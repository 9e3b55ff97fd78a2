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
    db::{Database, DbError},
    http::{prefer, problem::Answer},
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
    ///
    /// # Errors
    /// What the database says.
    pub async fn accepted(&self, run: Run, headers: &HeaderMap) -> Answer<Response> {
        let location = [(header::LOCATION, path(&run.id))];
        let Some(wait) = prefer::wait(headers) else {
            return Ok((StatusCode::ACCEPTED, location, Json(RunJson::new(run, self.clock.now()))).into_response());
        };
        let run = self.finished(run, wait).await?;
        let status = if run.state.is_final() { StatusCode::OK } else { StatusCode::ACCEPTED };
        let applied = [(prefer::APPLIED, format!("wait={}", wait.as_secs()))];
        Ok((status, location, applied, Json(RunJson::new(run, self.clock.now()))).into_response())
    }

    /// The run as it is when it has ended, the patience is over, or the daemon ends.
    async fn finished(&self, mut run: Run, patience: Duration) -> Result<Run, DbError> {
        let deadline = Instant::now() + patience;
        while !run.state.is_final() && Instant::now() < deadline {
            tokio::select! {
                () = sleep(LOOK) => {}
                () = self.draining.cancelled() => return Ok(run),
            }
            match store::find_run(self.database.connection(), &run.id).await? {
                Some(now) => run = now,
                None => return Ok(run),
            }
        }
        Ok(run)
    }
}
