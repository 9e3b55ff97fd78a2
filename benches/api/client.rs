//! The least client that can be: one connection that stays open, an answer's length or chunks, and no more. It costs the
//! machine little beside what it measures.

use std::{
    io::{Error, ErrorKind, Result},
    net::SocketAddr,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

pub struct Client {
    stream: TcpStream,
    host: SocketAddr,
    buffer: Vec<u8>,
}

/// What came back. The body is that of the transfer: chunks with their lengths.
pub struct Answer<'a> {
    pub status: u16,
    pub head: &'a str,
    pub body: &'a [u8],
}

impl Client {
    pub async fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, host: address, buffer: Vec::new() })
    }

    /// A `GET`; `headers` are lines, each with its end.
    pub async fn ask(&mut self, path: &str, headers: &str) -> Result<Answer<'_>> {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n{headers}\r\n", self.host);
        self.stream.write_all(request.as_bytes()).await?;
        self.buffer.clear();
        let start = loop {
            if let Some(end) = find(&self.buffer, b"\r\n\r\n") {
                break end + 4;
            }
            self.read().await?;
        };
        let head = std::str::from_utf8(&self.buffer[..start]).map_err(|_| wrong("a head that is no text"))?;
        let status = head.get(9..12).and_then(|status| status.parse().ok()).ok_or_else(|| wrong("no status"))?;
        match (status, length(head)) {
            (204 | 304, _) => {}
            (_, Some(length)) => self.read_to(start + length).await?,
            (_, None) => self.read_chunks(start).await?,
        }
        let head = std::str::from_utf8(&self.buffer[..start]).unwrap_or_default();
        Ok(Answer { status, head, body: &self.buffer[start..] })
    }

    async fn read_chunks(&mut self, mut at: usize) -> Result<()> {
        loop {
            let end = loop {
                if let Some(end) = find(&self.buffer[at..], b"\r\n") {
                    break at + end;
                }
                self.read().await?;
            };
            let size =
                std::str::from_utf8(&self.buffer[at..end]).ok().and_then(|hex| usize::from_str_radix(hex, 16).ok());
            let size = size.ok_or_else(|| wrong("no length of a chunk"))?;
            at = end + 2 + size + 2;
            self.read_to(at).await?;
            if size == 0 {
                return Ok(());
            }
        }
    }

    async fn read_to(&mut self, length: usize) -> Result<()> {
        while self.buffer.len() < length {
            self.read().await?;
        }
        Ok(())
    }

    async fn read(&mut self) -> Result<()> {
        self.buffer.reserve(64 * 1024);
        match self.stream.read_buf(&mut self.buffer).await? {
            0 => Err(ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}

fn wrong(what: &str) -> Error {
    Error::new(ErrorKind::InvalidData, what)
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|part| part == what)
}

fn length(head: &str) -> Option<usize> {
    header(head, "content-length")?.parse().ok()
}

/// The value of a header; its name in lower case.
pub fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let line = head.lines().find(|line| line.len() > name.len() && line[..name.len()].eq_ignore_ascii_case(name))?;
    line[name.len()..].strip_prefix(':').map(str::trim)
}
