//! Runs in this process, with a bar, and their logs above it.

use std::{io::IsTerminal as _, path::Path};

use indicatif::{ProgressBar, ProgressStyle};

use super::{outcome::Outcome, setup};
use crate::{
    app::{self, Foreground, Progress},
    db::Database,
    jobs::Run,
    stock, telemetry,
};

/// The bar, what runs jobs here by the configuration, and its database.
pub(super) async fn foreground(path: Option<&Path>) -> Result<(ProgressBar, Foreground, Database), Outcome> {
    let config = setup::load(path)?;
    let bar = ProgressBar::no_length().with_style(style()?);
    let clock = app::system_clock();
    let (subscriber, logs) = telemetry::traced_subscriber(
        &config.log,
        &config.telemetry,
        Some(setup::quiet_level(&config)),
        std::io::stderr().is_terminal(),
        &clock,
        Above(bar.clone()),
    )
    .map_err(Outcome::usage)?;
    tracing::subscriber::set_global_default(subscriber)?;
    let database = setup::database(&config).await?;
    app::seed(&database, &stock::master::bundled()).await?;
    let foreground = Foreground::new(&config, database.clone(), &clock, setup::actor(), logs.run_lines, logs.traces)?;
    Ok((bar, foreground, database))
}

fn style() -> Result<ProgressStyle, Outcome> {
    Ok(ProgressStyle::with_template("{spinner} {prefix} [{bar:30}] {msg} {elapsed}")?.progress_chars("=> "))
}

/// Logs above the bar, not through it.
#[derive(Clone)]
struct Above(ProgressBar);

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

/// A run as a bar.
pub(super) struct Bar(pub(super) ProgressBar);

impl Progress for Bar {
    fn show(&mut self, run: &Run) {
        self.0.set_prefix(format!("{} {}", run.job, run.state));
        if run.total > 0 {
            self.0.set_length(u64::from(run.total));
        }
        self.0.set_position(u64::from(run.done + run.failed));
        let tasks = in_words(run.done, run.failed, run.total);
        self.0.set_message(format!("{tasks}, {} rows", run.rows.inserted + run.rows.updated));
    }
}

/// What failed is not done; the bar shows what has ended.
fn in_words(done: u32, failed: u32, total: u32) -> String {
    let failed = if failed > 0 { format!(", {failed} failed") } else { String::new() };
    format!("{done} of {total} done{failed}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_failed_is_not_done() {
        assert_eq!(in_words(0, 34, 34), "0 of 34 done, 34 failed");
        assert_eq!(in_words(12, 0, 34), "12 of 34 done");
    }
}
