//! Accepting connections, whatever the system says: its complaints are logged now and then, and never end the loop.

use std::{io, net::SocketAddr, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream},
    time::{Instant, sleep},
};

/// How long to wait when there are no more files or no more memory.
const PAUSE: Duration = Duration::from_millis(100);
/// The least time between two complaints in the log.
const QUIET: Duration = Duration::from_secs(1);

/// Where connections come from.
pub trait Accept {
    type Connection;
    fn accept(&self) -> impl Future<Output = io::Result<(Self::Connection, SocketAddr)>> + Send;
}

impl Accept for TcpListener {
    type Connection = TcpStream;

    async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        Self::accept(self).await
    }
}

/// When something was last logged, and what was not since.
#[derive(Debug, Default)]
pub struct Complaint {
    last: Option<Instant>,
    unsaid: u32,
}

impl Complaint {
    /// So many failures are to be told now, this one included; none: not yet.
    fn told(&mut self, now: Instant) -> Option<u32> {
        self.unsaid = self.unsaid.saturating_add(1);
        if self.last.is_some_and(|last| now.duration_since(last) < QUIET) {
            return None;
        }
        self.last = Some(now);
        Some(std::mem::take(&mut self.unsaid))
    }
}

/// The next connection.
pub async fn accept<A: Accept>(listener: &A, complaint: &mut Complaint) -> (A::Connection, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            // The client was gone before it was its turn.
            Err(error) if is_of_the_client(&error) => tracing::debug!(%error, "a connection ended before it began"),
            Err(error) => {
                if let Some(failures) = complaint.told(Instant::now()) {
                    tracing::error!(%error, failures, "connections cannot be accepted; trying again");
                }
                sleep(PAUSE).await;
            }
        }
    }
}

fn is_of_the_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// Fails so often before there is a connection.
    struct Failing(Mutex<u32>);

    impl Accept for Failing {
        type Connection = ();

        async fn accept(&self) -> io::Result<((), SocketAddr)> {
            let mut left = self.0.lock().unwrap();
            if *left == 0 {
                return Ok(((), SocketAddr::from(([127, 0, 0, 1], 9))));
            }
            *left -= 1;
            // Too many open files.
            Err(if left.is_multiple_of(2) {
                io::Error::from_raw_os_error(24)
            } else {
                io::ErrorKind::ConnectionAborted.into()
            })
        }
    }

    #[tokio::test]
    async fn failures_of_the_system_are_outlasted() {
        let (mut complaint, started) = (Complaint::default(), Instant::now());
        accept(&Failing(Mutex::new(6)), &mut complaint).await;
        assert!(started.elapsed() >= PAUSE * 3, "they are waited for");
    }

    #[test]
    fn failures_are_told_once_a_second_with_their_number() {
        let (mut complaint, now) = (Complaint::default(), Instant::now());
        let at = |tenths| now + Duration::from_millis(100) * tenths;
        let told: Vec<_> = (0..25).filter_map(|tenths| complaint.told(at(tenths))).collect();
        assert_eq!(told, [1, 10, 10]);
    }
}
