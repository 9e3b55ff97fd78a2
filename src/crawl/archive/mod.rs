//! What sources answered, kept for a while as it came, so that it can be read again by a better reader; and how often
//! each source answered in which way.
//!
//! Nobody waits for it: what cannot be kept is counted, told once, and lost. Secrets are masked before it comes here.

mod housekeeping;
mod recording;
pub mod settings;
mod writer;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::Instant;

use self::settings::ArchiveSettings;
use super::raw_answer::RawAnswer;
use super::subject::Subject;
use crate::metrics::Metrics;

pub use housekeeping::keep_archive_house;
pub use recording::{ArchivedFetch, Recording};
pub use writer::write_archive;

/// Answers that wait while the database is away …
const MOST_WAITING: usize = 1000;
/// … and bytes of their bodies.
const MOST_BYTES: usize = 64 << 20;

/// An answer to be kept, without any secret of its request.
#[derive(Clone, Debug)]
pub struct Answered {
    pub source: &'static str,
    pub subject: Subject,
    /// The answer, with the address that was asked, whatever redirects led to.
    pub raw: RawAnswer,
    /// One of [`OUTCOMES`](super::observer::OUTCOMES).
    pub outcome: &'static str,
    /// Why it could not be used; empty: it could.
    pub reason: String,
}

/// Takes answers, and hands them to the writer. Clones are the same archive.
#[derive(Clone)]
pub struct Archive(Arc<Inner>);

struct Inner {
    settings: ArchiveSettings,
    metrics: Arc<Metrics>,
    waiting: Mutex<Waiting>,
    news: Notify,
}

#[derive(Default)]
struct Waiting {
    answers: VecDeque<(Answered, Instant)>,
    bytes: usize,
    outcomes: Outcomes,
}

/// How often, and when last, by source and outcome.
type Outcomes = BTreeMap<(&'static str, &'static str), (u64, Instant)>;

impl Archive {
    #[must_use]
    pub fn new(settings: ArchiveSettings, metrics: Arc<Metrics>) -> Self {
        Self(Arc::new(Inner { settings, metrics, waiting: Mutex::default(), news: Notify::new() }))
    }

    /// Keeps an answer. Never waits: one that comes when too much waits already is lost.
    pub fn keep(&self, answer: Answered) {
        if self.0.settings.keep.is_zero() {
            return;
        }
        let size = answer.raw.body.len();
        let source = answer.source;
        let mut waiting = self.waiting();
        if waiting.answers.len() >= MOST_WAITING || waiting.bytes + size > MOST_BYTES {
            drop(waiting);
            self.0.metrics.archived(source, false);
            return;
        }
        waiting.bytes += size;
        waiting.answers.push_back((answer, Instant::now()));
        drop(waiting);
        self.0.news.notify_one();
    }

    /// Counts an outcome of a request, also of one without an answer.
    pub fn count(&self, source: &'static str, outcome: &'static str) {
        let now = Instant::now();
        let mut waiting = self.waiting();
        let (count, last) = waiting.outcomes.entry((source, outcome)).or_insert((0, now));
        *count += 1;
        *last = now;
        drop(waiting);
        self.0.news.notify_one();
    }

    /// The oldest answers that wait, at most so many, with the instant of each.
    fn take(&self, most: usize) -> Vec<(Answered, Instant)> {
        let mut waiting = self.waiting();
        let most = most.min(waiting.answers.len());
        let taken: Vec<_> = waiting.answers.drain(..most).collect();
        waiting.bytes -= taken.iter().map(|(answer, _)| answer.raw.body.len()).sum::<usize>();
        taken
    }

    fn take_outcomes(&self) -> Outcomes {
        std::mem::take(&mut self.waiting().outcomes)
    }

    /// Takes back what could not be written.
    fn put_back_outcomes(&self, outcomes: Outcomes) {
        let mut waiting = self.waiting();
        for (name, (count, last)) in outcomes {
            let (waits, newest) = waiting.outcomes.entry(name).or_insert((0, last));
            *waits += count;
            *newest = last.max(*newest);
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
