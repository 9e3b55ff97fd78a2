//! `run`: one run in the foreground.

use std::{fmt::Write as _, path::Path, time::Duration};

use indicatif::ProgressBar;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{
    args::Wanted,
    outcome,
    outcome::Outcome,
    progress::{self, Bar},
};
use crate::{
    app::{self, Foreground},
    jobs::{Mode, Run, RunParams, RunState, Task, TaskState, TriggerError},
};

/// Failed tasks listed in the summary.
const LISTED: u32 = 10;
/// Tasks listed after a dry run.
const PLANNED: u32 = 50;

pub async fn run(path: Option<&Path>, wanted: Wanted) -> Result<(), Outcome> {
    let (bar, foreground, _) = progress::foreground(path).await?;
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
    if let Some(path) = foreground.rejected_at(&run).await? {
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
