//! The same over HTTP/2 in clear text, whose requests share a connection.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode, Version},
    routing::get,
};
use data_infrastructure::http::settings::ConnectionSettings;
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::task::JoinSet;

use super::served::{Served, flood, within};

const SHORT: Duration = Duration::from_millis(200);

async fn client(served: &Served, work: &mut JoinSet<()>) -> SendRequest<Body> {
    let io = TokioIo::new(served.connect().await);
    let (sender, connection) = handshake(TokioExecutor::new(), io).await.unwrap();
    work.spawn(async move { drop(connection.await) });
    sender
}

fn request(path: &str) -> Request<Body> {
    Request::get(format!("http://localhost{path}")).body(Body::empty()).unwrap()
}

#[tokio::test]
async fn http_2_is_served_in_clear_text_and_ends_when_it_is_idle() {
    let settings = ConnectionSettings { idle_timeout: SHORT, stall_timeout: SHORT, ..ConnectionSettings::default() };
    let served = Served::new(Router::new().route("/", get(|| std::future::ready("two"))), settings).await;
    let mut work = JoinSet::new();
    let mut sender = client(&served, &mut work).await;
    for _ in 0..2 {
        let answer = within(sender.send_request(request("/"))).await.unwrap();
        assert_eq!((answer.status(), answer.version()), (StatusCode::OK, Version::HTTP_2));
        assert_eq!(to_bytes(Body::new(answer.into_body()), 100).await.unwrap(), "two");
    }
    within(work.join_next()).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_request_whose_client_takes_nothing_ends_though_its_connection_is_alive() {
    let (answer, gone) = flood();
    let slot = Arc::new(Mutex::new(Some(answer)));
    let router = Router::new().route("/", get(move || std::future::ready(slot.lock().unwrap().take().unwrap())));
    let settings = ConnectionSettings { stall_timeout: SHORT, ..ConnectionSettings::default() };
    let served = Served::new(router, settings).await;
    let mut work = JoinSet::new();
    let mut sender = client(&served, &mut work).await;
    let answer = within(sender.send_request(request("/"))).await.unwrap();
    assert!(within(gone).await.is_err(), "the answer is dropped");
    drop(answer);
}
