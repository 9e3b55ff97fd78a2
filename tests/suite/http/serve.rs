//! Serving over a real socket, and ending.

use std::time::Duration;

use axum::{Router, routing::get};
use data_infrastructure::http::{serve, settings::ConnectionSettings};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

async fn connect(listener: &TcpListener) -> TcpStream {
    TcpStream::connect(listener.local_addr().unwrap()).await.unwrap()
}

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

#[tokio::test]
async fn a_request_under_way_is_answered_before_the_server_ends() {
    let (began, begun) = oneshot::channel();
    let (release, released) = oneshot::channel::<()>();
    let slots = std::sync::Mutex::new(Some((began, released)));
    let slots = std::sync::Arc::new(slots);
    let handler = move || {
        let slot = slots.lock().unwrap().take();
        async move {
            if let Some((began, released)) = slot {
                began.send(()).unwrap();
                released.await.unwrap();
            }
            "done"
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut client = connect(&listener).await;
    let shutdown = CancellationToken::new();
    let mut server = JoinSet::new();
    let router = Router::new().route("/", get(handler));
    server.spawn(serve(listener, router, ConnectionSettings::default(), shutdown.clone(), Duration::from_secs(20)));

    client.write_all(REQUEST).await.unwrap();
    begun.await.unwrap();
    shutdown.cancel();
    release.send(()).unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    assert!(answer.ends_with("done"), "{answer}");
    server.join_next().await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn a_request_that_never_ends_does_not_hold_the_server_up() {
    let (began, begun) = oneshot::channel();
    let slot = std::sync::Arc::new(std::sync::Mutex::new(Some(began)));
    let handler = move || {
        if let Some(began) = slot.lock().unwrap().take() {
            began.send(()).unwrap();
        }
        std::future::pending::<&str>()
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut client = connect(&listener).await;
    let shutdown = CancellationToken::new();
    let mut server = JoinSet::new();
    let router = Router::new().route("/", get(handler));
    server.spawn(serve(listener, router, ConnectionSettings::default(), shutdown.clone(), Duration::from_millis(50)));
    client.write_all(REQUEST).await.unwrap();
    begun.await.unwrap();
    shutdown.cancel();
    tokio::time::timeout(Duration::from_secs(10), server.join_next()).await.unwrap().unwrap().unwrap().unwrap();
}
