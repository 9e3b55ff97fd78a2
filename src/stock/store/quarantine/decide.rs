//! What somebody decided about a row.

use super::{
    list::find,
    row::{Quarantined, State},
};
use crate::db::{Connection, DbError, Dialect, execute, one};

/// What is to become of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    Accept,
    Discard,
}

impl Decision {
    /// The state a row has afterwards.
    #[must_use]
    pub const fn state(self) -> State {
        match self {
            Self::Accept => State::Accepted,
            Self::Discard => State::Discarded,
        }
    }

    /// The name of the change: `quarantine.accept`.
    #[must_use]
    pub const fn action(self) -> &'static str {
        match self {
            Self::Accept => "quarantine.accept",
            Self::Discard => "quarantine.discard",
        }
    }
}

/// The row, for a decision: nobody else decides about it until the transaction ends.
///
/// # Errors
/// What the database says.
pub async fn lock(connection: &impl Connection, id: &str) -> Result<Option<Quarantined>, DbError> {
    let lock = Dialect::of(connection).for_update();
    let sql = format!("SELECT id FROM stockprice_quarantine WHERE id = $1 {lock}");
    if one(connection, &sql, [id.into()]).await?.is_none() {
        return Ok(None);
    }
    find(connection, id).await
}

/// Writes down what was decided, by whom and why.
///
/// # Errors
/// What the database says.
pub async fn decided(
    connection: &impl Connection,
    id: &str,
    decision: Decision,
    by: &str,
    note: &str,
) -> Result<(), DbError> {
    let now = Dialect::of(connection).now();
    let sql = format!(
        "UPDATE stockprice_quarantine SET state = $2, decided_at = {now}, decided_by = $3, note = $4 WHERE id = $1"
    );
    let by: String = by.chars().take(128).collect();
    execute(connection, &sql, [id.into(), decision.state().as_str().into(), by.into(), note.into()]).await.map(drop)
}
