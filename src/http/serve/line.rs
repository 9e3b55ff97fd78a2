//! The traffic of one connection, as those see it who have a part in it.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::traffic::{Traffic, Verdict};
use crate::http::settings::ConnectionSettings;

/// One connection. Cheap to clone; all clones are the same one.
#[derive(Clone)]
pub struct Line {
    traffic: Arc<Mutex<Traffic>>,
    stall_timeout: Duration,
}

impl Line {
    pub fn new(settings: ConnectionSettings) -> Self {
        let traffic = Arc::new(Mutex::new(Traffic::new(settings, Instant::now())));
        Self { traffic, stall_timeout: settings.stall_timeout }
    }

    pub fn stall_timeout(&self) -> Duration {
        self.stall_timeout
    }

    /// Bytes came in.
    pub fn arrived(&self, bytes: &[u8]) {
        self.lock().arrived(bytes, Instant::now());
    }

    /// Bytes went out.
    pub fn left(&self) {
        self.lock().left(Instant::now());
    }

    pub fn verdict(&self) -> Verdict {
        self.lock().verdict(Instant::now())
    }

    /// A request has arrived, and is under way until its exchange is dropped.
    pub fn begin(&self) -> Exchange {
        let id = self.lock().begin();
        Exchange { line: self.clone(), id }
    }

    fn lock(&self) -> MutexGuard<'_, Traffic> {
        self.traffic.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request and its answer.
pub struct Exchange {
    line: Line,
    id: u64,
}

impl Exchange {
    /// The next piece of the answer is asked for.
    pub fn asked(&self) {
        self.line.lock().asked(self.id);
    }

    /// A piece of the answer is handed over.
    pub fn offered(&self) {
        self.line.lock().offered(self.id, Instant::now());
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.line.lock().end(self.id, Instant::now());
    }
}
