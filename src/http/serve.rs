//! Serving until the daemon ends.

use std::{io, time::Duration};

use axum::{Router, serve::ListenerExt as _};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Serves until `shutdown`; requests under way then get `grace` to end.
///
/// # Errors
/// When the listener has no address.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: CancellationToken,
    grace: Duration,
) -> io::Result<()> {
    tracing::info!(address = %listener.local_addr()?, "listening");
    let listener = listener.tap_io(|connection| {
        // Small answers and events leave at once.
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(%error, "a connection could not be set to no delay");
        }
    });
    let serving = axum::serve(listener, router).with_graceful_shutdown(shutdown.clone().cancelled_owned());
    let overdue = async {
        shutdown.cancelled().await;
        tokio::time::sleep(grace).await;
    };
    tokio::select! {
        served = serving => served,
        () = overdue => {
            tracing::warn!(grace_ms = grace.as_millis(), "requests did not end in time and were dropped");
            Ok(())
        }
    }
}
