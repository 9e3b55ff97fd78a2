//! Writes answers and counts behind the requests, in batches, for as long as the process runs; what is left at its
//! end too.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::{Answered, Archive, Outcomes};
use crate::crawl::store::{
    answers::{self, Compressed},
    outcomes,
};
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
    let (answers, outcomes) = (Trouble::default(), Trouble::default());
    let mut writer = Writer { database, archive, answers, outcomes, untrimmed: 0 };
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
    answers: Trouble,
    outcomes: Trouble,
    /// Bytes written since the oldest were trimmed.
    untrimmed: u64,
}

/// Whether the last try failed: that is told once, until it works again.
#[derive(Default)]
struct Trouble(bool);

impl Trouble {
    fn tell(&mut self, error: &DbError) {
        if !self.0 {
            tracing::warn!(%error, "what sources answered cannot be kept at the moment");
        }
        self.0 = true;
    }

    const fn is_over(&mut self) {
        self.0 = false;
    }
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
            if self.outcomes.0 || self.answers.0 {
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
        let row = |(&(source, name), &(count, last)): (&(_, _), &(u64, Instant))| (source, name, count, last.elapsed());
        let rows: Vec<_> = counted.iter().map(row).collect();
        match outcomes::add(self.database, &rows).await {
            Ok(()) => self.outcomes.is_over(),
            Err(error) => {
                self.archive.put_back_outcomes(counted);
                self.outcomes.tell(&error);
            }
        }
    }

    /// Waits for a database that is away; what it refuses is lost.
    async fn write_answers(&mut self, taken: Vec<(Answered, Instant)>) {
        let compressed = tokio::task::spawn_blocking(move || {
            taken.into_iter().map(|(answer, at)| Compressed::new(answer, at)).collect::<Vec<_>>()
        });
        let Ok(compressed) = compressed.await else { return };
        loop {
            match answers::keep(self.database, &compressed).await {
                Ok(bytes) => {
                    self.answers.is_over();
                    self.tally(&compressed, true);
                    return self.trim(bytes).await;
                }
                Err(error) => {
                    self.answers.tell(&error);
                    if !is_unavailable(&error) {
                        return self.tally(&compressed, false);
                    }
                    sleep(RETRY).await;
                }
            }
        }
    }

    fn tally(&self, answers: &[Compressed], kept: bool) {
        answers.iter().for_each(|answer| self.archive.0.metrics.archived(answer.source(), kept));
    }

    async fn trim(&mut self, written: u64) {
        let most = self.archive.0.settings.max_bytes.0;
        self.untrimmed += written;
        if self.untrimmed < most / PART {
            return;
        }
        self.untrimmed = 0;
        if let Err(error) = answers::trim(self.database.connection(), most).await {
            self.answers.tell(&error);
        }
    }
}
