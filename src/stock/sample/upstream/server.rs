//! The HTTP server and its handle.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::{Path, Query, State as Shared};
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Router, serve};
use chrono::NaiveDate;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::fault::{Fault, FaultKind};
use super::page::{Page, Parameters};
use super::plan::FaultPlan;
use super::state::{RequestRecord, State, View};
use super::{jquants, kabutan, stooq, yahoo};
use crate::stock::sample::SampleData;

/// A running upstream. It serves until its token is cancelled.
#[derive(Debug)]
pub struct Upstream {
    addr: SocketAddr,
    state: Arc<State>,
    tracker: TaskTracker,
}

impl Upstream {
    /// Serves `data` on a free loopback port, as it shows on `as_of`.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(data: SampleData, as_of: NaiveDate, cancel: CancellationToken) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let addr = listener.local_addr()?;
        let state = Arc::new(State::new(data, as_of));
        let app = router(Answering { state: Arc::clone(&state), cancel: cancel.clone() });
        let tracker = TaskTracker::new();
        tracker.spawn(async move {
            if let Err(error) = serve(listener, app).with_graceful_shutdown(cancel.cancelled_owned()).await {
                tracing::error!(%error, "the sample upstream stopped");
            }
        });
        tracker.close();
        Ok(Self { addr, state, tracker })
    }

    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// What a source's `base_url` must be: `http://127.0.0.1:PORT/yahoo`.
    #[must_use]
    pub fn base_url(&self, source: &str) -> String {
        format!("http://{}/{source}", self.addr)
    }

    /// Every request since the start or the last [`clear`](Self::clear), oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.state.requests()
    }

    /// Misbehave from now on. Of several faults that fit a request, the first injected one strikes.
    pub fn inject(&self, fault: Fault) {
        self.state.inject(fault);
    }

    /// Faults by chance and by script from now on, in place of any plan before; what is injected comes first.
    pub fn follow(&self, plan: FaultPlan) {
        self.state.set_plan(plan);
    }

    /// From now on the log has the rows of each answer, which take memory.
    pub fn keep_rows(&self) {
        self.state.keep_rows();
    }

    /// From now on the source does not know the company.
    pub fn unlist(&self, source: &'static str, code: &str) {
        self.state.unlist(source, code);
    }

    /// From now on the source shows the market as it was a session before.
    pub fn set_late(&self, source: &'static str) {
        self.state.set_late(source);
    }

    /// From now on J-Quants' calendar has the days on which the market really trades; before, those of the table.
    pub fn announce(&self) {
        self.state.announce();
    }

    /// Forgets all faults and all requests.
    pub fn clear(&self) {
        self.state.clear();
    }

    /// Shows the market as on this day, with the splits known by then.
    pub fn set_as_of(&self, as_of: NaiveDate) {
        self.state.set_as_of(as_of);
    }

    /// Whether the session of `as_of`, if it is one, is still open: then its row changes later.
    pub fn set_provisional(&self, provisional: bool) {
        self.state.set_provisional(provisional);
    }

    /// Waits until the server has stopped, after its token was cancelled.
    pub async fn stopped(&self) {
        self.tracker.wait().await;
    }
}

#[derive(Clone)]
pub(super) struct Answering {
    pub(super) state: Arc<State>,
    cancel: CancellationToken,
}

fn router(answering: Answering) -> Router {
    Router::new()
        .route("/yahoo/v8/finance/chart/{symbol}", get(yahoo_chart))
        .route("/kabutan/stock/kabuka", get(kabutan_history))
        .route("/stooq/q/d/l/", get(stooq_download))
        .route("/stooq/q/d/l", get(stooq_download))
        .merge(jquants::routes())
        .with_state(answering)
}

async fn yahoo_chart(
    Shared(answering): Shared<Answering>,
    Path(symbol): Path<String>,
    Query(parameters): Query<Parameters>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let asked = yahoo::asked(&symbol);
    answering.answer(yahoo::NAME, asked, &uri, &headers, |view| yahoo::page(view, &symbol, &parameters)).await
}

async fn kabutan_history(
    Shared(answering): Shared<Answering>,
    Query(parameters): Query<Parameters>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let asked = kabutan::asked(&parameters);
    answering.answer(kabutan::NAME, asked, &uri, &headers, |view| kabutan::page(view, &parameters)).await
}

async fn stooq_download(
    Shared(answering): Shared<Answering>,
    Query(parameters): Query<Parameters>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let asked = stooq::asked(&parameters);
    answering.answer(stooq::NAME, asked, &uri, &headers, |view| stooq::page(view, &parameters)).await
}

impl Answering {
    pub(super) async fn answer(
        &self,
        source: &'static str,
        asked: Asked,
        uri: &Uri,
        headers: &HeaderMap,
        page: impl FnOnce(Option<View<'_>>) -> Page,
    ) -> Response {
        let fault = self.state.receive(source, &asked.code, uri, headers);
        if fault == Some(FaultKind::Timeout) {
            self.cancel.cancelled().await;
        }
        let view = self.state.view(source, &asked.code).filter(|view| Some(view.series.market) == asked.market);
        let page = page(view);
        self.state.answered(source, &asked.code, &page.rows);
        match fault {
            Some(kind) => kind.spoil(source, page),
            None => page.into_response(),
        }
    }
}

/// A source's symbol, read.
pub(super) struct Asked {
    /// Upper case, no suffix.
    pub(super) code: String,
    /// None when the suffix means no market of ours.
    pub(super) market: Option<crate::stock::calendar::Market>,
}
