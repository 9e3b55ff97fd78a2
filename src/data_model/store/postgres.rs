//! PostgreSQL tells by its catalogue. The partitions of a table are counted, not told.

use sea_orm::QueryResult;

use super::{
    super::model::{Column, Index, Key, KeyKind, Kind, Partitions, Reference, Table},
    of,
};
use crate::db::{Connection, DbError, all};

/// Tables and views `c` of the schema that unqualified names are made in.
const OURS: &str = "c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema()) \
                    AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition";

pub async fn tables(connection: &impl Connection) -> Result<Vec<Table>, DbError> {
    let sql = format!(
        "SELECT c.relname::text AS name, c.relkind IN ('v', 'm') AS is_view, obj_description(c.oid, 'pg_class') AS comment, \
         CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid, true) END AS definition, \
         CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS parted_by, \
         CASE WHEN c.relkind = 'p' THEN (SELECT count(*) FROM pg_partition_tree(c.oid) WHERE isleaf) END AS parts \
         FROM pg_class c WHERE {OURS} ORDER BY c.relname"
    );
    let rows = all(connection, &sql, []).await?;
    let mut tables: Vec<Table> = rows.iter().map(table).collect::<Result<_, _>>()?;
    columns(connection, &mut tables).await?;
    keys(connection, &mut tables).await?;
    indexes(connection, &mut tables).await?;
    Ok(tables)
}

fn table(row: &QueryResult) -> Result<Table, DbError> {
    let parts: Option<i64> = row.try_get("", "parts")?;
    let by: Option<String> = row.try_get("", "parted_by")?;
    let partitions = by.map(|by| Partitions { by, count: parts.and_then(|n| n.try_into().ok()).unwrap_or(0) });
    Ok(Table {
        name: row.try_get("", "name")?,
        kind: if row.try_get("", "is_view")? { Kind::View } else { Kind::Table },
        comment: row.try_get("", "comment")?,
        columns: Vec::new(),
        keys: Vec::new(),
        indexes: Vec::new(),
        definition: row.try_get("", "definition")?,
        partitions,
    })
}

async fn columns(connection: &impl Connection, tables: &mut [Table]) -> Result<(), DbError> {
    let sql = format!(
        "SELECT c.relname::text AS owner, a.attname::text AS name, format_type(a.atttypid, a.atttypmod) AS kind, \
         NOT a.attnotnull AS nullable, col_description(c.oid, a.attnum) AS comment, \
         CASE WHEN a.attidentity <> '' THEN 'generated as identity' \
         WHEN a.attgenerated <> '' THEN 'generated as ' || pg_get_expr(d.adbin, d.adrelid, true) \
         ELSE pg_get_expr(d.adbin, d.adrelid, true) END AS preset \
         FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid \
         LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum \
         WHERE {OURS} AND a.attnum > 0 AND NOT a.attisdropped ORDER BY c.relname, a.attnum"
    );
    for row in all(connection, &sql, []).await? {
        let Some(table) = of(tables, &row.try_get::<String>("", "owner")?) else { continue };
        table.columns.push(Column {
            name: row.try_get("", "name")?,
            kind: row.try_get("", "kind")?,
            nullable: row.try_get("", "nullable")?,
            default: row.try_get("", "preset")?,
            comment: row.try_get("", "comment")?,
        });
    }
    Ok(())
}

/// A JSON array of the columns with these numbers, in their order.
fn names(table: &str, numbers: &str) -> String {
    format!(
        "(SELECT json_agg(a.attname ORDER BY n.place)::text FROM unnest({numbers}) WITH ORDINALITY AS n (number, place) \
         JOIN pg_attribute a ON a.attrelid = {table} AND a.attnum = n.number)"
    )
}

async fn keys(connection: &impl Connection, tables: &mut [Table]) -> Result<(), DbError> {
    // The parts of a key, one for each partition at either end, have a parent.
    let sql = format!(
        "SELECT c.relname::text AS owner, k.contype::text AS kind, pg_get_constraintdef(k.oid, true) AS definition, \
         {} AS columns, f.relname::text AS target, {} AS target_columns \
         FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid LEFT JOIN pg_class f ON f.oid = k.confrelid \
         WHERE {OURS} AND k.contype IN ('p', 'u', 'f', 'c', 'x') AND k.conparentid = 0 \
         ORDER BY c.relname, k.conname",
        names("k.conrelid", "k.conkey"),
        names("k.confrelid", "k.confkey"),
    );
    for row in all(connection, &sql, []).await? {
        let Some(table) = of(tables, &row.try_get::<String>("", "owner")?) else { continue };
        let target: Option<String> = row.try_get("", "target")?;
        let columns = list(&row, "target_columns")?;
        table.keys.push(Key {
            kind: match row.try_get::<String>("", "kind")?.as_str() {
                "p" => KeyKind::Primary,
                "u" => KeyKind::Unique,
                "f" => KeyKind::Foreign,
                _ => KeyKind::Check,
            },
            columns: list(&row, "columns")?,
            references: target.map(|table| Reference { table, columns }),
            definition: row.try_get("", "definition")?,
        });
    }
    tables.iter_mut().for_each(|table| table.keys.sort_by_key(|key| key.kind));
    Ok(())
}

fn list(row: &QueryResult, column: &str) -> Result<Vec<String>, DbError> {
    let text: Option<String> = row.try_get("", column)?;
    let parsed = text.map(|text| serde_json::from_str(&text)).transpose();
    Ok(parsed.map_err(|error| DbError::Type(format!("{column}: {error}")))?.unwrap_or_default())
}

async fn indexes(connection: &impl Connection, tables: &mut [Table]) -> Result<(), DbError> {
    let sql = format!(
        "SELECT c.relname::text AS owner, i.relname::text AS name, pg_get_indexdef(x.indexrelid, 0, true) AS definition \
         FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid \
         WHERE {OURS} AND NOT EXISTS (SELECT 1 FROM pg_constraint k \
         WHERE k.conindid = x.indexrelid AND k.contype IN ('p', 'u', 'x')) ORDER BY c.relname, i.relname"
    );
    for row in all(connection, &sql, []).await? {
        if let Some(table) = of(tables, &row.try_get::<String>("", "owner")?) {
            table.indexes.push(Index { name: row.try_get("", "name")?, definition: row.try_get("", "definition")? });
        }
    }
    Ok(())
}
