//! The tables of bars and averages as hypertables of TimescaleDB, in one transaction with its row of the audit.

use serde_json::json;

use super::convert::require_up_to_date;
use crate::{
    audit::{self, Actor, Change},
    db::{
        Database,
        partition::{PartitionError, hypertables, lock_for_hypertables},
    },
    stock::store::partitions::{GATE, TABLES},
};

/// Makes them hypertables, compressed by company where `days` is given and for what is older; gives those that were
/// not. Whoever reads or writes them waits meanwhile.
///
/// # Errors
/// What the database says, and what stands in the way; then nothing was changed but, maybe, the extension made.
pub async fn make_hypertables(
    database: &Database,
    days: Option<u16>,
    actor: &Actor,
) -> Result<Vec<&'static str>, PartitionError> {
    require_up_to_date(database).await?;
    let transaction = lock_for_hypertables(database, &TABLES, GATE).await?;
    let made = hypertables(&transaction, &TABLES, "company_id", days).await?;
    if made.is_empty() {
        return Ok(made);
    }
    let after = json!({"tables": made, "compressAfterDays": days});
    let change = Change { action: "schema.hypertable", subject: "schema", before: None, after: Some(after), note: "" };
    audit::store::record(&transaction, actor, &change).await?;
    transaction.commit().await?;
    Ok(made)
}
