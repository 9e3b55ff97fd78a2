//! The daemon: HTTP from the first moment, then database, jobs and scheduler; and the way down again.

mod open;
mod start;

use std::{pin::pin, sync::Arc, time::Duration};

use anyhow::Context as _;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

use super::{
    assembly::{Assembly, metrics},
    measure::{self, Measured},
    more_jobs::MoreJobs,
    reload::{Reload, Reloaded},
    sources::delays,
};
use crate::{
    alerts::{Alerts, run_alerts},
    clock::Clock,
    config::Config,
    crawl::archive::{keep_archive_house, write_archive},
    db::{Database, FileLock},
    http::{self, Auth, Frame, Health, SwitchRouter},
    jobs::{RunParams, Trigger, write_run_logs},
    metrics::Metrics,
    scheduler::{Beat, purge_old_runs, run_backfiller, run_clock, run_rescuer},
    stock::{self, api::Samples, company::Company},
    telemetry::{run_log::RunLines, trace::Traces},
    told::Told,
};

/// What requests under way get once the runs have ended; waiting ones and event streams ended before.
const LAST_REQUESTS: Duration = Duration::from_secs(3);
/// What the scheduler's loops get to end once the runs have.
const LAST_LOOPS: Duration = Duration::from_secs(3);

/// What a daemon is started with.
pub struct Daemon {
    pub config: Config,
    pub clock: Clock,
    pub listener: TcpListener,
    /// Shown on every page.
    pub banner: Option<Told>,
    /// The companies that are samples.
    pub samples: Samples,
    /// The companies of an empty database.
    pub master: Vec<Company>,
    /// Run the stock job at once.
    pub run_at_start: bool,
    /// Jobs beside the built-in ones.
    pub more: MoreJobs,
    /// Where new configurations come from; none: the first one stays.
    pub reload: Option<Reload>,
    /// What runs say, to be kept with them.
    pub run_lines: RunLines,
    /// What is done, for a collector.
    pub traces: Traces,
}

/// Runs until `shutdown` is cancelled and everything has ended in order.
///
/// # Errors
/// When the SQLite file belongs to another daemon, or something cannot be built from the configuration.
pub async fn run(daemon: Daemon, shutdown: CancellationToken) -> anyhow::Result<()> {
    let _lock = match Database::sqlite_file(daemon.config.database.url.expose()) {
        Some(file) => Some(FileLock::take(&file)?),
        None => None,
    };
    if let Some(weakness) = daemon.config.server.weakness() {
        tracing::warn!("{weakness}");
    }
    let metrics = Arc::new(metrics(&daemon.more)?);
    metrics.config_in_force(daemon.clock.now());
    let beat = Beat::default();
    let heartbeat = beat.clone();
    let health = Health::new(move || heartbeat.is_alive(), CancellationToken::new());
    let auth = Arc::new(auth(&daemon.config));
    let frame = Arc::new(Frame::new(&daemon.config.server.frame, Arc::clone(&metrics)));
    let starting = http::starting_router(health.clone(), Arc::clone(&metrics), Arc::clone(&auth), &frame);
    let router = SwitchRouter::new(starting);
    let mut server = JoinSet::new();
    let stop_serving = CancellationToken::new();
    let Daemon { config, clock, listener, banner, samples, master, run_at_start, more, reload, run_lines, traces } =
        daemon;
    let connections = config.server.connections;
    server.spawn(http::serve(listener, router.router(), connections, stop_serving.clone(), LAST_REQUESTS));
    let parts = Parts {
        config,
        clock,
        metrics: Arc::clone(&metrics),
        health,
        auth,
        frame,
        beat,
        router,
        banner,
        samples,
        master,
        run_at_start,
        more,
    };
    // The last answer has its span too.
    let served = CancellationToken::new();
    let work = async {
        let result = parts.run(reload, run_lines, &shutdown).await;
        stop_serving.cancel();
        let ended = end(server).await;
        served.cancel();
        result.and(ended)
    };
    let (result, ()) = tokio::join!(work, traces.export(&metrics, &served));
    result
}

async fn end(mut server: JoinSet<std::io::Result<()>>) -> anyhow::Result<()> {
    while let Some(served) = server.join_next().await {
        served.context("the HTTP server")?.context("the HTTP server")?;
    }
    Ok(())
}

fn auth(config: &Config) -> Auth {
    Auth::new(config.server.tokens(), config.server.protect_reads, config.server.listen)
}

struct Parts {
    config: Config,
    clock: Clock,
    metrics: Arc<Metrics>,
    health: Health,
    auth: Arc<Auth>,
    frame: Arc<Frame>,
    beat: Beat,
    router: SwitchRouter,
    banner: Option<Told>,
    samples: Samples,
    master: Vec<Company>,
    run_at_start: bool,
    more: MoreJobs,
}

impl Parts {
    async fn run(
        self,
        reload: Option<Reload>,
        run_lines: RunLines,
        shutdown: &CancellationToken,
    ) -> anyhow::Result<()> {
        let source = reload.as_ref().map(Reload::source);
        // The scheduler is alive while it waits for its database, also when that goes away again at once.
        let waiting = self.beat.keep(shutdown);
        let started = tokio::select! {
            started = self.start(source, shutdown) => started?,
            never = waiting => match never {},
        };
        let Some(assembly) = started else { return Ok(()) };
        let database = assembly.parts.database.clone();
        let alerts = Alerts::new(database.clone(), &self.config.alerts, Arc::clone(&self.metrics))?;
        self.open(&assembly);
        let drained = CancellationToken::new();
        let work = async {
            self.work(&assembly, &alerts, reload, shutdown).await;
            drained.cancel();
        };
        // Runs talk and ask until they are drained, and so long somebody listens.
        let archive = &assembly.parts.archive;
        tokio::join!(work, write_run_logs(&database, run_lines, &drained), write_archive(&database, archive, &drained));
        database.close().await;
        Ok(())
    }

    /// Works until shutdown, then drains: unready, no new ticks, runs to their end or back to the queue.
    async fn work(&self, assembly: &Assembly, alerts: &Alerts, reload: Option<Reload>, shutdown: &CancellationToken) {
        let stop = CancellationToken::new();
        // What a daemon before left behind goes first.
        if let Err(error) = assembly.rescuer.rescue().await {
            tracing::warn!(%error, "leases could not be looked at");
        }
        if self.run_at_start {
            let params = RunParams::default();
            let run = assembly.triggers.run(
                stock::jobs::StockJob::NAME,
                Trigger::Manual,
                &params,
                "run at the start",
                None,
                None,
            );
            if let Err(error) = run.await {
                tracing::error!(%error, "the run at the start could not be made");
            }
        }
        let measured = Measured {
            parts: &assembly.parts,
            registry: &assembly.registry,
            metrics: &self.metrics,
            clock: &self.clock,
            delays: delays(&self.config.stock),
        };
        let loops = async {
            tokio::join!(
                run_clock(&assembly.planner, &self.clock, &self.metrics, &self.beat, &stop),
                assembly.executor.work(&stop),
                run_rescuer(&assembly.rescuer, &stop),
                run_backfiller(&assembly.backfiller, &stop),
                purge_old_runs(&assembly.parts.database, &assembly.registry, &self.clock, &stop),
                keep_archive_house(&assembly.parts.database, &assembly.parts.archive, &stop),
                measure::run(&measured, alerts, &stop),
                run_alerts(alerts, &stop),
                stock::imports::run_purge(&assembly.parts.database, &stop),
                stock::partitions::keep_ahead(&assembly.parts.database, &self.clock, &stop),
                self.reload(assembly, alerts, reload, &stop),
            )
        };
        let end = async {
            shutdown.cancelled().await;
            self.health.draining().cancel();
            stop.cancel();
            // Who sends requests here goes on until it has noticed.
            let noticed = tokio::time::sleep(self.config.server.drain_delay);
            tokio::join!(assembly.executor.drain(self.config.server.shutdown_grace), noticed);
        };
        // Runs are handed over at once, though a loop may be in the middle of something slow.
        let (mut loops, mut end, mut looping) = (pin!(loops), pin!(end), true);
        loop {
            tokio::select! {
                _ = &mut loops, if looping => looping = false,
                () = &mut end => break,
            }
        }
        if looping && tokio::time::timeout(LAST_LOOPS, loops).await.is_err() {
            tracing::warn!("what the scheduler was at did not end in time and was dropped");
        }
        tracing::info!("drained");
    }

    async fn reload(&self, assembly: &Assembly, alerts: &Alerts, reload: Option<Reload>, stop: &CancellationToken) {
        let Some(reload) = reload else { return };
        let reloaded = Reloaded {
            parts: &assembly.parts,
            registry: &assembly.registry,
            metrics: &self.metrics,
            auth: &self.auth,
            alerts,
            started: &self.config,
        };
        reload.watch(self.config.clone(), reloaded, stop).await;
    }
}
