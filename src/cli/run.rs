//! `run`: one run in the foreground.

use std::{fmt::Write as _, io::IsTerminal as _, path::Path, time::Duration};

use indicatif::{ProgressBar, ProgressStyle};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{args::Wanted, outcome, outcome::Outcome, setup};
use crate::{
    app::{self, Foreground, Progress},
    jobs::{Mode, Run, RunParams, RunState, Task, TaskState, TriggerError},
    stock, telemetry,
};

/// Failed tasks listed in the summary.
const LISTED: u32 = 10;
/// Tasks listed after a dry run.
const PLANNED: u32 = 50;

pub async fn run(path: Option<&Path>, wanted: Wanted) -> Result<(), Outcome> {
    let config = setup::load(path)?;
    let bar = ProgressBar::no_length().with_style(style()?);
    let clock = app::system_clock();
    let (subscriber, logs) = telemetry::subscriber(
        &config.log,
        Some(setup::quiet_level(&config)),
        std::io::stderr().is_terminal(),
        &clock,
        Above(bar.clone()),
    )
    .map_err(Outcome::usage)?;
    tracing::subscriber::set_global_default(subscriber)?;
    let database = setup::database(&config).await?;
    app::seed(&database, &stock::master::bundled()).await?;
    let foreground = Foreground::new(&config, database, &clock, setup::actor(), logs.run_lines)?;
    let params = RunParams {
        from: wanted.from,
        to: wanted.to,
        companies: wanted.companies,
        mode: match (wanted.full, wanted.missing) {
            (true, _) => Mode::Full,
            (false, true) => Mode::Missing,
            (false, false) => Mode::Incremental,
        },
        dry_run: wanted.dry_run,
        input: wanted.input,
    };
    let result = follow(&foreground, &wanted.job, &params, &bar).await;
    foreground.close().await;
    result
}

async fn follow(foreground: &Foreground, job: &str, params: &RunParams, bar: &ProgressBar) -> Result<(), Outcome> {
    let run = foreground.trigger(job, params).await.map_err(refused)?;
    let cancel = CancellationToken::new();
    let mut signals = JoinSet::new();
    signals.spawn(app::watch(cancel.clone()));
    bar.enable_steady_tick(Duration::from_millis(100));
    let run = foreground.follow(&run.id, &mut Bar(bar.clone()), &cancel).await?;
    bar.finish_and_clear();
    let failed = foreground.tasks(&run.id, Some(TaskState::Failed), LISTED).await?;
    let planned = if params.dry_run { foreground.tasks(&run.id, None, PLANNED).await? } else { Vec::new() };
    let mut text = summary(&run, &failed, &planned);
    if let Some(path) = foreground.rejected_at(&run) {
        let _ = writeln!(text, "  rejected  the daemon shows which and why at {path}");
    }
    outcome::print(&text);
    if run.state == RunState::Succeeded { Ok(()) } else { Err(Outcome::said()) }
}

fn refused(error: TriggerError) -> Outcome {
    match error {
        TriggerError::UnknownJob(_) => Outcome::usage(error),
        TriggerError::Params(problems) => Outcome::Usage(
            problems.iter().map(|p| format!("{}: {}", p.param, p.message)).collect::<Vec<_>>().join("\n"),
        ),
        error => Outcome::failed(error),
    }
}

pub(super) fn style() -> Result<ProgressStyle, Outcome> {
    Ok(ProgressStyle::with_template("{spinner} {prefix} [{bar:30}] {pos}/{len} {msg} {elapsed}")?.progress_chars("=> "))
}

/// Logs above the bar, not through it.
#[derive(Clone)]
pub(super) struct Above(pub(super) ProgressBar);

impl std::io::Write for Above {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.suspend(|| std::io::stderr().write(bytes))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        std::io::stderr().flush()
    }
}

impl<'w> tracing_subscriber::fmt::MakeWriter<'w> for Above {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

pub(super) struct Bar(pub(super) ProgressBar);

impl Progress for Bar {
    fn show(&mut self, run: &Run) {
        self.0.set_prefix(format!("{} {}", run.job, run.state));
        if run.total > 0 {
            self.0.set_length(u64::from(run.total));
        }
        self.0.set_position(u64::from(run.done + run.failed));
        let failed = if run.failed > 0 { format!(", {} failed", run.failed) } else { String::new() };
        self.0.set_message(format!("{} rows{failed}", run.rows.inserted + run.rows.updated));
    }
}

fn summary(run: &Run, failed: &[Task], planned: &[Task]) -> String {
    let mut text = format!("{} run {} {}\n", run.job, run.id, run.state);
    let seconds = run.started_at.zip(run.finished_at).map(|(start, end)| (end - start).num_milliseconds() as f64 / 1e3);
    let rows = &run.rows;
    let _ = writeln!(text, "  duration  {:.1} s", seconds.unwrap_or_default());
    let _ = writeln!(text, "  tasks     {} of {} done, {} failed", run.done, run.total, run.failed);
    let _ = writeln!(
        text,
        "  rows      {} fetched, {} inserted, {} updated, {} unchanged, {} rejected",
        rows.fetched, rows.inserted, rows.updated, rows.unchanged, rows.rejected
    );
    if let Some(error) = &run.error {
        let _ = writeln!(text, "  error     {error}");
    }
    for task in failed {
        let _ = writeln!(text, "  failed    {}: {}", task.key, task.error.as_deref().unwrap_or("no reason kept"));
    }
    if run.failed as usize > failed.len() {
        let _ = writeln!(text, "  …         and {} more", run.failed as usize - failed.len());
    }
    for task in planned {
        let _ = writeln!(text, "  {:<9} {}", task.key, task.message.as_deref().unwrap_or_default());
    }
    text
}
