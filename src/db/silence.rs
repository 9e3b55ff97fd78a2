//! Connections of PostgreSQL on which nothing comes any more though nobody has closed them: a firewall or a node in
//! between has forgotten them, and TCP notices after a quarter of an hour. What sqlx does with a connection without a
//! limit has one here, or its place in the pool would be lost for as long. One thing cannot be reached: the question that
//! sqlx itself asks at the end of each return. A connection that falls silent within that one round trip keeps its place.

use std::{
    io,
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sqlx::{Connection as _, PgConnection};
use tokio::time::{Instant, timeout};

/// A connection idle for longer is asked whether it lives before it is used.
const FRESH: Duration = Duration::from_secs(2);
/// How long a connection may take to say that it lives, and to end what nobody waits for any more.
const ANSWER: Duration = Duration::from_secs(3);
/// How long a transaction may take to begin; the wait for a connection, which ends sooner, counts.
const BEGINNING: Duration = Duration::from_secs(15);
/// A connection that comes back so soon after a beginning was given up may be the one that was to begin.
const DOUBT: Duration = Duration::from_secs(5);

/// What a pool knows of its connections' silence. All clones know the same.
#[derive(Clone, Default)]
pub(super) struct Silence {
    /// When the beginning of a transaction was last given up.
    given_up: Arc<Mutex<Option<Instant>>>,
}

impl Silence {
    /// Whether an idle connection may be used. One just used is taken as it is: the question would double each round
    /// trip.
    pub(super) async fn is_usable(connection: &mut PgConnection, idle: Duration) -> Result<bool, sqlx::Error> {
        if idle < FRESH {
            return Ok(true);
        }
        match timeout(ANSWER, connection.ping()).await {
            Ok(answered) => Ok(answered.is_ok()),
            Err(_) => Err(silent()),
        }
    }

    /// Whether a connection may go back to the pool. Nothing is asked of one whose last answer has come; one that was
    /// let go before it had to answer gets some time for that.
    pub(super) async fn may_return(&self, connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
        if self.given_up().is_some_and(|at| at.elapsed() < DOUBT) {
            return Err(silent());
        }
        match timeout(ANSWER, connection.flush()).await {
            Ok(answered) => answered.map(|()| true),
            Err(_) => Err(silent()),
        }
    }

    /// Begins a transaction, or gives it up. Its connection is not used again: it may be inside a transaction that
    /// nobody knows of.
    pub(super) async fn begin<T>(&self, begin: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
        let mut begin = pin!(begin);
        match timeout(BEGINNING, &mut begin).await {
            Ok(begun) => begun,
            Err(_) => {
                // Said before the connection is let go, which is when this ends.
                *self.given_up() = Some(Instant::now());
                Err(silent())
            }
        }
    }

    fn given_up(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.given_up.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn silent() -> sqlx::Error {
    sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, "the connection has fallen silent"))
}
