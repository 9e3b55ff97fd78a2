//! How many rows wait for somebody's decision, told to the metrics.

use crate::{
    db::{Connection, DbError},
    metrics::Metrics,
    stock::{sources::SourceName, store::quarantine},
};

/// Measures the rows held of each source; a source without any has 0.
///
/// # Errors
/// What the database says.
pub async fn measure_quarantine(connection: &impl Connection, metrics: &Metrics) -> Result<(), DbError> {
    let held = quarantine::held_by_source(connection).await?;
    let none =
        SourceName::ALL.map(SourceName::as_str).into_iter().filter(|name| !held.iter().any(|(of, _)| of == name));
    none.for_each(|source| metrics.quarantine_held(source, 0));
    held.iter().for_each(|(source, rows)| metrics.quarantine_held(source, *rows));
    Ok(())
}
