//! `serve`: the daemon.

use std::path::Path;

use anyhow::Context as _;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

use super::{outcome::Outcome, setup};
use crate::{app, config::ConfigSource, stock};

pub async fn serve(path: Option<&Path>) -> Result<(), Outcome> {
    let source = ConfigSource::new(path, setup::environment());
    let config = source.load().map_err(Outcome::usage)?;
    let logs = setup::log(&config)?;
    let handle = logs.handle.clone();
    let set_log: app::SetLog = Box::new(move |settings| Ok(handle.set(settings)?));
    let listen = config.server.listen;
    let listener =
        TcpListener::bind(listen).await.with_context(|| format!("cannot listen on {listen} (server.listen)"))?;
    tracing::info!(address = %listener.local_addr()?, database = %config.database.url, instance = app::instance(&config.server), "starting");
    let daemon = app::Daemon {
        config,
        clock: app::system_clock(),
        listener,
        banner: None,
        samples: stock::api::Samples::default(),
        master: stock::master::bundled(),
        run_at_start: false,
        more: app::MoreJobs::default(),
        reload: Some(app::Reload::new(source, Some(set_log))),
        run_lines: logs.run_lines,
        traces: logs.traces,
    };
    until_signal(|shutdown| app::run(daemon, shutdown)).await
}

/// Runs until it ends by itself or a signal has been obeyed.
pub async fn until_signal<F: Future<Output = anyhow::Result<()>>>(
    work: impl FnOnce(CancellationToken) -> F,
) -> Result<(), Outcome> {
    let shutdown = CancellationToken::new();
    let mut signals = JoinSet::new();
    signals.spawn(app::watch(shutdown.clone()));
    Ok(work(shutdown).await?)
}
