//! A daemon under torture: the real composition with jobs of the checker's own.

mod companies;
mod jobs;
mod task;

use std::{collections::BTreeMap, sync::Arc};

use data_infrastructure::{
    app::{self, Daemon, MoreJobs},
    config::ConfigSource,
    stock, telemetry,
};
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

pub use self::{
    companies::CODES,
    jobs::{ALL, Spec, find},
};
use crate::args::DaemonArgs;

/// The fake sources: a fault strikes one of them at a time.
pub const SOURCES: [&str; 3] = ["fake-a", "fake-b", "fake-c"];

/// Runs until a signal, as `serve` does.
pub async fn run(args: &DaemonArgs) -> anyhow::Result<()> {
    let source = ConfigSource::new(Some(&args.config), BTreeMap::new());
    let (config, clock) = (source.load()?, app::system_clock());
    let logs = telemetry::init(&config.log, &config.telemetry, None, false, &clock)?;
    let handle = logs.handle.clone();
    let set_log: app::SetLog = Box::new(move |settings| Ok(handle.set(settings)?));
    let listener = TcpListener::bind(config.server.listen).await?;
    let (name, upstream) = (args.name.clone(), args.upstream.clone());
    let more = MoreJobs {
        names: ALL.iter().map(|spec| spec.name).collect(),
        sources: SOURCES.to_vec(),
        build: Arc::new(move |parts| jobs::build(parts, &name, &upstream)),
    };
    let daemon = Daemon {
        config,
        clock,
        listener,
        banner: None,
        samples: stock::api::Samples::default(),
        master: companies::master()?,
        run_at_start: false,
        more,
        reload: Some(app::Reload::new(source, Some(set_log))),
        run_lines: logs.run_lines,
        traces: logs.traces,
    };
    let shutdown = CancellationToken::new();
    let mut signals = JoinSet::new();
    signals.spawn(app::watch(shutdown.clone()));
    app::run(daemon, shutdown).await
}
