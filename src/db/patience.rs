//! Waiting for a database that is away.

use std::{future::Future, time::Duration};

use sea_orm::DbErr;
use tokio_util::sync::CancellationToken;

use super::is_unavailable;

/// How long between two tries.
const PAUSE: Duration = Duration::from_millis(500);

/// Waits before the next try; false when cancelled meanwhile.
async fn pause(cancel: &CancellationToken) -> bool {
    tokio::select! {
        () = tokio::time::sleep(PAUSE) => true,
        () = cancel.cancelled() => false,
    }
}

/// Repeats a database call while the database is away; none when cancelled before it came back.
pub async fn persist<T, F: Future<Output = Result<T, DbErr>>>(
    call: impl Fn() -> F,
    cancel: &CancellationToken,
) -> Option<Result<T, DbErr>> {
    loop {
        match call().await {
            Err(error) if is_unavailable(&error) => {
                tracing::warn!(%error, "the database is away; trying again");
                if !pause(cancel).await {
                    return None;
                }
            }
            result => return Some(result),
        }
    }
}
