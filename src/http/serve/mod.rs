//! Serving until the daemon ends: connections are accepted as long as there is room, and slow clients are cut.

mod accept;
mod connection;
mod line;
mod patient;
mod streams;
mod traffic;
mod watched;

use std::{io, sync::Arc, time::Duration};

use axum::Router;
use tokio::{net::TcpListener, sync::Semaphore};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::{
    accept::{Complaint, accept},
    connection::Server,
};
use super::settings::ConnectionSettings;

/// Serves until `shutdown`; requests under way then get `grace` to end.
///
/// # Errors
/// When the listener has no address.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    settings: ConnectionSettings,
    shutdown: CancellationToken,
    grace: Duration,
) -> io::Result<()> {
    tracing::info!(address = %listener.local_addr()?, "listening");
    let (tasks, cut) = (TaskTracker::new(), CancellationToken::new());
    // Nothing goes on when nobody waits for it any more.
    let _cut_at_the_end = cut.clone().drop_guard();
    let server = Arc::new(Server::new(router, settings, tasks.clone(), shutdown.clone(), cut));
    let room = Arc::new(Semaphore::new(settings.max_connections));
    let accepting = async {
        let mut complaint = Complaint::default();
        // Those for whom there is no room wait in the backlog of the system.
        while let Ok(permit) = Arc::clone(&room).acquire_owned().await {
            let (stream, peer) = accept(&listener, &mut complaint).await;
            let server = Arc::clone(&server);
            tasks.spawn(async move {
                server.attend(stream, peer).await;
                drop(permit);
            });
        }
    };
    tokio::select! {
        () = shutdown.cancelled() => {}
        () = accepting => {}
    }
    drop(listener);
    tasks.close();
    if tokio::time::timeout(grace, tasks.wait()).await.is_err() {
        tracing::warn!(grace_ms = grace.as_millis(), "requests did not end in time and were dropped");
    }
    Ok(())
}
