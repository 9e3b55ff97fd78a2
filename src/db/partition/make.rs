//! One more partition of a table.

use sea_orm::DbErr;

use super::{Range, Ranged};
use crate::db::{Transaction, execute, one};

/// What a partition has of its own: a partitioned table keeps no storage parameters for those that come.
#[derive(Clone, Debug, Default)]
pub struct Storage {
    /// `fillfactor=90, …`
    pub parameters: Option<String>,
    /// Whose the table is, ready for a statement.
    pub owner: Option<String>,
}

/// The storage of a table.
pub async fn storage(transaction: &Transaction, table: &str) -> Result<Storage, DbErr> {
    let sql = "SELECT array_to_string(reloptions, ', '), quote_ident(pg_get_userbyid(relowner)) FROM pg_class \
               WHERE oid = to_regclass($1)";
    let Some(row) = one(transaction, sql, [table.into()]).await? else { return Ok(Storage::default()) };
    Ok(Storage { parameters: row.try_get_by_index(0)?, owner: row.try_get_by_index(1)? })
}

/// Makes the table that is to be a partition: empty, with columns, comments and keys as its parent's. Gives its name.
pub async fn child(
    transaction: &Transaction,
    ranged: &Ranged,
    range: Option<Range>,
    storage: &Storage,
) -> Result<String, DbErr> {
    let parent = ranged.table;
    let name = format!("{parent}_{}", range.map_or_else(|| "default".to_owned(), Range::name));
    let with = storage.parameters.as_ref().map(|parameters| format!(" WITH ({parameters})")).unwrap_or_default();
    execute(transaction, &format!("CREATE TABLE {name} (LIKE {parent} INCLUDING ALL){with}"), []).await?;
    let what = match range {
        Some(range) => format!("The rows of {parent} of {}", range.name().replace('_', " to ")),
        None => format!("The rows of {parent} for whose years there is no partition yet"),
    };
    execute(transaction, &format!("COMMENT ON TABLE {name} IS '{what}'"), []).await?;
    if let Some(owner) = &storage.owner {
        execute(transaction, &format!("ALTER TABLE {name} OWNER TO {owner}"), []).await?;
    }
    Ok(name)
}

/// Makes a table made by [`child`] the partition of its days.
pub async fn attach(transaction: &Transaction, ranged: &Ranged, range: Option<Range>, name: &str) -> Result<(), DbErr> {
    let days = match range {
        Some(Range { from, to }) => format!("FOR VALUES FROM ('{from}') TO ('{to}')"),
        None => "DEFAULT".to_owned(),
    };
    execute(transaction, &format!("ALTER TABLE {} ATTACH PARTITION {name} {days}", ranged.table), []).await.map(drop)
}
