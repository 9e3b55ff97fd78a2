//! Tables as data: columns with a type per database and a comment each.
//!
//! PostgreSQL gets real `COMMENT`s; SQLite, which has none, keeps them as SQL comments in the stored DDL.

use std::fmt::Write as _;

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

/// The types the schema uses.
#[derive(Clone, Copy)]
pub enum Type {
    /// Text of at most so many characters.
    Varchar(u16),
    Text,
    Int,
    BigInt,
    Double,
    Bool,
    Date,
    /// An instant, UTC.
    Instant,
    /// A timestamp without a zone, as the tables of the original have it.
    Timestamp,
    /// `double precision[]`; PostgreSQL only.
    Doubles,
    Bytes,
}

impl Type {
    fn sql(self, backend: DbBackend) -> String {
        let postgres = backend == DbBackend::Postgres;
        match self {
            Self::Varchar(n) => format!("varchar({n})"),
            Self::Text => "text".into(),
            Self::Int => "integer".into(),
            Self::BigInt => "bigint".into(),
            Self::Double if postgres => "double precision".into(),
            Self::Double => "double".into(),
            Self::Bool => "boolean".into(),
            Self::Date if postgres => "date".into(),
            // sea-orm's name for a day kept as YYYY-MM-DD
            Self::Date => "date_text".into(),
            Self::Instant if postgres => "timestamp with time zone".into(),
            Self::Instant => "timestamp_with_timezone_text".into(),
            Self::Timestamp if postgres => "timestamp".into(),
            Self::Timestamp => "datetime_text".into(),
            Self::Doubles => "double precision[]".into(),
            Self::Bytes if postgres => "bytea".into(),
            Self::Bytes => "blob".into(),
        }
    }
}

/// A column: name, type, the rest of its definition, comment.
pub struct Column(pub &'static str, pub Type, pub &'static str, pub &'static str);

/// A table with its constraints and indexes.
pub struct Table {
    pub name: &'static str,
    pub comment: &'static str,
    pub columns: Vec<Column>,
    /// `PRIMARY KEY (…)`, `UNIQUE (…)`, `FOREIGN KEY …`
    pub constraints: &'static [&'static str],
    /// Whole `CREATE INDEX` statements.
    pub indexes: &'static [&'static str],
}

impl Table {
    /// Creates the table, its indexes and its comments.
    ///
    /// # Errors
    /// What the database says.
    pub async fn create(&self, manager: &SchemaManager<'_>) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let backend = connection.get_database_backend();
        connection.execute_unprepared(&self.create_sql(backend)).await?;
        for index in self.indexes {
            connection.execute_unprepared(index).await?;
        }
        if backend == DbBackend::Postgres {
            comment(manager, "TABLE", self.name, self.comment).await?;
            for Column(name, _, _, text) in &self.columns {
                comment(manager, "COLUMN", &format!("{}.{name}", self.name), text).await?;
            }
        }
        Ok(())
    }

    /// Creates the table unless there is one of its name.
    ///
    /// # Errors
    /// What the database says.
    pub async fn create_if_missing(&self, manager: &SchemaManager<'_>) -> Result<(), DbErr> {
        if manager.has_table(self.name).await? { Ok(()) } else { self.create(manager).await }
    }

    fn create_sql(&self, backend: DbBackend) -> String {
        let mut sql = format!("CREATE TABLE {} ( -- {}\n", self.name, one_line(self.comment));
        let last = self.columns.len() + self.constraints.len();
        for (position, Column(name, kind, rest, text)) in self.columns.iter().enumerate() {
            let comma = if position + 1 < last { "," } else { "" };
            let rest = rest.replace("{now}", now(backend));
            let _ = writeln!(sql, "  {name} {} {rest}{comma} -- {}", kind.sql(backend), one_line(text));
        }
        sql.push_str("  ");
        sql.push_str(&self.constraints.join(",\n  "));
        sql.push_str("\n)");
        sql
    }
}

/// Adds a column to a table that exists.
///
/// # Errors
/// What the database says.
pub async fn add_column(manager: &SchemaManager<'_>, table: &str, column: &Column) -> Result<(), DbErr> {
    let Column(name, kind, rest, text) = column;
    let connection = manager.get_connection();
    let backend = connection.get_database_backend();
    // SQLite keeps what stands behind the column, but would take a line's comment to the end of the whole statement.
    let told = if backend == DbBackend::Sqlite {
        format!(" /* {} */", one_line(text).replace("*/", "* /"))
    } else {
        String::new()
    };
    let kind = kind.sql(backend);
    connection.execute_unprepared(&format!("ALTER TABLE {table} ADD COLUMN {name} {kind} {rest}{told}")).await?;
    comment(manager, "COLUMN", &format!("{table}.{name}"), text).await
}

/// # Errors
/// What the database says.
pub async fn drop_column(manager: &SchemaManager<'_>, table: &str, column: &str) -> Result<(), DbErr> {
    manager.get_connection().execute_unprepared(&format!("ALTER TABLE {table} DROP COLUMN {column}")).await.map(drop)
}

/// Says in the database what a table, column or view is for. SQLite has no such statement.
///
/// # Errors
/// What the database says.
pub async fn comment(manager: &SchemaManager<'_>, kind: &str, name: &str, text: &str) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    if connection.get_database_backend() == DbBackend::Postgres {
        let text = text.replace('\'', "''");
        connection.execute_unprepared(&format!("COMMENT ON {kind} {name} IS '{text}'")).await?;
    }
    Ok(())
}

/// Drops the tables, newest first.
///
/// # Errors
/// What the database says.
pub async fn drop_all(manager: &SchemaManager<'_>, names: &[&str]) -> Result<(), DbErr> {
    for name in names {
        manager.get_connection().execute_unprepared(&format!("DROP TABLE IF EXISTS {name}")).await?;
    }
    Ok(())
}

fn now(backend: DbBackend) -> &'static str {
    if backend == DbBackend::Postgres { "now()" } else { "CURRENT_TIMESTAMP" }
}

fn one_line(text: &str) -> String {
    text.replace('\n', " ")
}
