//! The fake sources: one small server that writes down who asked when, and misbehaves on demand.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::sleep,
};

use super::now;

/// What a source does instead of answering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    Fails,
    Hangs,
    Resets,
    /// Status 429, and not before so many seconds.
    Refuses(u64),
}

/// One request.
#[derive(Clone, Debug)]
pub struct Asked {
    pub at: DateTime<Utc>,
    pub source: String,
    /// The daemon.
    pub who: String,
    pub met: Option<Trouble>,
}

#[derive(Default)]
struct State {
    troubles: HashMap<&'static str, Trouble>,
    log: Vec<Asked>,
}

/// Serves until it is dropped.
pub struct Upstream {
    port: u16,
    state: Arc<Mutex<State>>,
    _tasks: JoinSet<()>,
}

impl Upstream {
    pub async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let state = Arc::<Mutex<State>>::default();
        let shared = Arc::clone(&state);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&shared);
                connections.spawn(async move { drop(converse(stream, &shared).await) });
                while connections.try_join_next().is_some() {}
            }
        });
        Ok(Self { port, state, _tasks: tasks })
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn set(&self, source: &'static str, trouble: Option<Trouble>) {
        let mut state = lock(&self.state);
        match trouble {
            Some(trouble) => state.troubles.insert(source, trouble),
            None => state.troubles.remove(source),
        };
    }

    /// Every request, oldest first.
    pub fn log(&self) -> Vec<Asked> {
        lock(&self.state).log.clone()
    }
}

async fn converse(mut stream: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mut read = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let count = stream.read(&mut buffer).await?;
        if count == 0 {
            return Ok(());
        }
        read.extend_from_slice(&buffer[..count]);
        let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&read[..end]).into_owned();
        read.drain(..end + 4);
        let answer = match note(&head, state) {
            Some(Trouble::Resets) => return Ok(()),
            Some(Trouble::Hangs) => {
                sleep(Duration::from_secs(20)).await;
                return Ok(());
            }
            Some(Trouble::Fails) => "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n".to_owned(),
            Some(Trouble::Refuses(seconds)) => {
                format!("HTTP/1.1 429 Later\r\nRetry-After: {seconds}\r\nContent-Length: 0\r\n\r\n")
            }
            None => "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".to_owned(),
        };
        stream.write_all(answer.as_bytes()).await?;
    }
}

/// `GET /fake-a/ask/k01?who=d0.1 HTTP/1.1` in the log; gives what it meets.
fn note(head: &str, state: &Mutex<State>) -> Option<Trouble> {
    let at = now();
    let path = head.split(' ').nth(1).unwrap_or_default();
    let source = path.split('/').nth(1).unwrap_or_default().to_owned();
    let who = path.rsplit_once("who=").map_or("", |(_, who)| who).to_owned();
    let mut state = lock(state);
    let met = state.troubles.get(source.as_str()).copied();
    state.log.push(Asked { at, source, who, met });
    met
}

fn lock(state: &Mutex<State>) -> std::sync::MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
