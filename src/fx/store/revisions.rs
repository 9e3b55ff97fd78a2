//! Stored rates that the source later gave with other values.

use super::rates::Correction;
use crate::{
    db::{Connection, DbError, Dialect, execute},
    jobs::RunId,
};

/// Records corrected rates.
///
/// # Errors
/// What the database says.
pub async fn add(
    connection: &impl Connection,
    source: &str,
    run: &RunId,
    corrections: &[Correction],
) -> Result<(), DbError> {
    let now = Dialect::of(connection).now();
    let sql = format!(
        "INSERT INTO fx_revision (id, currency, date, old_rate, new_rate, source, run_id, revised_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, {now})"
    );
    for Correction { old, new } in corrections {
        let values = [
            uuid::Uuid::now_v7().to_string().into(),
            new.currency.as_str().into(),
            new.date.into(),
            old.rate.into(),
            new.rate.into(),
            source.into(),
            run.as_str().into(),
        ];
        execute(connection, &sql, values).await?;
    }
    Ok(())
}
