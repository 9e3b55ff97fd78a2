//! Statements with `$1` placeholders, which both databases read.

use std::fmt::Write as _;

use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement, Value};

use super::Dialect;

fn statement(connection: &impl ConnectionTrait, sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(connection.get_database_backend(), sql, values)
}

/// Numbers the parameters of a long statement, in the order of its text.
///
/// SQLite looks parameters with a name or number up one by one, which makes a statement of thousands of them slow: there
/// they are plain question marks, so each place takes a value of its own.
pub struct Places {
    dialect: Dialect,
    count: usize,
}

impl Places {
    #[must_use]
    pub fn new(dialect: Dialect) -> Self {
        Self { dialect, count: 0 }
    }

    /// The next place, written to the end of the statement.
    pub fn push(&mut self, sql: &mut String) {
        self.count += 1;
        match self.dialect {
            Dialect::Sqlite => sql.push('?'),
            Dialect::Postgres => drop(write!(sql, "${}", self.count)),
        }
    }

    /// `(a, b, …)` with so many places.
    pub fn push_tuple(&mut self, sql: &mut String, places: usize) {
        for place in 0..places {
            sql.push(if place == 0 { '(' } else { ',' });
            self.push(sql);
        }
        sql.push(')');
    }
}

/// Executes and says how many rows it touched.
///
/// # Errors
/// What the database says.
pub async fn execute(
    connection: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<u64, DbErr> {
    Ok(connection.execute_raw(statement(connection, sql, values)).await?.rows_affected())
}

/// The first row.
///
/// # Errors
/// What the database says.
pub async fn one(
    connection: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Option<QueryResult>, DbErr> {
    connection.query_one_raw(statement(connection, sql, values)).await
}

/// All rows; for answers whose size is bounded.
///
/// # Errors
/// What the database says.
pub async fn all(
    connection: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<QueryResult>, DbErr> {
    connection.query_all_raw(statement(connection, sql, values)).await
}
