//! Compressed answers: which, how, and that they flow.

use std::{io::Read as _, time::Duration};

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, Request, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use data_infrastructure::http::Routes;
use futures_util::{StreamExt as _, stream};
use tokio::sync::mpsc;
use tower::ServiceExt as _;

use super::world::{Options, World};
use crate::support::TestStore;

/// An answer of this type and so many bytes, with a tag and a `Vary` of its own.
fn answer(status: StatusCode, kind: &'static str, length: usize) -> Response {
    let headers = [(header::CONTENT_TYPE, kind), (header::ETAG, "W/\"1\""), (header::VARY, "accept")];
    (status, headers, "a".repeat(length)).into_response()
}

fn routes() -> Routes {
    let add = |routes: Routes, path: &'static str, make: fn() -> Response| {
        routes.page(path, move || std::future::ready(make()))
    };
    [
        ("/json", (|| answer(StatusCode::OK, "application/json", 5000)) as fn() -> Response),
        ("/csv", || answer(StatusCode::OK, "text/csv; charset=utf-8; header=present", 5000)),
        ("/ndjson", || answer(StatusCode::OK, "application/x-ndjson", 5000)),
        ("/html", || answer(StatusCode::OK, "text/html; charset=utf-8", 5000)),
        ("/svg", || answer(StatusCode::OK, "image/svg+xml", 5000)),
        ("/js", || answer(StatusCode::OK, "text/javascript", 5000)),
        ("/css", || answer(StatusCode::OK, "text/css", 5000)),
        ("/small", || answer(StatusCode::OK, "application/json", 1000)),
        ("/png", || answer(StatusCode::OK, "image/png", 5000)),
        ("/parquet", || answer(StatusCode::OK, "application/vnd.apache.parquet", 5000)),
        ("/arrow", || answer(StatusCode::OK, "application/vnd.apache.arrow.stream", 5000)),
        ("/events", || answer(StatusCode::OK, "text/event-stream", 5000)),
        ("/part", || answer(StatusCode::PARTIAL_CONTENT, "text/csv", 5000)),
        ("/known", || answer(StatusCode::NOT_MODIFIED, "text/csv", 0)),
        ("/missing", || answer(StatusCode::NOT_FOUND, "application/json", 5000)),
        ("/coded", || {
            let mut response = answer(StatusCode::OK, "text/csv", 5000);
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
            response
        }),
    ]
    .into_iter()
    .fold(Routes::new(), |routes, (path, make)| add(routes, path, make))
}

async fn world(routes: Routes) -> (TestStore, World) {
    let store = TestStore::sqlite();
    let world = World::new(&store, Options { routes, ..Options::default() }).await;
    (store, world)
}

async fn ask(world: &World, method: &str, path: &str, accepted: &str) -> (StatusCode, HeaderMap, Bytes) {
    let request = Request::builder().method(method).uri(path).header("accept-encoding", accepted);
    let response = world.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    (parts.status, parts.headers, axum::body::to_bytes(body, 1_000_000).await.unwrap())
}

fn vary(headers: &HeaderMap) -> Vec<&str> {
    headers.get_all("vary").iter().map(|value| value.to_str().unwrap()).collect()
}

#[tokio::test]
async fn long_texts_are_compressed_as_the_client_likes_it() {
    let (_store, world) = world(routes()).await;
    for path in ["/json", "/csv", "/ndjson", "/html", "/svg", "/js", "/css"] {
        let (status, headers, body) = ask(&world, "GET", path, "gzip").await;
        assert_eq!((status, &headers["content-encoding"]), (StatusCode::OK, &HeaderValue::from_static("gzip")));
        let mut text = String::new();
        flate2::read::GzDecoder::new(&body[..]).read_to_string(&mut text).unwrap();
        assert_eq!(text, "a".repeat(5000), "{path}");
        assert_eq!(headers["etag"], "W/\"1\"", "{path}");
        assert_eq!(vary(&headers), ["accept", "accept-encoding"], "{path}");
        assert!(!headers.contains_key("content-length") || headers["content-length"] != "5000", "{path}");
        let (_, headers, body) = ask(&world, "GET", path, "gzip, zstd").await;
        assert_eq!((&headers["content-encoding"], &body[..4]), (&"zstd".parse().unwrap(), &b"\x28\xb5\x2f\xfd"[..]));
        let (_, headers, body) = ask(&world, "GET", path, "br").await;
        assert_eq!((headers.get("content-encoding"), body.len()), (None, 5000), "{path}");
        assert_eq!(vary(&headers), ["accept", "accept-encoding"], "what would be another for others says so");
    }
}

#[tokio::test]
async fn everything_else_is_sent_as_it_is() {
    let (_store, world) = world(routes()).await;
    for path in ["/small", "/png", "/parquet", "/arrow", "/events", "/part", "/known", "/coded"] {
        let (status, headers, body) = ask(&world, "GET", path, "gzip, zstd").await;
        let coded = headers.get("content-encoding").map(|value| value.to_str().unwrap());
        assert_eq!(coded, (path == "/coded").then_some("br"), "{path}");
        assert!(body.iter().all(|byte| *byte == b'a'), "{path}");
        assert_eq!(vary(&headers), ["accept"], "{path}");
        assert_eq!(status == StatusCode::NOT_MODIFIED, path == "/known");
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
    }
}

#[tokio::test]
async fn head_tells_what_get_would_and_a_refusal_of_everything_is_no_406() {
    let (_store, world) = world(routes()).await;
    for (path, accepted) in [("/json", "gzip"), ("/json", "identity"), ("/png", "gzip"), ("/small", "zstd")] {
        let (_, get, _) = ask(&world, "GET", path, accepted).await;
        let (_, head, body) = ask(&world, "HEAD", path, accepted).await;
        assert_eq!(body.len(), 0);
        for name in ["content-encoding", "content-length", "content-type", "etag"] {
            assert_eq!(head.get(name), get.get(name), "{name} of {path}");
        }
        assert_eq!(vary(&head), vary(&get));
    }
    for path in ["/json", "/missing"] {
        let (status, headers, body) = ask(&world, "GET", path, "identity;q=0, *;q=0").await;
        let expected = if path == "/json" { StatusCode::OK } else { StatusCode::NOT_FOUND };
        assert_eq!((status, headers.get("content-encoding"), body.len()), (expected, None, 5000), "{path}");
    }
}

#[tokio::test]
async fn a_piece_of_a_long_table_leaves_before_the_next_is_there() {
    let (sender, receiver) = mpsc::channel::<String>(1);
    let slot = std::sync::Arc::new(std::sync::Mutex::new(Some(receiver)));
    let table = move || {
        let receiver = slot.lock().unwrap().take().unwrap();
        let pieces = stream::unfold(receiver, |mut pieces| async {
            let piece = pieces.recv().await?;
            Some((Ok::<_, std::io::Error>(piece), pieces))
        });
        std::future::ready(([(header::CONTENT_TYPE, "text/csv")], Body::from_stream(pieces)))
    };
    let (_store, world) = world(Routes::new().page("/table", table)).await;
    let request = Request::get("/table").header("accept-encoding", "gzip").body(Body::empty()).unwrap();
    let response = world.router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.headers()["content-encoding"], "gzip");
    let mut compressed = response.into_body().into_data_stream();
    let mut arrived = Vec::new();
    for row in ["2026-11-19,1\n", "2026-11-20,2\n"] {
        sender.send(row.to_owned()).await.unwrap();
        // No more is sent until this row can be read.
        let reading = async {
            while !plain(&arrived).ends_with(row) {
                arrived.extend_from_slice(&compressed.next().await.unwrap().unwrap());
            }
        };
        tokio::time::timeout(Duration::from_secs(20), reading).await.expect("the row is not held back");
    }
    drop(sender);
    while let Some(piece) = compressed.next().await {
        arrived.extend_from_slice(&piece.unwrap());
    }
    assert_eq!(plain(&arrived), "2026-11-19,1\n2026-11-20,2\n");
}

/// As much as can be read of a stream that may go on.
fn plain(compressed: &[u8]) -> String {
    let mut text = Vec::new();
    let _ = flate2::read::GzDecoder::new(compressed).read_to_end(&mut text);
    String::from_utf8(text).unwrap()
}
