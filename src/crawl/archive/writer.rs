//! Writes answers and counts behind the requests, in batches, for as long as the process runs; what is left at its
//! end too.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::{Answered, Archive, Outcomes};
use crate::crawl::store::{answers, outcomes};
use crate::db::{Database, DbError, is_unavailable};

/// Answers in one transaction.
const BATCH: usize = 16;
/// How long news wait for more of it.
const PERIOD: Duration = Duration::from_millis(250);
/// How long between two tries while the database is away.
const RETRY: Duration = Duration::from_millis(500);
/// What the last answers get when the process ends.
const LAST_ANSWERS: Duration = Duration::from_secs(2);
/// After so large a part of the most that may be kept, the oldest are trimmed.
const PART: u64 = 16;

/// Keeps what the archive is given until `cancel`, and what it was given by then.
pub async fn write_archive(database: &Database, archive: &Archive, cancel: &CancellationToken) {
    let mut writer = Writer { database, archive, failing: false, untrimmed: 0 };
    let patience = async {
        cancel.cancelled().await;
        sleep(LAST_ANSWERS).await;
    };
    tokio::select! {
        () = writer.work(cancel) => {}
        () = patience => tracing::warn!("the last answers of sources could not be kept in time"),
    }
}

struct Writer<'a> {
    database: &'a Database,
    archive: &'a Archive,
    /// The last try failed, and that was told.
    failing: bool,
    /// Bytes written since the oldest were trimmed.
    untrimmed: u64,
}

impl Writer<'_> {
    async fn work(&mut self, cancel: &CancellationToken) {
        loop {
            let over = cancel.is_cancelled();
            let answers = self.archive.take(BATCH);
            let outcomes = self.archive.take_outcomes();
            if answers.is_empty() && outcomes.is_empty() {
                if over {
                    return;
                }
                self.await_news(cancel).await;
                continue;
            }
            if !outcomes.is_empty() {
                self.write_outcomes(outcomes).await;
            }
            if !answers.is_empty() {
                self.write_answers(answers).await;
            }
            if self.failing {
                sleep(RETRY).await;
            }
        }
    }

    /// Waits for news, and then a little for more of it.
    async fn await_news(&self, cancel: &CancellationToken) {
        tokio::select! {
            () = cancel.cancelled() => return,
            () = self.archive.0.news.notified() => {}
        }
        tokio::select! {
            () = cancel.cancelled() => {}
            () = sleep(PERIOD) => {}
        }
    }

    async fn write_outcomes(&mut self, counted: Outcomes) {
        let rows: Vec<_> = counted.iter().map(|((source, name), (count, last))| (*source, *name, *count, last.elapsed()));
        let rows: Vec<_> = rows.collect();
        match outcomes::add(self.database, &rows).await {
            Ok(()) => {}
            Err(error) => {
                self.archive.put_back_outcomes(counted);
                self.tell(&error);
            }
        }
    }

    /// Waits for a database that is away; what it refuses is lost.
    async fn write_answers(&mut self, taken: Vec<(Answered, Instant)>) {
        let compressed = tokio::task::spawn_blocking(move || {
            taken.into_iter().map(|(answer, at)| answers::Compressed::new(answer, at)).collect::<Vec<_>>()
        });
        let Ok(compressed) = compressed.await else { return };
        loop {
            match answers::keep(self.database, &compressed).await {
                Ok(bytes) => {
                    self.failing = false;
                    compressed.iter().for_each(|answer| self.archive.0.metrics.archived(answer.source(), true, 1));
                    return self.trim(bytes).await;
                }
                Err(error) if is_unavailable(&error) => {
                    self.tell(&error);
                    sleep(RETRY).await;
                }
                Err(error) => {
                    self.tell(&error);
                    compressed.iter().for_each(|answer| self.archive.0.metrics.archived(answer.source(), false, 1));
                    return;
                }
            }
        }
    }

    async fn trim(&mut self, written: u64) {
        let most = self.archive.0.settings.max_bytes.0;
        self.untrimmed += written;
        if self.untrimmed < most / PART {
            return;
        }
        self.untrimmed = 0;
        if let Err(error) = answers::trim(self.database.connection(), most).await {
            self.tell(&error);
        }
    }

    /// Once, until it works again.
    fn tell(&mut self, error: &DbError) {
        if !self.failing {
            tracing::warn!(%error, "what sources answered cannot be kept at the moment");
        }
        self.failing = true;
    }
}
