//! The database's own account of its tables.

mod ddl;
mod postgres;
mod sqlite;

use super::model::{Column, Model, Table};
use crate::db::{Area, Connection, DbError, Dialect};

/// Reads the schema as it is: the tables of these areas, and the names of others beside them.
///
/// # Errors
/// What the database says.
pub async fn read(connection: &impl Connection, areas: &[Area]) -> Result<Model, DbError> {
    Ok(match Dialect::of(connection) {
        Dialect::Postgres => Model::new("PostgreSQL", areas, postgres::tables(connection).await?),
        Dialect::Sqlite => Model::new("SQLite", areas, sqlite::tables(connection).await?),
    })
}

/// The table of this name.
fn of<'a>(tables: &'a mut [Table], name: &str) -> Option<&'a mut Table> {
    tables.iter_mut().find(|table| table.name == name)
}

/// The column of this name.
fn column<'a>(table: &'a mut Table, name: &str) -> Option<&'a mut Column> {
    table.columns.iter_mut().find(|column| column.name == name)
}
