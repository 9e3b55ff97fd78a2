//! From one way of keeping the tables to the other, in one transaction with its row of the audit.

use chrono::{Days, NaiveDate};
use serde_json::{Value, json};

use crate::{
    audit::{self, Actor, Change},
    clock::Clock,
    db::{
        self, Database, DbError,
        partition::{self, PartitionError, Rebuilt, Span},
    },
    stock::store::partitions::{GATE, TABLES},
};

/// How the tables are to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    Plain,
    /// In partitions of so many years, for days from this one on and for those of the rows there are.
    Partitioned(Span, NaiveDate),
}

/// Partitions are there for so much longer than today.
const AHEAD: Days = Days::new(366);

/// The last day for which there has to be a partition.
#[must_use]
pub fn last_day(clock: &Clock) -> NaiveDate {
    let today = clock.now().date_naive();
    today.checked_add_days(AHEAD).unwrap_or(today)
}

/// Makes the tables what they are to be; gives those that were not. Whoever reads or writes them waits meanwhile, and
/// then finds them as they are.
///
/// # Errors
/// What the database says, and what stands in the way; then nothing was changed.
pub async fn convert(
    database: &Database,
    layout: Layout,
    clock: &Clock,
    actor: &Actor,
) -> Result<Vec<Rebuilt>, PartitionError> {
    require_up_to_date(database).await?;
    let transaction = partition::lock(database, &TABLES, GATE).await?;
    let rebuilt = match layout {
        Layout::Plain => partition::unpartition(&transaction, &TABLES).await?,
        Layout::Partitioned(span, first) => {
            partition::partition(&transaction, &TABLES, span, (first, last_day(clock))).await?
        }
    };
    if rebuilt.is_empty() {
        return Ok(rebuilt);
    }
    let (action, after) = told(layout, &rebuilt);
    let change = Change { action, subject: "schema", before: None, after: Some(after), note: "" };
    audit::store::record(&transaction, actor, &change).await?;
    transaction.commit().await?;
    count_anew(database).await;
    Ok(rebuilt)
}

/// What is partitioned is PostgreSQL's, and of this program's version.
pub(super) async fn require_up_to_date(database: &Database) -> Result<(), PartitionError> {
    if !database.is_postgres() {
        let why = "SQLite has no partitions: tables too large for one piece are a matter for PostgreSQL";
        return Err(PartitionError::Refused(why.to_owned()));
    }
    if db::migration_status(database).await?.iter().any(|migration| !migration.applied) {
        return Err(PartitionError::Refused("migrations are pending: apply them first, by migrate up".to_owned()));
    }
    Ok(())
}

fn told(layout: Layout, rebuilt: &[Rebuilt]) -> (&'static str, Value) {
    let tables: Vec<&str> = rebuilt.iter().map(|rebuilt| rebuilt.table).collect();
    match layout {
        Layout::Plain => ("schema.unpartition", json!({ "tables": tables })),
        Layout::Partitioned(span, _) => ("schema.partition", json!({ "tables": tables, "by": span.as_str() })),
    }
}

/// What is done is done: without fresh statistics the planner only guesses until the next time.
async fn count_anew(database: &Database) {
    let counted: Result<(), DbError> = partition::analyze(database, &TABLES).await;
    if let Err(error) = counted {
        tracing::warn!(%error, "the tables could not be analyzed");
    }
}
