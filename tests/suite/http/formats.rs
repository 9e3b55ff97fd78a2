//! Series in every format, over real connections: what is negotiated, tagged, and given in parts.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    extract::{Path, Request, State},
    http::{HeaderMap, StatusCode},
    response::Response,
    routing::get,
};
use chrono::NaiveDate;
use data_infrastructure::http::{
    self, Answer, QueryParams, Reader,
    settings::ConnectionSettings,
    table::{self, Batch, Format, Kind, Names, Table, Tag, Values, columns},
};
use futures_util::{StreamExt as _, stream};
use serde::Deserialize;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use super::world::{Options, World};
use crate::support::TestStore;

const PIECE: usize = 1_000;

/// Pieces read so far by the series of a router.
type Pulled = Arc<AtomicUsize>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    format: Option<String>,
}

/// `/series/{pieces}`, and how many pieces have been read for it.
pub fn routes() -> http::Routes {
    let pulled = Pulled::default();
    let read = |State(pulled): State<Pulled>| async move { pulled.load(Ordering::Relaxed).to_string() };
    http::Routes::new().page("/series/{pieces}", series).page("/series-read", read).with_state(pulled)
}

async fn series(
    _: Reader,
    State(pulled): State<Pulled>,
    Path(pieces): Path<usize>,
    QueryParams(query): QueryParams<Query>,
    headers: HeaderMap,
) -> Answer<Response> {
    let format = Format::of(query.format.as_deref(), &headers)?;
    let tag = Tag::of([format.as_str(), &pieces.to_string()]);
    if let Some(known) = tag.not_modified(&headers) {
        return Ok(known);
    }
    let head = json!({"timestamp": pulled.load(Ordering::Relaxed), "source": "nobody"});
    let names = Names { member: "data", file: "series" };
    table::send(format, &tag, &names, &head, counted(pieces, PIECE, &pulled)).await
}

/// So many pieces of so many rows, counted when they are pulled.
fn counted(pieces: usize, rows: usize, pulled: &Pulled) -> Table {
    let day = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
    let values = (0..rows).map(|row| (row % 3 > 0).then_some(row as f64 / 3.0)).collect();
    let batch = Batch(vec![Values::Day(vec![day; rows]), Values::Real(values)]);
    let pulled = Arc::clone(pulled);
    let batches = stream::iter(0..pieces).map(move |_| {
        pulled.fetch_add(1, Ordering::Relaxed);
        Ok(batch.clone())
    });
    Table { columns: columns(&[("date", Kind::Day), ("value", Kind::Real)]), batches: batches.boxed() }
}

/// The daemon's router on a port.
struct Server {
    address: String,
    shutdown: CancellationToken,
    serving: JoinSet<std::io::Result<()>>,
    _store: TestStore,
}

struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Reply {
    fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value)
    }
}

impl Server {
    async fn start() -> Self {
        let store = TestStore::sqlite();
        let world = World::new(&store, Options::default()).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, shutdown) = (listener.local_addr().unwrap().to_string(), CancellationToken::new());
        let mut serving = JoinSet::new();
        serving.spawn(http::serve(
            listener,
            world.router,
            ConnectionSettings::default(),
            shutdown.clone(),
            Duration::from_secs(5),
        ));
        Self { address, shutdown, serving, _store: store }
    }

    async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Reply {
        let mut stream = TcpStream::connect(&self.address).await.unwrap();
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let request = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(answer[..end].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let headers = head.lines().skip(1).map(|line| line.split_once(": ").unwrap());
        let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
        Reply { status, headers, body: answer[end + 4..].to_vec() }
    }

    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        self.send("GET", path, headers).await
    }

    async fn pieces_read(&self) -> usize {
        String::from_utf8(self.get("/series-read", &[]).await.body).unwrap().parse().unwrap()
    }

    async fn end(mut self) {
        self.shutdown.cancel();
        while let Some(served) = self.serving.join_next().await {
            served.unwrap().unwrap();
        }
    }
}

const FILE: &str = "/series/5?format=parquet";

#[tokio::test]
async fn a_parquet_file_is_made_once_for_its_length_its_end_and_its_parts() {
    let server = Server::start().await;
    let head = server.send("HEAD", FILE, &[("Range", "bytes=0-3")]).await;
    assert_eq!((head.status, head.body.len(), head.header("accept-ranges")), (200, 0, "bytes"));
    assert_eq!(head.header("content-type"), "application/vnd.apache.parquet");
    assert_eq!(head.header("content-disposition"), "attachment; filename=\"series.parquet\"");
    assert_eq!((head.header("vary"), head.header("cache-control")), ("accept", "private, max-age=0, must-revalidate"));
    let (length, tag): (usize, _) = (head.header("content-length").parse().unwrap(), head.header("etag"));
    assert!(tag.starts_with('"'), "strong: {tag}");

    let whole = server.get(FILE, &[("Accept-Encoding", "gzip, zstd")]).await;
    assert_eq!((whole.status, whole.body.len(), whole.header("etag")), (200, length, tag));
    assert_eq!(
        (&whole.body[..4], &whole.body[length - 4..], whole.header("content-encoding")),
        (&b"PAR1"[..], &b"PAR1"[..], "")
    );
    for (range, expected) in [
        ("bytes=-8", length - 8..length),
        ("bytes=0-3", 0..4),
        ("bytes=4-", 4..length),
        (&*format!("bytes=100-{}", length + 100), 100..length),
    ] {
        let part = server.get(FILE, &[("Range", range), ("Accept-Encoding", "gzip")]).await;
        assert_eq!((part.status, part.header("etag"), part.header("accept-ranges")), (206, tag, "bytes"), "{range}");
        let said = format!("bytes {}-{}/{length}", expected.start, expected.end - 1);
        assert_eq!((part.header("content-range"), part.body.len()), (&*said, expected.len()));
        assert_eq!(part.header("content-length"), expected.len().to_string());
        assert!(part.body == whole.body[expected], "{range}");
    }
    assert_eq!(server.pieces_read().await, 5, "the table was read once");
    server.end().await;
}

#[tokio::test]
async fn parts_are_of_the_file_the_reader_knows_and_none_is_behind_its_end() {
    let server = Server::start().await;
    let whole = server.get(FILE, &[]).await;
    let tag = whole.header("etag");
    let part = server.get(FILE, &[("Range", "bytes=0-3"), ("If-Range", tag)]).await;
    assert_eq!((part.status, part.body.len()), (206, 4));
    for other in ["\"0123\"", &format!("W/{tag}"), "Sun, 22 Nov 2026 10:00:00 GMT"] {
        let all = server.get(FILE, &[("Range", "bytes=0-3"), ("If-Range", other)]).await;
        assert_eq!((all.status, all.body.len()), (200, whole.body.len()), "{other}");
    }
    for several in ["bytes=0-3,8-9", "bytes=9-1", "items=0-3"] {
        assert_eq!(server.get(FILE, &[("Range", several)]).await.status, 200, "{several}");
    }
    let length = whole.body.len();
    for behind in [format!("bytes={length}-"), "bytes=-0".to_owned()] {
        let none = server.get(FILE, &[("Range", &behind)]).await;
        assert_eq!((none.status, none.header("content-range")), (416, &*format!("bytes */{length}")), "{behind}");
        assert_eq!(none.header("content-type"), "application/problem+json");
    }
    assert_eq!(server.pieces_read().await, 5);
    server.end().await;
}

#[tokio::test]
async fn who_knows_a_file_gets_304_before_anything_is_read() {
    let server = Server::start().await;
    let tag = server.get(FILE, &[]).await.header("etag").to_owned();
    let read = server.pieces_read().await;
    for known in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}")] {
        let again = server.get(FILE, &[("If-None-Match", &known), ("Range", "bytes=0-3")]).await;
        assert_eq!((again.status, again.body.len(), again.header("etag")), (304, 0, &*tag), "{known}");
    }
    assert_eq!(server.pieces_read().await, read);
    for format in ["json", "csv", "ndjson", "arrow"] {
        let path = format!("/series/5?format={format}");
        let reply = server.get(&path, &[("If-None-Match", &tag)]).await;
        assert_eq!(reply.status, 200, "{format} is another content");
        assert_eq!(reply.header("accept-ranges"), "", "{format}");
        let known = reply.header("etag").to_owned();
        assert!(known.starts_with("W/"), "{format}: {known}");
        assert_eq!(server.get(&path, &[("If-None-Match", &known)]).await.status, 304, "{format}");
        let head = server.send("HEAD", &path, &[]).await;
        assert_eq!((head.status, head.header("etag"), head.body.len()), (200, &*known, 0), "{format}");
        assert_eq!(head.header("content-type"), reply.header("content-type"));
    }
    server.end().await;
}

#[tokio::test]
async fn a_hundred_who_ask_at_once_get_one_file() {
    let server = Server::start().await;
    let asking = (0..100).map(|_| server.get("/series/40?format=parquet", &[]));
    let replies = futures_util::future::join_all(asking).await;
    assert!(replies.iter().all(|reply| reply.status == 200 && reply.body == replies[0].body));
    assert_eq!(server.pieces_read().await, 40);
    server.end().await;
}

#[tokio::test]
async fn the_format_is_that_of_the_parameter_or_of_accept() {
    let store = TestStore::sqlite();
    let world = World::new(&store, Options::default()).await;
    for (name, accept, kind, file) in [
        ("json", "application/json", "application/json", ""),
        ("csv", "text/csv", "text/csv; charset=utf-8; header=present", "csv"),
        ("ndjson", "application/jsonl", "application/x-ndjson", "ndjson"),
    ] {
        let [asked, accepted] = [
            world.get(&format!("/series/2?format={name}")).await,
            world.send("GET", "/series/2", &[("accept", accept)], "").await,
        ];
        assert_eq!((asked.status, accepted.header("content-type")), (StatusCode::OK, kind));
        let expected = if file.is_empty() { String::new() } else { format!("attachment; filename=\"series.{file}\"") };
        assert_eq!((asked.header("content-type"), asked.header("content-disposition")), (kind, &*expected));
    }
    let lines = world.get("/series/2?format=ndjson").await.text;
    assert_eq!(
        (lines.lines().count(), lines.lines().nth(1)),
        (2_000, Some(r#"{"date":"2026-11-20","value":0.3333333333333333}"#))
    );
    assert!(lines.starts_with("{\"date\":\"2026-11-20\",\"value\":null}\n"), "what is absent is null");
    let refused = world.get("/series/2?format=xlsx").await;
    assert_eq!((refused.status, refused.named()), (StatusCode::BAD_REQUEST, vec!["format".to_owned()]));
    assert!(refused.text.contains("json, csv, ndjson, parquet or arrow"), "{}", refused.text);
    let japanese = [("accept-language", "ja")];
    let refused = world.send("GET", "/series/2?format=xlsx", &japanese, "").await;
    assert!(refused.text.contains("json, csv, ndjson, parquet, arrow のいずれか"), "{}", refused.text);
}

#[tokio::test]
async fn five_million_rows_are_read_no_faster_than_they_are_sent() {
    let names = Names { member: "data", file: "series" };
    for (name, pieces) in [("arrow", 2_000), ("csv", 200), ("ndjson", 200), ("json", 200)] {
        let pulled = Pulled::default();
        let format = Format::of(Some(name), &HeaderMap::new()).unwrap();
        let table = counted(pieces, 2_500, &pulled);
        let response = table::send(format, &Tag::of(["x"]), &names, &json!({"source": "nobody"}), table).await.unwrap();
        let (mut body, mut sent, mut largest) = (response.into_body().into_data_stream(), 0, 0);
        while let Some(bytes) = body.next().await {
            sent += 1;
            largest = largest.max(bytes.unwrap().len());
            let read = pulled.load(Ordering::Relaxed);
            assert!(read <= sent + 1, "{name}: {read} pieces are read and {sent} sent");
        }
        assert_eq!(pulled.load(Ordering::Relaxed), pieces, "{name}");
        assert!(largest < 256 * 1024, "{name}: a piece of {largest} bytes");
    }
}

#[tokio::test]
async fn without_a_folder_for_files_parquet_is_503_and_the_others_are_there() {
    let files = table::Files::in_folder("/nowhere/at/all".into());
    let route = |pulled: &Pulled| {
        let pulled = Arc::clone(pulled);
        get(move |request: Request| async move {
            let format = Format::of(request.uri().query(), request.headers())?;
            let names = Names { member: "data", file: "series" };
            table::send(format, &Tag::of([format.as_str()]), &names, &json!({}), counted(2, 10, &pulled)).await
        })
    };
    let pulled = Pulled::default();
    let router = files.around(Router::new().route("/", route(&pulled)));
    for (format, expected) in [
        ("parquet", StatusCode::SERVICE_UNAVAILABLE),
        ("json", StatusCode::OK),
        ("csv", StatusCode::OK),
        ("ndjson", StatusCode::OK),
        ("arrow", StatusCode::OK),
    ] {
        let request = Request::get(format!("/?{format}")).body(axum::body::Body::empty()).unwrap();
        let response: Response = tower::ServiceExt::oneshot(router.clone(), request).await.unwrap();
        assert_eq!(response.status(), expected, "{format}");
        assert_eq!(response.headers().contains_key("retry-after"), format == "parquet", "{format}");
    }
}
