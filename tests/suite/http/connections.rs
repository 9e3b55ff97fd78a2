//! Connections over real sockets: slow clients, idle ones, too many of them, and heads that are too large.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{Extension, Router, routing::get};
use data_infrastructure::http::{Peer, settings::ConnectionSettings};
use tokio::{
    io::AsyncWriteExt as _,
    time::{sleep, timeout},
};

use super::served::{Served, exchange, flood, rest, within};

const SHORT: Duration = Duration::from_millis(200);

fn patient() -> ConnectionSettings {
    ConnectionSettings::default()
}

async fn echo(Extension(Peer(ip)): Extension<Peer>) -> String {
    format!("you are {ip}")
}

#[tokio::test]
async fn a_handler_knows_the_peer() {
    let served = Served::new(Router::new().route("/", get(echo)), patient()).await;
    assert!(served.get("/").await.ends_with("you are 127.0.0.1"));
}

#[tokio::test]
async fn a_client_that_never_ends_its_head_is_cut() {
    let served = Served::new(Router::new(), ConnectionSettings { header_timeout: SHORT, ..patient() }).await;
    for start in [&b""[..], b"GET / HT", b"PRI * HT", b"GET / HTTP/1.1\r\nHost: x\r\n"] {
        let started = Instant::now();
        assert_eq!(served.ask(start).await, "", "{start:?}");
        assert!(started.elapsed() >= SHORT && started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
    }
    let mut dribbling = served.connect().await;
    let dribble = async {
        while dribbling.write_all(b"G").await.is_ok() {
            sleep(SHORT / 10).await
        }
    };
    within(dribble).await;
}

#[tokio::test]
async fn a_connection_without_a_request_ends_after_a_while_and_one_with_a_slow_answer_does_not() {
    let slow = || async {
        sleep(SHORT * 3).await;
        "done"
    };
    let settings = ConnectionSettings { header_timeout: SHORT, idle_timeout: SHORT, ..patient() };
    let served = Served::new(Router::new().route("/", get(slow)), settings).await;
    let mut stream = served.connect().await;
    exchange(&mut stream, "done").await;
    let started = Instant::now();
    assert_eq!(rest(&mut stream).await, "");
    assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_client_that_reads_nothing_of_its_answer_is_cut() {
    let (answer, gone) = flood();
    let slot = Arc::new(Mutex::new(Some(answer)));
    let router = Router::new().route("/", get(move || std::future::ready(slot.lock().unwrap().take().unwrap())));
    let served = Served::new(router, ConnectionSettings { stall_timeout: SHORT, ..patient() }).await;
    let mut stream = served.connect().await;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    assert!(within(gone).await.is_err(), "the answer is dropped while the connection is still held by its client");
    drop(stream);
}

#[tokio::test]
async fn a_client_that_reads_slowly_is_served_to_the_end() {
    let body = "a".repeat(8_000_000) + "end";
    let router = Router::new().route("/", get(move || std::future::ready(body.clone())));
    let settings = ConnectionSettings { stall_timeout: SHORT, idle_timeout: SHORT, ..patient() };
    let served = Served::new(router, settings).await;
    let mut stream = served.connect().await;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut piece = vec![0; 400_000];
    for _ in 0..10 {
        sleep(SHORT / 5).await;
        within(tokio::io::AsyncReadExt::read_exact(&mut stream, &mut piece)).await.unwrap();
    }
    assert!(rest(&mut stream).await.ends_with("end"));
}

#[tokio::test]
async fn connections_beyond_the_most_wait_until_there_is_room() {
    let served = Arc::new(AtomicUsize::new(0));
    let counting = Arc::clone(&served);
    let handler = move || std::future::ready(format!("{}.", counting.fetch_add(1, Ordering::SeqCst)));
    let router = Router::new().route("/", get(handler));
    let server = Served::new(router, ConnectionSettings { max_connections: 1, ..patient() }).await;
    let mut first = server.connect().await;
    exchange(&mut first, "0.").await;
    // The system accepts it; we do not yet.
    let mut second = server.connect().await;
    assert!(timeout(SHORT, exchange(&mut second, "1.")).await.is_err());
    exchange(&mut first, "1.").await;
    assert_eq!(served.load(Ordering::SeqCst), 2);
    drop(first);
    // What was sent before is answered first.
    let text = exchange(&mut second, "3.").await;
    assert!(text.contains("2."), "{text}");
}

#[tokio::test]
async fn heads_that_are_too_large_or_no_http_are_refused() {
    let served = Served::new(Router::new().route("/", get(echo)), patient()).await;
    let head = |headers: &str| format!("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n");
    for (headers, status) in [
        (format!("X-Large: {}\r\n", "a".repeat(60_000)), "200"),
        (format!("X-Large: {}\r\n", "a".repeat(70_000)), "431"),
        ("X-Many: a\r\n".repeat(97), "200"),
        ("X-Many: a\r\n".repeat(101), "431"),
        ("No colon\r\n".to_owned(), "400"),
        ("X-Nul: a\0b\r\n".to_owned(), "400"),
    ] {
        let answer = served.ask(head(&headers).as_bytes()).await;
        let start: String = headers.chars().take(12).collect();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{start}: {answer}");
    }
    for line in ["nonsense\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET /a b HTTP/1.1\r\n\r\n", "GET /\0 HTTP/1.1\r\n\r\n"]
    {
        let answer = served.ask(line.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{line:?}: {answer}");
    }
}
