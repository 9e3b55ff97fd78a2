//! Who a request comes from, and how many changes he may ask for.

use axum::http::StatusCode;
use data_infrastructure::http::settings::FrameSettings;

use super::world::{Options, World};
use crate::{daemon::Running, support::TestStore};

/// One change at once, and another each six seconds.
async fn strict(writes_per_minute: u32) -> (TestStore, World) {
    let store = TestStore::sqlite();
    let trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
    let frame = FrameSettings { writes_per_minute, trusted_proxies, ..FrameSettings::default() };
    let world = World::new(&store, Options { frame, ..Options::default() }).await;
    (store, world)
}

async fn change(world: &World, peer: &str, forwarded: &str) -> u16 {
    let headers = [("x-forwarded-for", forwarded)];
    let headers = if forwarded.is_empty() { &[][..] } else { &headers };
    world.send_from(peer, "POST", "/forgotten", headers).await.status.as_u16()
}

#[tokio::test]
async fn changes_beyond_the_limit_are_429_and_reads_are_not() {
    let (_store, world) = strict(10).await;
    assert_eq!(change(&world, "203.0.113.7", "").await, 200);
    let refused = world.send_from("203.0.113.7", "POST", "/jobs/prices/run", &[("accept-language", "ja")]).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!((refused.header("retry-after"), refused.header("content-type")), ("6", "application/problem+json"));
    assert_eq!(refused.header("content-language"), "ja");
    assert_eq!(refused.header("content-security-policy").split(';').next(), Some("default-src 'none'"));
    assert!(refused.json()["message"].as_str().unwrap().contains("10 件"), "{}", refused.text);
    assert_eq!(world.get("/runs").await.json()["items"], serde_json::json!([]), "nothing was started");
    for method in ["GET", "HEAD", "OPTIONS"] {
        let reply = world.send_from("203.0.113.7", method, "/forgotten", &[]).await;
        assert_ne!(reply.status, StatusCode::TOO_MANY_REQUESTS, "{method}");
    }
    for method in ["DELETE", "PUT", "PATCH", "BREW"] {
        let reply = world.send_from("203.0.113.7", method, "/forgotten", &[]).await;
        assert_eq!(reply.status, StatusCode::TOO_MANY_REQUESTS, "{method}");
    }
    assert_eq!(change(&world, "203.0.113.8", "").await, 200, "another client");
    let metrics = world.get("/metrics").await.text;
    assert!(metrics.contains(r#"http_requests_total{method="POST",route="/jobs/{job}/run",status="429"} 1"#));
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_client_counts_for_itself_and_nobody_else_can_claim_to_be_another() {
    let (_store, world) = strict(10).await;
    assert_eq!(change(&world, "10.0.0.1", "198.51.100.1").await, 200);
    assert_eq!(change(&world, "10.0.0.1", "198.51.100.2").await, 200);
    assert_eq!(change(&world, "10.0.0.2", "192.0.2.99, 198.51.100.2, 10.0.0.1").await, 429);
    assert_eq!(change(&world, "203.0.113.7", "198.51.100.3").await, 200);
    assert_eq!(change(&world, "203.0.113.7", "198.51.100.4").await, 429, "a header of a stranger");
    assert_eq!(change(&world, "10.0.0.1", "nonsense").await, 200, "the proxy itself");
    assert_eq!(change(&world, "10.0.0.1", "more nonsense").await, 429);
}

#[tokio::test]
async fn no_limit_is_0() {
    let (_store, world) = strict(0).await;
    for _ in 0..100 {
        assert_eq!(change(&world, "203.0.113.7", "").await, 200);
    }
}

#[tokio::test]
async fn the_log_names_the_client() {
    let folder = tempfile::tempdir().unwrap();
    let settings = [
        ("DATAINFRA__SERVER__TOKEN", "0123456789abcdef0123456789abcdef"),
        ("DATAINFRA__SERVER__TRUSTED_PROXIES", "127.0.0.1"),
        ("DATAINFRA__LOG__FORMAT", "json"),
    ];
    let mut daemon = Running::serve(folder.path(), &settings);
    daemon.until("/readyz", |status, _| status == 200).await;
    let request = format!(
        "POST /jobs/stock/run HTTP/1.1\r\nHost: {}\r\nX-Forwarded-For: 203.0.113.7\r\nConnection: close\r\n\
         Content-Length: 0\r\n\r\n",
        daemon.address
    );
    assert_eq!(daemon.send(&request).await.unwrap().0, 401);
    daemon.signal("-TERM");
    assert_eq!(daemon.exit().await, 0);
    let mut said = String::new();
    std::io::Read::read_to_string(&mut daemon.child.stderr.take().unwrap(), &mut said).unwrap();
    let line = said.lines().find(|line| line.contains("without the right")).unwrap();
    assert!(line.contains("203.0.113.7"), "{line}");
}
