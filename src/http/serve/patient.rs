//! The bytes of one connection, read and written as long as its client does its part.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep_until},
};

use super::{line::Line, traffic::Verdict};

/// Fails with `TimedOut` when the client is too slow, and is at its end when nothing happens any more.
pub struct Patient<IO> {
    io: IO,
    line: Line,
    reading: Pin<Box<Sleep>>,
    /// While a write waits.
    writing: Option<Pin<Box<Sleep>>>,
}

impl<IO: Unpin> Patient<IO> {
    pub fn new(io: IO, line: Line) -> Self {
        Self { io, line, reading: Box::pin(sleep_until(Instant::now())), writing: None }
    }

    /// Ready when no more is to be read.
    fn poll_patience(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            match self.line.verdict() {
                Verdict::Idle => return Poll::Ready(Ok(())),
                Verdict::Overdue(reason) => return Poll::Ready(Err(too_slow(reason))),
                Verdict::Until(end) => {
                    let set = self.reading.deadline();
                    // Woken too early it looks again: setting it anew for each byte costs more.
                    if self.reading.is_elapsed() || set > end {
                        self.reading.as_mut().reset(end);
                    }
                    ready!(self.reading.as_mut().poll(cx));
                }
            }
        }
    }

    /// What a write gave; when it has to wait, for how long.
    fn written(&mut self, cx: &mut Context<'_>, result: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if result.is_ready() {
            self.writing = None;
            self.line.left();
            return result;
        }
        let patience = self.line.stall_timeout();
        let waiting = self.writing.get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + patience)));
        ready!(waiting.as_mut().poll(cx));
        Poll::Ready(Err(too_slow("nothing of an answer is taken")))
    }
}

fn too_slow(reason: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, reason)
}

impl<IO: AsyncRead + Unpin> AsyncRead for Patient<IO> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        match Pin::new(&mut this.io).poll_read(cx, buf) {
            Poll::Ready(Ok(())) => {
                this.line.arrived(&buf.filled()[before..]);
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => this.poll_patience(cx),
        }
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for Patient<IO> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let result = Pin::new(&mut this.io).poll_write(cx, bytes);
        this.written(cx, result)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let result = Pin::new(&mut this.io).poll_write_vectored(cx, pieces);
        this.written(cx, result)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex},
        time::sleep,
    };

    use super::*;
    use crate::http::settings::ConnectionSettings;

    const SHORT: Duration = Duration::from_millis(200);

    /// Two ends of a line on which 64 bytes find room, and where each time is short.
    fn pair() -> (Patient<DuplexStream>, DuplexStream, Line) {
        let (header_timeout, idle_timeout, stall_timeout) = (SHORT, SHORT, SHORT);
        let line = Line::new(ConnectionSettings { max_connections: 1, header_timeout, idle_timeout, stall_timeout });
        let (ours, theirs) = duplex(64);
        (Patient::new(ours, line.clone()), theirs, line)
    }

    #[tokio::test]
    async fn a_client_that_never_reads_is_given_up() {
        let (mut ours, _theirs, _) = pair();
        let started = Instant::now();
        let error = ours.write_all(&[b'a'; 1000]).await.unwrap_err();
        assert_eq!((error.kind(), started.elapsed() >= SHORT), (io::ErrorKind::TimedOut, true));
    }

    #[tokio::test]
    async fn a_client_that_reads_slowly_gets_everything() {
        let (mut ours, mut theirs, _) = pair();
        let started = Instant::now();
        let reading = async {
            let mut piece = [0; 100];
            for _ in 0..10 {
                sleep(SHORT / 4).await;
                theirs.read_exact(&mut piece).await.unwrap();
            }
        };
        let (written, ()) = tokio::join!(ours.write_all(&[b'a'; 1000]), reading);
        written.unwrap();
        assert!(started.elapsed() > SHORT, "longer than any one wait");
    }

    #[tokio::test]
    async fn a_head_that_dribbles_is_given_up_after_its_time() {
        let (mut ours, mut theirs, _) = pair();
        let dribbling = async {
            while theirs.write_all(b"a").await.is_ok() {
                sleep(SHORT / 20).await;
            }
        };
        let reading = async move {
            loop {
                if let Err(error) = ours.read_u8().await {
                    return error.kind();
                }
            }
        };
        let (kind, ()) = tokio::join!(reading, dribbling);
        assert_eq!(kind, io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn an_idle_connection_is_at_its_end() {
        let (mut ours, mut theirs, line) = pair();
        theirs.write_all(b"GET").await.unwrap();
        ours.read_exact(&mut [0; 3]).await.unwrap();
        drop(line.begin());
        let started = Instant::now();
        assert_eq!(ours.read(&mut [0; 8]).await.unwrap(), 0);
        assert!(started.elapsed() >= SHORT);
    }
}
