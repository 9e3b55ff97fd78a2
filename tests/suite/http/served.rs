//! A router behind a real socket, and clients that speak to it as they like.

use std::{io, net::SocketAddr, time::Duration};

use axum::{Router, body::Body, response::Response};
use data_infrastructure::http::{serve, settings::ConnectionSettings};
use futures_util::stream;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

/// Longer than anything takes here.
const LONG: Duration = Duration::from_secs(20);

pub struct Served {
    pub address: SocketAddr,
    _server: JoinSet<io::Result<()>>,
}

impl Served {
    pub async fn new(router: Router, settings: ConnectionSettings) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut server = JoinSet::new();
        server.spawn(serve(listener, router, settings, CancellationToken::new(), Duration::ZERO));
        Self { address, _server: server }
    }

    pub async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// What is answered until the connection ends.
    pub async fn ask(&self, request: &[u8]) -> String {
        let mut stream = self.connect().await;
        stream.write_all(request).await.unwrap();
        rest(&mut stream).await
    }

    /// The answer to one request, after which the connection ends.
    pub async fn get(&self, path: &str) -> String {
        self.ask(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").as_bytes()).await
    }
}

/// Everything until the end. A connection that is reset is over as well.
pub async fn rest(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let mut piece = [0; 4096];
    while let Ok(read) = within(stream.read(&mut piece)).await {
        if read == 0 {
            break;
        }
        text.extend_from_slice(&piece[..read]);
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// Sends a request on a connection that goes on, and reads one answer, whose body ends with `last`.
pub async fn exchange(stream: &mut TcpStream, last: &str) -> String {
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut text = String::new();
    let mut piece = [0; 4096];
    while !text.ends_with(last) {
        let read = within(stream.read(&mut piece)).await.unwrap();
        assert!(read > 0, "the connection ended after {text:?}");
        text.push_str(std::str::from_utf8(&piece[..read]).unwrap());
    }
    text
}

pub async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(LONG, future).await.expect("it ends")
}

/// An answer that never ends, and how to know that it was dropped.
pub fn flood() -> (Response, oneshot::Receiver<()>) {
    let (alive, gone) = oneshot::channel::<()>();
    let pieces = stream::unfold(alive, |alive| async { Some((Ok::<_, io::Error>(vec![b'a'; 64 * 1024]), alive)) });
    (Response::new(Body::from_stream(pieces)), gone)
}
