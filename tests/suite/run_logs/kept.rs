//! A subscriber for the thread of one test, and the writer behind it.

use std::time::Duration;

use data_infrastructure::{
    app,
    clock::Clock,
    db::Database,
    jobs::{
        LogLine, RunId, RunParams, Trigger,
        store::{self, LogFilter, NewRun},
        write_run_logs,
    },
    telemetry::{
        self,
        run_log::RunLine,
        settings::{LogFormat, LogSettings},
    },
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::subscriber::DefaultGuard;

/// Keeps what runs say on this thread, until it goes.
pub struct Kept {
    _guard: DefaultGuard,
    end: CancellationToken,
    writer: JoinSet<()>,
}

impl Kept {
    /// With a console that shows `level` and above, to nobody.
    pub fn at_level(database: &Database, level: &str) -> Self {
        let settings = LogSettings { level: level.to_owned(), format: LogFormat::Json };
        let clock: Clock = app::system_clock();
        let (subscriber, logs) = telemetry::subscriber(&settings, None, false, &clock, std::io::sink).unwrap();
        let guard = tracing::subscriber::set_default(subscriber);
        let (mut writer, end) = (JoinSet::new(), CancellationToken::new());
        let (database, cancel) = (database.clone(), end.clone());
        writer.spawn(async move { write_run_logs(&database, logs.run_lines, &cancel).await });
        Self { _guard: guard, end, writer }
    }

    pub fn start(database: &Database) -> Self {
        Self::at_level(database, "error")
    }

    /// Ends as a process does.
    pub async fn end(mut self) {
        self.end.cancel();
        while self.writer.join_next().await.is_some() {}
    }
}

/// A run that nobody executes.
pub async fn new_run(database: &Database) -> RunId {
    let id = RunId::generate();
    let run = NewRun {
        id: id.clone(),
        job: "other",
        trigger: Trigger::Manual,
        scheduled_for: None,
        params: &RunParams::default(),
        note: "",
        retry_of: None,
        parallel: None,
        origin: None,
    };
    store::insert_run(database.connection(), &run).await.unwrap();
    id
}

/// Some line of a run.
pub fn note(run: &RunId, message: impl ToString) -> RunLine {
    RunLine::note(run.as_str().into(), app::system_clock().now(), message.to_string())
}

pub async fn log_of(database: &Database, run: &RunId) -> Vec<LogLine> {
    let filter = LogFilter { limit: 10_000, ..LogFilter::default() };
    store::list_run_log(database.connection(), run, &filter).await.unwrap()
}

/// Waits until the log is as wished.
pub async fn until(database: &Database, run: &RunId, wished: impl Fn(&[LogLine]) -> bool) -> Vec<LogLine> {
    let looking = async {
        loop {
            let lines = log_of(database, run).await;
            if wished(&lines) {
                return lines;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), looking).await.expect("the log gets there")
}

pub fn messages(lines: &[LogLine]) -> Vec<&str> {
    lines.iter().map(|line| line.message.as_str()).collect()
}
