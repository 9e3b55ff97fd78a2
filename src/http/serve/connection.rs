//! One connection, HTTP/1 or HTTP/2 in clear text, from its beginning to its end.

use std::{convert::Infallible, net::SocketAddr, pin::pin};

use axum::{Router, body::Body, http::Request};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::conn::auto::Builder,
};
use tokio::net::TcpStream;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt as _;

use super::{line::Line, patient::Patient, streams::Streams, watched::Watched};
use crate::http::{frame::Peer, settings::ConnectionSettings};

/// The head of a request at most, in bytes and in headers.
const MAX_HEAD: usize = 64 * 1024;
const MAX_HEADERS: usize = 100;
/// Requests at once on one HTTP/2 connection.
const MAX_STREAMS: u32 = 100;

/// What every connection is served with.
pub struct Server {
    builder: Builder<Streams>,
    router: Router,
    settings: ConnectionSettings,
    shutdown: CancellationToken,
    cut: CancellationToken,
}

impl Server {
    /// After `shutdown` connections end with their requests, with `cut` at once.
    pub fn new(
        router: Router,
        settings: ConnectionSettings,
        tasks: TaskTracker,
        shutdown: CancellationToken,
        cut: CancellationToken,
    ) -> Self {
        let mut builder = Builder::new(Streams { tasks, cut: cut.clone() });
        // No timeout of hyper's for heads: it would count for idle connections as well. See `traffic`.
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(None)
            .max_headers(MAX_HEADERS)
            .max_buf_size(MAX_HEAD);
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_header_list_size(MAX_HEAD as u32)
            .max_concurrent_streams(MAX_STREAMS);
        Self { builder, router, settings, shutdown, cut }
    }

    pub async fn attend(&self, stream: TcpStream, peer: SocketAddr) {
        // Small answers and events leave at once.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection could not be set to no delay");
        }
        let line = Line::new(self.settings);
        let io = TokioIo::new(Patient::new(stream, line.clone()));
        let service = service_fn(|request: Request<Incoming>| {
            let (router, exchange) = (self.router.clone(), line.begin());
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(Peer(peer.ip()));
            async move {
                let response = router.oneshot(request).await?;
                Ok::<_, Infallible>(response.map(|body| Watched::new(body, exchange)))
            }
        });
        let mut connection = pin!(self.builder.serve_connection(io, service));
        let mut ending = false;
        loop {
            tokio::select! {
                ended = connection.as_mut() => {
                    if let Err(error) = ended {
                        tracing::debug!(%peer, error, "a connection was cut");
                    }
                    return;
                }
                () = self.cut.cancelled() => return,
                () = self.shutdown.cancelled(), if !ending => {
                    ending = true;
                    connection.as_mut().graceful_shutdown();
                }
            }
        }
    }
}
