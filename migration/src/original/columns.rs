//! What the original's tables look like, and how those that are there differ.

use std::collections::BTreeMap;

use sea_orm_migration::sea_orm::{ConnectionTrait, DbErr};

use super::{number, rows};

/// A table of the original: its columns with their types and whether they must have a value, and its primary key.
pub struct Expected {
    pub name: &'static str,
    columns: &'static [(&'static str, &'static str, bool)],
    key: &'static str,
    /// Columns that we add: nobody else may have made one of the name.
    ours: &'static [&'static str],
}

const TEXT_16: &str = "character varying(16)";
const DOUBLE: &str = "double precision";
const TIMESTAMP: &str = "timestamp without time zone";

pub const COMPANY: Expected = Expected {
    name: "company",
    columns: &[
        ("company_id", TEXT_16, true),
        ("company_name", "character varying(256)", true),
        ("stock_code", TEXT_16, true),
        ("country_code", TEXT_16, true),
        ("listed_market", "character varying(32)", true),
        ("foundation_date", TIMESTAMP, false),
        ("longitude", DOUBLE, false),
        ("latitude", DOUBLE, false),
        ("ins_ts", TIMESTAMP, false),
        ("upd_ts", TIMESTAMP, false),
    ],
    key: "company_id",
    ours: &["status", "listed_from", "listed_to"],
};

pub const STOCKPRICE: Expected = Expected {
    name: "stockprice",
    columns: &[
        ("company_id", TEXT_16, true),
        ("date", "date", true),
        ("open_price", DOUBLE, false),
        ("high_price", DOUBLE, false),
        ("low_price", DOUBLE, false),
        ("close_price", DOUBLE, false),
        ("volume", DOUBLE, false),
        ("ins_ts", TIMESTAMP, false),
        ("upd_ts", TIMESTAMP, false),
    ],
    key: "company_id, date",
    ours: &["source"],
};

pub const STOCKPRICE_MA: Expected = Expected {
    name: "stockprice_ma",
    columns: &[
        ("company_id", TEXT_16, true),
        ("date", "date", true),
        ("ma_type", TEXT_16, true),
        ("ma_value", DOUBLE, false),
        ("ins_ts", TIMESTAMP, false),
        ("upd_ts", TIMESTAMP, false),
    ],
    key: "company_id, date, ma_type",
    ours: &[],
};

/// How the table of the name differs from the original's, as sentences.
pub async fn differences(connection: &impl ConnectionTrait, expected: &Expected) -> Result<Vec<String>, DbErr> {
    let table = expected.name;
    let mut problems = Vec::new();
    let there = columns(connection, table).await?;
    for (name, kind, required) in expected.columns {
        match there.get(*name) {
            None => problems.push(format!("table {table} has no column {name}: the original's has one, {kind}")),
            Some(column) if column.kind != *kind => {
                problems.push(format!("column {table}.{name} is {}: the original's is {kind}", column.kind));
            }
            Some(column) if *required && !column.required => {
                problems.push(format!("column {table}.{name} may be null: the original's is NOT NULL"));
            }
            Some(_) => {}
        }
    }
    for (name, column) in &there {
        let known = expected.columns.iter().any(|(expected, ..)| expected == name);
        if expected.ours.contains(&name.as_str()) {
            problems.push(format!("column {table}.{name} is in the way of ours: rename it"));
        } else if !known && column.required && !column.has_default {
            problems.push(format!("column {table}.{name} is none of the original's, and NOT NULL without a default: nobody here would fill it"));
        }
    }
    let key = key(connection, table).await?;
    if key != expected.key {
        problems.push(format!("the primary key of {table} is ({key}): the original's is ({})", expected.key));
    }
    if table != COMPANY.name && !refers_to_company(connection, table).await? {
        problems.push(format!("table {table} has no foreign key (company_id) to company"));
    }
    problems.extend(foreign_owner(connection, table).await?);
    Ok(problems)
}

struct Column {
    kind: String,
    required: bool,
    has_default: bool,
}

async fn columns(connection: &impl ConnectionTrait, table: &str) -> Result<BTreeMap<String, Column>, DbErr> {
    let sql = format!(
        "SELECT attname::text, format_type(atttypid, atttypmod), attnotnull, atthasdef OR attidentity <> '' \
         FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attnum > 0 AND NOT attisdropped"
    );
    let column = |row: &sea_orm_migration::sea_orm::QueryResult| {
        let column = Column {
            kind: row.try_get_by_index(1)?,
            required: row.try_get_by_index(2)?,
            has_default: row.try_get_by_index(3)?,
        };
        Ok((row.try_get_by_index(0)?, column))
    };
    rows(connection, &sql).await?.iter().map(column).collect()
}

async fn key(connection: &impl ConnectionTrait, table: &str) -> Result<String, DbErr> {
    let sql = format!(
        "SELECT string_agg(a.attname::text, ', ' ORDER BY array_position(i.indkey::int2[], a.attnum)) \
         FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey) \
         WHERE i.indrelid = '{table}'::regclass AND i.indisprimary"
    );
    let found = rows(connection, &sql).await?;
    let key: Option<String> = found.first().map_or(Ok(None), |row| row.try_get_by_index(0))?;
    Ok(key.unwrap_or_else(|| "none".to_owned()))
}

async fn refers_to_company(connection: &impl ConnectionTrait, table: &str) -> Result<bool, DbErr> {
    let sql = format!(
        "SELECT count(*) FROM pg_constraint WHERE conrelid = '{table}'::regclass \
         AND confrelid = 'company'::regclass AND contype = 'f'"
    );
    Ok(number(connection, &sql).await? > 0)
}

/// Only its owner may change a table.
async fn foreign_owner(connection: &impl ConnectionTrait, table: &str) -> Result<Option<String>, DbErr> {
    let sql = format!(
        "SELECT pg_get_userbyid(relowner)::text, current_user::text FROM pg_class WHERE oid = '{table}'::regclass \
         AND NOT pg_has_role(current_user, relowner, 'USAGE')"
    );
    let found = rows(connection, &sql).await?;
    let Some(row) = found.first() else { return Ok(None) };
    let (owner, we): (String, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    Ok(Some(format!("table {table} belongs to the role {owner} and cannot be changed as {we}: connect as {owner}")))
}
