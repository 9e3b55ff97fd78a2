//! Writes the lines of runs, in batches, for as long as the process runs; what is left at its end too.

use std::{pin::pin, time::Duration};

use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use super::waiting::{Batch, Waiting};
use crate::{
    db::{Database, DbError, is_unavailable},
    jobs::{run::RunId, store},
    telemetry::run_log::{KEEPER, RunLine, RunLines},
};

/// How long a line waits for others.
const PERIOD: Duration = Duration::from_millis(250);
/// So many lines wait for no others.
const BATCH: usize = 500;
/// Lines that wait while the database is away.
const MOST_WAITING: usize = 10_000;
/// How long between two tries while the database is away.
const RETRY: Duration = Duration::from_millis(500);
/// What the last lines get when the process ends.
const LAST_LINES: Duration = Duration::from_secs(2);

/// Keeps the lines until `cancel`, and what has been said by then.
pub async fn write_run_logs(database: &Database, lines: RunLines, cancel: &CancellationToken) {
    let mut writer = Writer {
        database: database.clone(),
        lines,
        received: Vec::new(),
        waiting: Waiting::new(MOST_WAITING),
        over: false,
        failing: false,
    };
    let patience = async {
        cancel.cancelled().await;
        sleep(LAST_LINES).await;
    };
    let work = async {
        tokio::select! {
            () = writer.work(cancel) => {}
            () = patience => tracing::warn!("the last lines of runs could not be kept in time"),
        }
    };
    // So that nothing said here becomes a line itself.
    work.instrument(tracing::info_span!(KEEPER)).await;
}

struct Writer {
    database: Database,
    lines: RunLines,
    received: Vec<RunLine>,
    waiting: Waiting,
    /// No more lines will come.
    over: bool,
    /// The last try found the database away.
    failing: bool,
}

impl Writer {
    async fn work(&mut self, cancel: &CancellationToken) {
        loop {
            self.gather(cancel).await;
            if self.waiting.is_empty() && self.over {
                return;
            }
            self.write().await;
        }
    }

    /// Waits for lines, and a little for more of them; before another try, for the database.
    async fn gather(&mut self, cancel: &CancellationToken) {
        let mut until = self.failing.then(|| Instant::now() + RETRY);
        while !(self.over && until.is_none()) && (self.failing || self.waiting.len() < BATCH) {
            let wait = async move {
                match until {
                    Some(until) => sleep_until(until).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                received = self.lines.recv_many(&mut self.received, BATCH), if !self.over => {
                    self.take_in(received);
                    until = until.or_else(|| Some(Instant::now() + PERIOD));
                    if self.over && !self.failing {
                        return;
                    }
                }
                () = cancel.cancelled(), if !self.lines.is_closed() => self.lines.close(),
                () = wait => return,
            }
        }
    }

    fn take_in(&mut self, received: usize) {
        self.over = received == 0;
        for line in self.received.drain(..) {
            self.waiting.push(line);
        }
    }

    /// Writes all that waits, unless the database is away.
    async fn write(&mut self) {
        while !self.waiting.is_empty() {
            let batch = self.waiting.take(BATCH);
            let database = self.database.clone();
            let mut writing = pin!(append(&database, batch));
            // Runs go on talking meanwhile.
            let written = loop {
                tokio::select! {
                    written = &mut writing => break written,
                    received = self.lines.recv_many(&mut self.received, BATCH), if !self.over => self.take_in(received),
                }
            };
            if let Err((error, rest)) = written {
                if !self.failing {
                    tracing::warn!(%error, "the lines of runs wait for the database");
                }
                self.failing = true;
                self.waiting.put_back(rest);
                return;
            }
            self.failing = false;
        }
    }
}

/// Appends the lines of one run after the other. What is left when the database is away comes back.
async fn append(database: &Database, mut batch: Batch) -> Result<(), (DbError, Batch)> {
    while let Some(lines) = batch.front() {
        let run = lines.first().and_then(|line| RunId::parse(&line.run));
        if let Some(run) = run {
            match store::append_run_log(database, &run, lines).await {
                Ok(()) => {}
                Err(error) if is_unavailable(&error) => return Err((error, batch)),
                // Trying again cannot help, and the lines of other runs must not wait for these.
                Err(error) => tracing::error!(%run, lines = lines.len(), %error, "lines of a run could not be kept"),
            }
        }
        batch.pop_front();
    }
    Ok(())
}
