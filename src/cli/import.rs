//! `import bars`: each file is a run in the foreground; one that fails does not keep the others from going on.

use std::{
    fmt::Write as _,
    fs::File,
    io::{Read as _, Seek as _},
    path::Path,
    time::Duration,
};

use indicatif::ProgressBar;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{
    args::{Bars, Importing},
    outcome,
    outcome::{Outcome, counted},
    progress::{self, Bar},
    setup,
};
use crate::{
    app::{self, Foreground},
    audit::Actor,
    db::Database,
    jobs::{Run, RunParams, RunState, Task, TaskState},
    stock::{
        imports::{JOB, MOST_BYTES, stage},
        sources::files::{Content, Given},
        store::imports::{self, ImportFile},
    },
};

/// Tasks listed for a file.
const LISTED: u32 = 50;

pub async fn import(path: Option<&Path>, what: Importing) -> Result<(), Outcome> {
    let Importing::Bars(wanted) = what;
    let (bar, foreground, database) = progress::foreground(path).await?;
    let cancel = CancellationToken::new();
    let mut signals = JoinSet::new();
    signals.spawn(app::watch(cancel.clone()));
    let session = Session { wanted: &wanted, foreground: &foreground, database: &database, bar: &bar, cancel: &cancel };
    let failed = session.all().await;
    foreground.close().await;
    if failed? == 0 { Ok(()) } else { Err(Outcome::said()) }
}

struct Session<'a> {
    wanted: &'a Bars,
    foreground: &'a Foreground,
    database: &'a Database,
    bar: &'a ProgressBar,
    cancel: &'a CancellationToken,
}

impl Session<'_> {
    /// Gives the number of files that were not imported in full.
    async fn all(&self) -> Result<usize, Outcome> {
        let (mut done, mut failed) = (0, 0);
        for file in &self.wanted.files {
            if self.cancel.is_cancelled() {
                break;
            }
            let (good, text) = match self.one(file).await {
                Ok(found) => found,
                Err(reason) => (false, format!("{}: not imported: {reason}", file.display())),
            };
            self.bar.suspend(|| outcome::print(&text));
            *(if good { &mut done } else { &mut failed }) += 1;
        }
        self.bar.finish_and_clear();
        let left = self.wanted.files.len() - done - failed;
        let what = if self.wanted.dry_run { "judged, nothing written" } else { "imported" };
        let rest = if left > 0 { format!(", {left} not begun") } else { String::new() };
        let files = counted(self.wanted.files.len(), "file", "files");
        outcome::print(&format!("{done} of {files} {what}, {failed} failed{rest}"));
        Ok(failed + left)
    }

    /// Whether the file's run succeeded, and what there is to say of it.
    async fn one(&self, path: &Path) -> anyhow::Result<(bool, String)> {
        let content = open(path)?;
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        self.bar.set_message(format!("reading {name}"));
        self.bar.enable_steady_tick(Duration::from_millis(100));
        let Bars { layout, company, basis, dry_run, .. } = self.wanted;
        let given = Given { name, layout: *layout, company: company.clone(), basis: *basis, most: MOST_BYTES };
        let Actor { name: actor, .. } = setup::actor();
        let file = stage(self.database, content, given, &actor).await?;
        let params = RunParams { input: Some(file.id.clone()), dry_run: *dry_run, ..RunParams::default() };
        let run = match self.foreground.trigger(JOB, &params).await {
            Ok(run) => self.foreground.follow(&run.id, &mut Bar(self.bar.clone()), self.cancel).await?,
            Err(error) => {
                imports::remove(self.database.connection(), &file.id).await?;
                return Err(error.into());
            }
        };
        let state = (!dry_run).then_some(TaskState::Failed);
        let tasks = self.foreground.tasks(&run.id, state, LISTED).await?;
        if *dry_run {
            imports::remove(self.database.connection(), &file.id).await?;
        }
        Ok((run.state == RunState::Succeeded, summary(path, &file, &run, &tasks)))
    }
}

/// What can be imported from a path; nothing of it has been read but its mark.
fn open(path: &Path) -> anyhow::Result<Content> {
    let known = std::fs::metadata(path)?;
    if known.is_dir() {
        anyhow::bail!("it is a directory; name the files in it");
    }
    if !known.is_file() {
        anyhow::bail!("it is no file");
    }
    if known.len() > MOST_BYTES {
        anyhow::bail!("it is larger than {} MiB", MOST_BYTES / (1024 * 1024));
    }
    let mut file = File::open(path)?;
    let mut mark = Vec::new();
    (&mut file).take(4).read_to_end(&mut mark)?;
    file.rewind()?;
    Ok(if Content::is_archive(&mark) { Content::Archive(Box::new(file)) } else { Content::Text(Box::new(file)) })
}

fn summary(path: &Path, file: &ImportFile, run: &Run, tasks: &[Task]) -> String {
    let rows = &run.rows;
    let mut text = format!(
        "{}: {} ({}), {} of {}: {}; {} inserted, {} updated, {} unchanged, {} rejected (run {})",
        path.display(),
        file.layout,
        file.basis.as_str(),
        counted(file.rows, "row", "rows"),
        counted(run.total, "company", "companies"),
        run.state,
        rows.inserted,
        rows.updated,
        rows.unchanged,
        rows.rejected,
        run.id
    );
    if let Some(error) = &run.error {
        let _ = write!(text, "\n  error     {error}");
    }
    for task in tasks {
        let said = task.error.as_deref().or(task.message.as_deref()).unwrap_or_default();
        let _ = write!(text, "\n  {:<9} {said}", task.key);
    }
    text
}
