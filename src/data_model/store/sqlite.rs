//! SQLite tells by its pragmas, and its comments by the statements that made the tables.

use std::collections::BTreeMap;

use super::{
    super::model::{Column, Index, Key, KeyKind, Kind, Reference, Table},
    column, ddl, of,
};
use crate::db::{Connection, DbError, all};

/// Tables and views `m`.
const OURS: &str = "m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";

pub async fn tables(connection: &impl Connection) -> Result<Vec<Table>, DbError> {
    let mut tables = Vec::new();
    let sql =
        format!("SELECT m.name, m.type = 'view' AS is_view, m.sql FROM sqlite_master m WHERE {OURS} ORDER BY m.name");
    let mut statements = Vec::new();
    for row in all(connection, &sql, []).await? {
        let statement = row.try_get::<Option<String>>("", "sql")?.unwrap_or_default();
        let kind = if row.try_get::<i64>("", "is_view")? == 1 { Kind::View } else { Kind::Table };
        tables.push(Table {
            name: row.try_get("", "name")?,
            kind,
            comment: None,
            columns: Vec::new(),
            keys: Vec::new(),
            indexes: Vec::new(),
            definition: (kind == Kind::View).then(|| ddl::selected(&statement).to_owned()),
            partitions: None,
        });
        statements.push(statement);
    }
    columns(connection, &mut tables).await?;
    for (table, statement) in tables.iter_mut().zip(&statements) {
        let comments = ddl::comments(statement);
        table.comment = comments.table;
        for (name, comment) in comments.columns {
            if let Some(column) = column(table, &name) {
                column.comment = Some(comment);
            }
        }
    }
    unique_keys(connection, &mut tables).await?;
    foreign_keys(connection, &mut tables).await?;
    indexes(connection, &mut tables).await?;
    tables.iter_mut().for_each(|table| table.keys.sort_by_key(|key| key.kind));
    Ok(tables)
}

async fn columns(connection: &impl Connection, tables: &mut [Table]) -> Result<(), DbError> {
    let sql = format!(
        "SELECT m.name AS owner, c.name AS name, c.type AS kind, c.\"notnull\" AS required, c.dflt_value AS preset, \
         c.pk AS place FROM sqlite_master m JOIN pragma_table_xinfo(m.name) c WHERE {OURS} ORDER BY m.name, c.cid"
    );
    let mut primary: BTreeMap<String, BTreeMap<i64, String>> = BTreeMap::new();
    for row in all(connection, &sql, []).await? {
        let owner: String = row.try_get("", "owner")?;
        let Some(table) = of(tables, &owner) else { continue };
        let name: String = row.try_get("", "name")?;
        let place: i64 = row.try_get("", "place")?;
        if place > 0 {
            primary.entry(owner).or_default().insert(place, name.clone());
        }
        table.columns.push(Column {
            name,
            kind: row.try_get::<Option<String>>("", "kind")?.unwrap_or_default(),
            nullable: row.try_get::<i64>("", "required")? == 0,
            default: row.try_get("", "preset")?,
            comment: None,
        });
    }
    for (owner, columns) in primary {
        let columns: Vec<String> = columns.into_values().collect();
        let definition = format!("PRIMARY KEY ({})", columns.join(", "));
        if let Some(table) = of(tables, &owner) {
            table.keys.push(Key { kind: KeyKind::Primary, columns, references: None, definition });
        }
    }
    Ok(())
}

async fn unique_keys(connection: &impl Connection, tables: &mut [Table]) -> Result<(), DbError> {
    let sql = format!(
        "SELECT m.name AS owner, i.name AS name, c.name AS part FROM sqlite_master m JOIN pragma_index_list(m.name) i \
         JOIN pragma_index_info(i.name) c WHERE {OURS} AND i.origin = 'u' ORDER BY m.name, i.name, c.seqno"
    );
    let mut keys: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for row in all(connection, &sql, []).await? {
        let key = (row.try_get("", "owner")?, row.try_get("", "name")?);
        keys.entry(key).or_default().push(row.try_get("", "part")?);
    }
    for ((owner, _), columns) in keys {
        let definition = format!("UNIQUE ({})", columns.join(", "));
        if let Some(table) = of(tables, &owner) {
            table.keys.push(Key { kind: KeyKind::Unique, columns, references: None, definition });
        }
    }
    Ok(())
}

async fn foreign_keys(connection: &impl Connection, tables: &mut [Table]) -> Result<(), DbError> {
    let sql = format!(
        "SELECT m.name AS owner, f.id AS id, f.\"table\" AS target, f.\"from\" AS source, f.\"to\" AS target_column, \
         f.on_delete AS on_delete FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE {OURS} \
         ORDER BY m.name, f.id, f.seq"
    );
    let mut keys: BTreeMap<(String, i64), (Key, String)> = BTreeMap::new();
    for row in all(connection, &sql, []).await? {
        let place = (row.try_get("", "owner")?, row.try_get("", "id")?);
        let reference = Reference { table: row.try_get("", "target")?, columns: Vec::new() };
        let on_delete: String = row.try_get("", "on_delete")?;
        let (key, _) = keys.entry(place).or_insert_with(|| {
            let kind = KeyKind::Foreign;
            (Key { kind, columns: Vec::new(), references: Some(reference), definition: String::new() }, on_delete)
        });
        key.columns.push(row.try_get("", "source")?);
        if let (Some(reference), Some(column)) = (&mut key.references, row.try_get("", "target_column")?) {
            reference.columns.push(column);
        }
    }
    for ((owner, _), (mut key, on_delete)) in keys {
        let Some(Reference { table, columns }) = &key.references else { continue };
        let definition = format!("FOREIGN KEY ({}) REFERENCES {table}({})", key.columns.join(", "), columns.join(", "));
        let action = if on_delete == "NO ACTION" { String::new() } else { format!(" ON DELETE {on_delete}") };
        key.definition = definition + &action;
        if let Some(table) = of(tables, &owner) {
            table.keys.push(key);
        }
    }
    Ok(())
}

async fn indexes(connection: &impl Connection, tables: &mut [Table]) -> Result<(), DbError> {
    let sql = "SELECT tbl_name AS owner, name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL \
               ORDER BY tbl_name, name";
    for row in all(connection, sql, []).await? {
        if let Some(table) = of(tables, &row.try_get::<String>("", "owner")?) {
            table.indexes.push(Index { name: row.try_get("", "name")?, definition: row.try_get("", "sql")? });
        }
    }
    Ok(())
}
