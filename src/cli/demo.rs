//! `demo`: the daemon on the sample market.

use std::path::PathBuf;

use super::{outcome, outcome::Outcome, serve::until_signal, setup};
use crate::{app, config};

pub async fn demo(data_dir: Option<PathBuf>) -> Result<(), Outcome> {
    let environment = setup::environment();
    let logs: std::collections::BTreeMap<String, String> = environment
        .iter()
        .filter(|(name, _)| {
            ["DATAINFRA__LOG__", "DATAINFRA__TELEMETRY__", "OTEL_", "RUST_LOG"]
                .iter()
                .any(|start| name.starts_with(start))
        })
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let logs = setup::log_quietly(&config::parse(None, &logs).map_err(Outcome::usage)?)?;
    let demo = app::Demo { data_dir, environment, run_lines: logs.run_lines, traces: logs.traces };
    until_signal(|shutdown| app::demo(demo, outcome::print, shutdown)).await
}
