//! Rows and bytes of every table.

use std::collections::BTreeMap;

use data_infrastructure::db::{Database, all};

use crate::number;

#[derive(Clone, Copy, Default)]
pub struct Size {
    pub rows: i64,
    pub bytes: i64,
}

/// Each table with what it holds; partitions count for their table. SQLite knows no bytes of a table.
pub async fn sizes(database: &Database) -> BTreeMap<String, Size> {
    let names = if database.is_postgres() {
        "SELECT relname::text FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition \
         AND relnamespace = 'public'::regnamespace"
    } else {
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    };
    let mut sizes = BTreeMap::new();
    for row in all(database.connection(), names, []).await.unwrap() {
        let name: String = row.try_get_by_index(0).unwrap();
        let rows = number(database, &format!("SELECT count(*) FROM {name}")).await;
        let bytes = format!(
            "SELECT COALESCE(sum(pg_total_relation_size(c)), 0)::bigint FROM (SELECT '{name}'::regclass::oid AS c \
             UNION SELECT inhrelid FROM pg_inherits WHERE inhparent = '{name}'::regclass) t"
        );
        let bytes = if database.is_postgres() { number(database, &bytes).await } else { 0 };
        sizes.insert(name, Size { rows, bytes });
    }
    sizes
}

/// Prints what was added to each table, for each of so many.
pub fn tell(before: &BTreeMap<String, Size>, after: &BTreeMap<String, Size>, each: f64, of: &str) {
    println!("    {:<28} {:>12} {:>14} {:>14}", "table", "rows added", "bytes added", format!("bytes/{of}"));
    for (name, now) in after {
        let then = before.get(name).copied().unwrap_or_default();
        let (rows, bytes) = (now.rows - then.rows, now.bytes - then.bytes);
        if rows > 0 {
            println!("    {name:<28} {rows:>12} {bytes:>14} {:>14.0}", bytes as f64 / each);
        }
    }
}
