//! The audit rows of changes of the schema.
//!
//! The row follows its change: a migration is a transaction of its own, and the table of the rows may be what it makes.

use serde_json::json;

use crate::{
    audit::{self, Actor, Change},
    db::{self, Database, DbError, Migrated},
};

/// The migration that makes the table of the rows.
const AUDIT: &str = "m0007_audit";

/// Writes down what became of the schema, if anything did.
///
/// # Errors
/// What the database says.
pub async fn record(
    database: &Database,
    actor: &Actor,
    action: &'static str,
    migrated: &Migrated,
    note: &str,
) -> Result<(), DbError> {
    if *migrated == Migrated::default() {
        return Ok(());
    }
    if !db::migration_status(database).await?.iter().any(|migration| migration.applied && migration.name == AUDIT) {
        tracing::warn!(action, actor = actor.name, "the audit itself is gone: this change has no row");
        return Ok(());
    }
    let members = |names: &[String]| (!names.is_empty()).then(|| json!({"migrations": names}));
    let (before, after) = (members(&migrated.reverted), members(&migrated.applied));
    let adopted = migrated.adopted.as_ref().map(|found| format!("taken over: {found}"));
    let note = [Some(note.to_owned()).filter(|note| !note.is_empty()), adopted];
    let note = note.into_iter().flatten().collect::<Vec<_>>().join("; ");
    let change = Change { action, subject: "schema", before, after, note: &note };
    audit::store::record(database.connection(), actor, &change).await
}
