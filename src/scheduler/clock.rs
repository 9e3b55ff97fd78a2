//! The loop that looks for due ticks.
//!
//! It sleeps until the next due instant itself, to be on time within milliseconds. tokio-cron-scheduler beats every
//! second beside it as the safety net: a clock that was set, a schedule another replica changed, a sleep gone wrong.
//! Its own tick times are not used: measured on 0.15.1 they are up to half a second late, their zone is frozen to an
//! offset, and repeated jobs stop after a stall. When it falls silent it is replaced.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, Utc};
use tokio::{sync::Notify, time::Instant};
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};
use tokio_util::sync::CancellationToken;

use super::planner::Planner;
use crate::{clock::Clock, db::is_unavailable, metrics::Metrics};

/// One pass may take so long; a database that hangs must not stop the beat.
const PASS: Duration = Duration::from_secs(20);
/// A beat this old means the scheduler is dead.
const SILENT: Duration = Duration::from_secs(60);
/// The safety net beats each second; without it for so long it is replaced.
const NET_SILENT: Duration = Duration::from_secs(5);

/// What tokio's timer may be late by: it counts in milliseconds, and rounds up.
const TIMER: Duration = Duration::from_millis(2);

/// When the scheduler last looked for due ticks, for the liveness probe.
#[derive(Clone, Debug)]
pub struct Beat {
    origin: Instant,
    last_ms: Arc<AtomicU64>,
}

impl Default for Beat {
    fn default() -> Self {
        Self { origin: Instant::now(), last_ms: Arc::default() }
    }
}

impl Beat {
    fn mark(&self) {
        let elapsed = u64::try_from(self.origin.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last_ms.store(elapsed, Ordering::Relaxed);
    }

    /// Beats in place of the scheduler until it starts: a daemon that waits for its database lives.
    pub async fn keep(&self, cancel: &CancellationToken) -> Infallible {
        while !cancel.is_cancelled() {
            self.mark();
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        std::future::pending().await
    }

    /// False when the scheduler has not looked for due ticks for a minute, though the database would have answered.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        let last = Duration::from_millis(self.last_ms.load(Ordering::Relaxed));
        self.origin.elapsed().saturating_sub(last) < SILENT
    }
}

/// Plans until cancelled.
pub async fn run_clock(planner: &Planner, clock: &Clock, metrics: &Metrics, beat: &Beat, cancel: &CancellationToken) {
    let net = Arc::new(Notify::new());
    let mut scheduler = start_net(&net).await;
    let mut net_heard = Instant::now();
    while !cancel.is_cancelled() {
        let passed = pass(planner).await;
        // While the database is away the scheduler lives; not when it alone no longer gets there.
        if passed.is_ok() || !planner.is_cut_off().await {
            beat.mark();
            metrics.beat(clock.now());
        } else {
            tracing::error!("the database answers, but not over the connections of the scheduler, which beats no more");
        }
        let next = passed.ok().flatten();
        tokio::select! {
            () = cancel.cancelled() => break,
            () = net.notified() => net_heard = Instant::now(),
            () = sleep_until(next, clock) => {}
        }
        if net_heard.elapsed() > NET_SILENT {
            tracing::warn!("the safety beat fell silent and is replaced");
            stop_net(scheduler).await;
            scheduler = start_net(&net).await;
            net_heard = Instant::now();
        }
    }
    stop_net(scheduler).await;
}

/// The database did not answer.
struct Unanswered;

/// The instant of the next tick; none when it could not be told.
async fn pass(planner: &Planner) -> Result<Option<DateTime<Utc>>, Unanswered> {
    match tokio::time::timeout(PASS, planner.plan()).await {
        Ok(Ok(next)) => Ok(next),
        Ok(Err(error)) => {
            tracing::warn!(%error, "due ticks could not be planned; trying again");
            if is_unavailable(&error) { Err(Unanswered) } else { Ok(None) }
        }
        Err(_) => {
            tracing::warn!("planning took too long; trying again");
            Err(Unanswered)
        }
    }
}

/// Sleeps until an instant, at most a second: the machine's clock may be set meanwhile.
async fn sleep_until(next: Option<DateTime<Utc>>, clock: &Clock) {
    let longest = Duration::from_secs(1);
    let left = || next.map_or(longest, |at| (at - clock.now()).to_std().unwrap_or(Duration::ZERO).min(longest));
    tokio::time::sleep(left().saturating_sub(TIMER)).await;
    // The last moment is waited for awake: the timer would come up to its own resolution late.
    let begun = Instant::now();
    while next.is_some() && !left().is_zero() && begun.elapsed() < TIMER * 2 {
        tokio::task::yield_now().await;
    }
}

async fn start_net(net: &Arc<Notify>) -> Option<JobScheduler> {
    match net_of(net).await {
        Ok(scheduler) => Some(scheduler),
        Err(error) => {
            tracing::warn!(%error, "the safety beat could not be started");
            None
        }
    }
}

async fn net_of(net: &Arc<Notify>) -> Result<JobScheduler, JobSchedulerError> {
    let scheduler = JobScheduler::new().await?;
    let net = Arc::clone(net);
    let every_second = Job::new_async("* * * * * *", move |_, _| {
        let net = Arc::clone(&net);
        Box::pin(async move { net.notify_one() })
    })?;
    scheduler.add(every_second).await?;
    scheduler.start().await?;
    Ok(scheduler)
}

async fn stop_net(scheduler: Option<JobScheduler>) {
    if let Some(mut scheduler) = scheduler
        && let Err(error) = scheduler.shutdown().await
    {
        tracing::debug!(%error, "the safety beat did not stop cleanly");
    }
}
