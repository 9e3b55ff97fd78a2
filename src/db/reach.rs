//! Reaching PostgreSQL apart from any pool: a pool tries again and again, and says in the end only that it took long.

use std::time::Duration;

use sea_orm::{DbErr, RuntimeErr};
use sqlx::{ConnectOptions as _, Connection as _, postgres::PgConnectOptions};
use tokio::time::timeout;

use super::error::cause;

/// How long one connection may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// Whether a new connection is answered.
pub(super) async fn answers(options: &PgConnectOptions) -> bool {
    let ask = async {
        let mut connection = options.connect().await?;
        connection.ping().await?;
        connection.close().await
    };
    matches!(timeout(PATIENCE, ask).await, Ok(Ok(())))
}

/// Why a pool's first connection could not be made, with its place and without its secrets.
pub(super) async fn why_not(options: &PgConnectOptions, error: sqlx::Error) -> DbErr {
    let cause = match error {
        sqlx::Error::PoolTimedOut => match timeout(PATIENCE, options.connect()).await {
            Ok(Err(error)) => cause(&error),
            Ok(Ok(_)) => cause(&error),
            Err(_) => "no answer".to_owned(),
        },
        error => cause(&error),
    };
    DbErr::Conn(RuntimeErr::Internal(format!("cannot connect to {}: {cause}", place(options))))
}

fn place(options: &PgConnectOptions) -> String {
    match options.get_socket() {
        Some(folder) => folder.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    }
}
