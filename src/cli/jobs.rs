//! `jobs`: what runs when, and how it last went.

use std::{fmt::Write as _, path::Path};

use super::{outcome, outcome::Outcome, setup};
use crate::{app, jobs::store};

pub async fn jobs(path: Option<&Path>) -> Result<(), Outcome> {
    let config = setup::load(path)?;
    setup::log_quietly(&config)?;
    let database = setup::database(&config).await?;
    let clock = app::system_clock();
    let metrics = std::sync::Arc::new(app::metrics(&app::MoreJobs::default())?);
    let assembly = app::assemble(&config, &app::MoreJobs::default(), database.clone(), &metrics, &clock, "cli")?;
    let mut text = String::new();
    for registered in assembly.registry.all() {
        let name = registered.name();
        let settings = &registered.settings;
        let state = store::find_job(database.connection(), name).await?;
        let paused = state.as_ref().is_some_and(|state| state.paused);
        let note = match (settings.enabled, paused) {
            (false, _) => " (disabled)",
            (true, true) => " (paused)",
            (true, false) => "",
        };
        let _ = writeln!(text, "{name}{note}: {}", registered.job.description());
        let _ = writeln!(text, "  schedule  {} {}", settings.schedule, settings.timezone);
        let _ = writeln!(text, "            {}", registered.in_words);
        let ticks = if settings.enabled { 5 } else { 0 };
        for tick in (registered.upcoming)(clock.now(), ticks) {
            let _ = writeln!(text, "  next      {}", tick.with_timezone(&settings.timezone).format("%a %F %T %Z"));
        }
        match store::last_run(database.connection(), name).await? {
            None => text.push_str("  last run  none yet\n"),
            Some(run) => {
                let at = run.finished_at.or(run.started_at).unwrap_or(run.created_at).with_timezone(&settings.timezone);
                let _ = writeln!(text, "  last run  {} {} {}", run.state, at.format("%F %T %Z"), run.id);
            }
        }
    }
    outcome::print(&text);
    database.close().await;
    Ok(())
}
