//! SIGTERM and Ctrl-C.

use tokio_util::sync::CancellationToken;

/// Cancels at the first signal; ends the process at the second.
pub async fn watch(shutdown: CancellationToken) {
    signal().await;
    tracing::info!("signal received: draining; a second one ends at once");
    shutdown.cancel();
    signal().await;
    tracing::warn!("second signal: ending at once");
    std::process::exit(1);
}

/// Waits for one of them.
async fn signal() {
    let mut terminate = match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(terminate) => terminate,
        Err(error) => {
            tracing::warn!(%error, "SIGTERM cannot be listened to");
            return interrupted().await;
        }
    };
    tokio::select! {
        _ = terminate.recv() => {}
        () = interrupted() => {}
    }
}

async fn interrupted() {
    if let Err(error) = tokio::signal::ctrl_c().await {
        tracing::warn!(%error, "Ctrl-C cannot be listened to");
        std::future::pending::<()>().await;
    }
}
