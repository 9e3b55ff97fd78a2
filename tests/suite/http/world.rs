//! One daemon without its scheduler: a database, a fake job, an executor at work, and the router in front.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode},
    response::Response,
    routing::post,
};
use data_infrastructure::{
    clock::Clock,
    crawl::{Catalogue, SourceEntry},
    db::{self, Database},
    http::{
        self, Auth, Health, Peer, Reader,
        settings::{FrameSettings, NamedToken, Scope},
    },
    jobs::{Backfills, Executor, ExecutorParts, Triggers, settings::Overlap},
    metrics::{Labels, Metrics},
    settings::Secret,
    told::Told,
};
use serde_json::Value;
use tokio::{sync::Semaphore, task::JoinSet};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::job::registry;
use crate::support::TestStore;

pub struct World {
    pub router: Router,
    pub database: Database,
    pub health: Health,
    /// Tasks that may be performed; the job waits for more.
    pub permits: Arc<Semaphore>,
    _work: JoinSet<()>,
}

/// What routes of others are made of.
pub struct Given {
    pub database: Database,
    pub triggers: Triggers,
    pub clock: Clock,
}

/// How a world differs from the usual one.
pub struct Options {
    /// Tokens of scope admin, all named default.
    pub tokens: &'static [&'static str],
    /// Tokens by name; that of `ops` is `ops-token`.
    pub named: &'static [(&'static str, Scope)],
    pub protect_reads: bool,
    pub overlap: Overlap,
    pub enabled: bool,
    pub banner: Option<&'static str>,
    /// Tasks performed before the job waits.
    pub permits: usize,
    pub frame: FrameSettings,
    /// Routes beside those of every world.
    pub routes: http::Routes,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            tokens: &[],
            named: &[],
            protect_reads: false,
            overlap: Overlap::Queue,
            enabled: true,
            banner: None,
            permits: 1000,
            frame: FrameSettings::default(),
            routes: http::Routes::new(),
        }
    }
}

pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {} {}", self.status, self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The parameters a problem names.
    pub fn named(&self) -> Vec<String> {
        let errors = self.json()["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|error| error["param"].as_str().unwrap().to_owned()).collect()
    }
}

impl World {
    pub async fn new(store: &TestStore, options: Options) -> Self {
        Self::with(store, options, |_| (domain(), None)).await
    }

    /// With routes of others beside those of the frame.
    pub async fn with(
        store: &TestStore,
        options: Options,
        others: impl FnOnce(&Given) -> (http::Routes, Option<http::Routes>),
    ) -> Self {
        let database = Database::connect(&store.url, 5).await.unwrap();
        db::migrate_up(&store.url).await.unwrap();
        let permits = Arc::new(Semaphore::new(options.permits));
        let registry = registry(options.overlap, options.enabled, &permits);
        let (metrics, clock) = (Arc::new(metrics()), clock());
        let executor = Executor::new(ExecutorParts {
            database: database.clone(),
            registry: registry.clone(),
            metrics: Arc::clone(&metrics),
            clock: clock.clone(),
            role: "daemon",
            instance: "test".to_owned(),
        });
        let health = Health::new(|| true, CancellationToken::new());
        health.set_connected(database.clone());
        health.set_migrated();
        let triggers = Triggers::new(database.clone(), registry.clone(), executor.clone());
        let (domain, uploads) =
            others(&Given { database: database.clone(), triggers: triggers.clone(), clock: clock.clone() });
        let router = http::router(http::Parts {
            database: database.clone(),
            registry: registry.clone(),
            triggers,
            backfills: Backfills::new(database.clone(), registry, clock.clone()),
            catalogue: catalogue(),
            metrics: Arc::clone(&metrics),
            clock,
            auth: Arc::new(auth(&options)),
            frame: Arc::new(http::Frame::new(&options.frame, metrics)),
            health: health.clone(),
            banner: options.banner.map(|banner| Told::new(banner, format!("日本語: {banner}"))),
            domain: domain.merge(options.routes),
            uploads,
        });
        let mut work = JoinSet::new();
        work.spawn(async move { executor.work(&CancellationToken::new()).await });
        Self { router, database, health, permits, _work: work }
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[], "").await
    }

    pub async fn page(&self, path: &str) -> Reply {
        self.send("GET", path, &[("accept", "text/html,*/*;q=0.8")], "").await
    }

    pub async fn post(&self, path: &str, body: &str) -> Reply {
        self.send("POST", path, &[], body).await
    }

    /// The head of an answer whose body may be no text.
    pub async fn head(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        self.send("HEAD", path, headers, "").await
    }

    /// Sends a request as a client on this host does; `headers` replace the usual ones.
    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let response = self.router.clone().oneshot(request(method, path, headers, body)).await.unwrap();
        reply(response).await
    }

    /// The same over a connection from this address.
    pub async fn send_from(&self, peer: &str, method: &str, path: &str, headers: &[(&str, &str)]) -> Reply {
        let mut request = request(method, path, headers, "");
        request.extensions_mut().insert(Peer(peer.parse().unwrap()));
        reply(self.router.clone().oneshot(request).await.unwrap()).await
    }
    /// Makes a run and waits for its end.
    pub async fn run_to_its_end(&self, body: &str) -> Value {
        let reply = self.send("POST", "/jobs/prices/run", &[("prefer", "wait=20")], body).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
        reply.json()
    }

    /// Makes a run and says where it is.
    pub async fn start(&self, body: &str) -> String {
        let reply = self.post("/jobs/prices/run", body).await;
        assert_eq!(reply.status, StatusCode::ACCEPTED, "{}", reply.text);
        reply.header("location").to_owned()
    }

    /// Asks again until the run's JSON is as wished.
    pub async fn until(&self, path: &str, wished: impl Fn(&Value) -> bool) -> Value {
        let asking = async {
            loop {
                let found = self.get(path).await.json();
                if wished(&found) {
                    return found;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), asking).await.expect("it becomes as wished")
    }
}

fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path).body(Body::from(body.to_owned())).unwrap();
    request.headers_mut().insert("host", "localhost:8080".parse().unwrap());
    if !body.is_empty() {
        request.headers_mut().insert("content-type", "application/json".parse().unwrap());
    }
    for (name, value) in headers {
        let name: axum::http::HeaderName = name.parse().unwrap();
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    request
}

async fn reply(response: Response) -> Reply {
    let (parts, body) = response.into_parts();
    let text = String::from_utf8(to_bytes(body, 10_000_000).await.unwrap().to_vec()).unwrap();
    Reply { status: parts.status, headers: parts.headers, text }
}

/// One source with a limit and one without.
fn catalogue() -> Catalogue {
    let entry = |name, daily_limit, licence_note| SourceEntry {
        name,
        enabled: daily_limit > 0,
        host: format!("{name}.example"),
        min_interval: Duration::from_secs(3),
        daily_limit,
        licence_note,
    };
    let catalogue = Catalogue::default();
    catalogue.set(vec![entry("second", 0, "public domain"), entry("first", 5, "private use")]);
    catalogue
}

/// A domain whose author forgot to say who may call its routes.
fn domain() -> http::Routes {
    let forgotten = post(|| std::future::ready("changed")).get(|| std::future::ready("read"));
    http::Routes::new()
        .place("/things", "Things <b>", |_: Reader| std::future::ready("things"))
        .undescribed(&["GET", "POST"], "/forgotten", forgotten)
        .page("/panics", panics)
        .merge(series())
}

#[cfg(feature = "arrow")]
fn series() -> http::Routes {
    super::formats::routes()
}

#[cfg(not(feature = "arrow"))]
fn series() -> http::Routes {
    http::Routes::new()
}

async fn panics() -> &'static str {
    panic!("a secret reason")
}

fn auth(options: &Options) -> Auth {
    let listen: SocketAddr = "127.0.0.1:8080".parse().unwrap();
    let default = options.tokens.iter().map(|&token| NamedToken::new("default", Secret::new(token), Scope::Admin));
    let named = options.named.iter().map(|&(name, scope)| {
        let token = Secret::new(format!("{name}-token"));
        NamedToken::new(name, token, scope)
    });
    Auth::new(default.chain(named).collect(), options.protect_reads, listen)
}

pub fn clock() -> Clock {
    Clock::fixed("2026-11-20T09:00:00Z".parse().unwrap())
}

pub fn metrics() -> Metrics {
    Metrics::new(&Labels {
        jobs: &["prices"],
        triggers: &["manual"],
        states: &["succeeded"],
        task_states: &[],
        tick_outcomes: &[],
        sources: &[],
        source_outcomes: &[],
        tables: &[],
        countries: &[],
        alert_events: &[],
    })
    .unwrap()
}
