//! `demo`: the daemon on the sample market.

use std::path::{Path, PathBuf};

use super::{outcome, outcome::Outcome, serve::until_signal, setup};
use crate::app;

pub async fn demo(path: Option<&Path>, data_dir: Option<PathBuf>) -> Result<(), Outcome> {
    if path.is_some() {
        return Err(Outcome::usage("the demo takes no configuration: leave --config out, or use serve"));
    }
    let (environment, config) = app::demo_environment(setup::environment()).map_err(Outcome::usage)?;
    let logs = setup::log_quietly(&config)?;
    let demo = app::Demo { data_dir, environment, run_lines: logs.run_lines, traces: logs.traces };
    until_signal(|shutdown| app::demo(demo, outcome::print, shutdown)).await
}
