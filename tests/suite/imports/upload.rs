//! `POST /imports` of a running daemon.

use std::{io::Write as _, net::TcpStream, time::Duration};

use serde_json::Value;

use crate::daemon::{Running, text};

const TOKENS: [(&str, &str); 4] = [
    ("DATAINFRA__SERVER__TOKENS__BOSS__TOKEN", "boss-0123456789abcdef"),
    ("DATAINFRA__SERVER__TOKENS__BOSS__SCOPE", "admin"),
    ("DATAINFRA__SERVER__TOKENS__OPS__TOKEN", "ops-0123456789abcdef"),
    ("DATAINFRA__SERVER__TOKENS__OPS__SCOPE", "operate"),
];
const BOSS: &str = "boss-0123456789abcdef";
const GOOD: &str = "Date,Open,High,Low,Close,Adj Close,Volume\n2024-05-20,100,101,99,100,100,5\n\
                    2024-05-21,100,101,99,100,100,5\n";

struct Reply {
    status: u16,
    head: String,
    json: Value,
}

async fn daemon(folder: &std::path::Path) -> Running {
    let daemon = Running::serve(folder, &TOKENS);
    daemon.until("/readyz", |status, _| status == 200).await;
    daemon
}

/// Sends bytes as they are and reads the answer.
fn exchange(daemon: &Running, bytes: &[u8]) -> Reply {
    let mut stream = TcpStream::connect(&daemon.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    // A server that has heard enough may close before the last byte.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let _ = std::io::Read::read_to_end(&mut stream, &mut answer);
    let answer = text(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    Reply { status, head: head.to_ascii_lowercase(), json: serde_json::from_str(body).unwrap_or(Value::Null) }
}

fn head(daemon: &Running, query: &str, token: &str, more: &str) -> String {
    let host = &daemon.address;
    let authorization = if token.is_empty() { String::new() } else { format!("Authorization: Bearer {token}\r\n") };
    format!("POST /imports{query} HTTP/1.1\r\nHost: {host}\r\n{authorization}Connection: close\r\n{more}")
}

fn post(daemon: &Running, query: &str, token: &str, more: &str, body: &[u8]) -> Reply {
    let head = head(daemon, query, token, more);
    let mut bytes = format!("{head}Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(body);
    exchange(daemon, &bytes)
}

/// The stored bars, by the older protocol, which has no chunks.
fn bars(daemon: &Running) -> Reply {
    let path = "/api/v1/stockprices/rawdata/7203";
    exchange(daemon, format!("GET {path} HTTP/1.0\r\nHost: {}\r\n\r\n", daemon.address).as_bytes())
}

fn message(reply: &Reply) -> &str {
    reply.json["message"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn an_uploaded_file_is_a_run_like_any_other() {
    let folder = tempfile::tempdir().unwrap();
    let daemon = daemon(folder.path()).await;
    let made =
        post(&daemon, "?name=7203.T.csv", BOSS, "Content-Type: text/csv\r\nPrefer: wait=30\r\n", GOOD.as_bytes());
    assert_eq!(made.status, 200, "{}", made.json);
    assert!(made.head.contains("location: /runs/"), "{}", made.head);
    assert_eq!((&made.json["job"], &made.json["state"]), (&"import".into(), &"succeeded".into()), "{}", made.json);
    assert_eq!((&made.json["rows"]["inserted"], &made.json["note"]), (&2.into(), &"7203.T.csv".into()));
    let bars = bars(&daemon).json;
    assert_eq!(bars["data"].as_array().unwrap().len(), 2, "{bars}");
    assert_eq!(bars["source"], "file:yahoo");
    assert!(bars["licenceNote"].as_str().unwrap().contains("Yahoo Finance, from a file"), "{bars}");
    let keyed = || post(&daemon, "?name=7203.T.csv&dryRun=true", BOSS, "Idempotency-Key: k\r\n", GOOD.as_bytes());
    let (first, again) = (keyed(), keyed());
    assert_eq!((first.status, again.status), (202, 202));
    assert_eq!(first.json["id"], again.json["id"], "the same upload again is the same run");
    let other = post(&daemon, "?name=7203.T.csv", BOSS, "Idempotency-Key: k\r\n", GOOD.as_bytes());
    assert_eq!(other.status, 422, "{}", other.json);
    let audit = exchange(
        &daemon,
        format!(
            "GET /audit HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {BOSS}\r\nConnection: close\r\n\r\n",
            daemon.address
        )
        .as_bytes(),
    );
    let rows = audit.json["items"].as_array().unwrap();
    assert!(rows.len() == 2 && rows.iter().all(|row| row["actor"] == "boss" && row["subject"] == "import"), "{rows:?}");
}

#[tokio::test]
async fn what_is_no_file_to_import_is_refused_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let daemon = daemon(folder.path()).await;
    let csv = "Content-Type: text/csv\r\n";
    let line = "stock_code,date,open,high,low,close\n7203,2024-05-20,1,1,1,1\n? ?,2024-05-20,1,1,1,1\n";
    for (query, more, body, status, words) in [
        ("", "Content-Type: application/x-www-form-urlencoded\r\n", GOOD.as_bytes(), 415, "the file's own bytes"),
        ("", "Content-Encoding: gzip\r\n", GOOD.as_bytes(), 415, "the file's own bytes"),
        ("?name=x.csv", csv, b"\x00\x01\x02\x03\x04", 415, "no text"),
        ("?name=x.csv", csv, b"hello, world", 415, "known are stooq"),
        ("?name=x.csv", csv, b"", 422, "it is empty"),
        ("?name=x.csv", csv, line.as_bytes(), 422, "line 3: \"? ?\" is no stock code"),
        ("?name=x.zip", "", b"PK\x03\x04broken", 422, "archive"),
        ("", csv, GOOD.as_bytes(), 202, ""),
        ("?layout=excel", csv, GOOD.as_bytes(), 400, "layout: \"excel\" is none of stooq"),
        ("?basis=none", csv, GOOD.as_bytes(), 400, "basis: "),
        ("?company=a%20b", csv, GOOD.as_bytes(), 400, "company: "),
        ("?colour=red", csv, GOOD.as_bytes(), 400, "colour"),
    ] {
        let reply = post(&daemon, query, BOSS, more, body);
        assert_eq!(reply.status, status, "{query} {more}: {}", reply.json);
        assert!(message(&reply).contains(words), "{query} {more}: {}", reply.json);
    }
    assert_eq!(post(&daemon, "?name=7203.T.csv", "", csv, GOOD.as_bytes()).status, 401);
    assert_eq!(post(&daemon, "?name=7203.T.csv", "ops-0123456789abcdef", csv, GOOD.as_bytes()).status, 403);
    assert_eq!(bars(&daemon).json["data"].as_array().map(Vec::len), Some(0));
}

#[tokio::test]
async fn more_than_64_mib_are_refused_announced_or_not() {
    let folder = tempfile::tempdir().unwrap();
    let daemon = daemon(folder.path()).await;
    let announced = head(&daemon, "?name=x.csv", BOSS, "Content-Length: 1073741824\r\n\r\n");
    let reply = exchange(&daemon, announced.as_bytes());
    assert_eq!(reply.status, 413, "{}", reply.json);
    assert!(message(&reply).contains("65536 KiB"), "{}", reply.json);
    // An archive is held as a whole, up to the limit.
    let mut bytes = head(&daemon, "?name=x.zip", BOSS, "Transfer-Encoding: chunked\r\n\r\n").into_bytes();
    let mut part = vec![b'x'; 1024 * 1024];
    part[..4].copy_from_slice(b"PK\x03\x04");
    for _ in 0..66 {
        bytes.extend_from_slice(format!("{:x}\r\n", part.len()).as_bytes());
        bytes.extend_from_slice(&part);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"0\r\n\r\n");
    let reply = exchange(&daemon, &bytes);
    assert!(reply.status == 413 || reply.status == 0, "{}", reply.json);
    // Other routes take no more than before.
    let job = format!(
        "POST /jobs/stock/run HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {BOSS}\r\nContent-Length: 100000\r\nConnection: close\r\n\r\n",
        daemon.address
    );
    assert_eq!(exchange(&daemon, job.as_bytes()).status, 413);
    let made = post(&daemon, "?name=7203.T.csv", BOSS, "Prefer: wait=30\r\n", GOOD.as_bytes());
    assert_eq!((made.status, &made.json["state"]), (200, &"succeeded".into()), "{}", made.json);
}

#[tokio::test]
async fn an_upload_that_breaks_off_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let daemon = daemon(folder.path()).await;
    let whole = head(&daemon, "?name=7203.T.csv", BOSS, "Content-Length: 100000\r\n\r\n") + GOOD;
    let stream = || TcpStream::connect(&daemon.address).unwrap();
    for _ in 0..3 {
        let mut stream = stream();
        stream.write_all(whole.as_bytes()).unwrap();
        drop(stream);
    }
    // Those who left give their places back.
    let started = std::time::Instant::now();
    loop {
        let made = post(&daemon, "?name=7203.T.csv", BOSS, "Prefer: wait=30\r\n", GOOD.as_bytes());
        if made.status == 200 {
            break;
        }
        assert!(made.status == 503 && started.elapsed() < Duration::from_secs(30), "{}", made.json);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let (_, runs) = daemon.get("/runs?job=import").await.unwrap();
    let runs: Value = serde_json::from_str(&runs).unwrap();
    assert_eq!(runs["items"].as_array().unwrap().len(), 1, "{runs}");
}
