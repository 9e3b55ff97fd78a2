//! Rows of a day and numbers, read column by column.

use chrono::NaiveDate;
use sea_orm::{DbErr, QueryResult, RuntimeErr, Value};
use sqlx::Row as _;

use super::{Dialect, View};

/// A day and some numbers of each row. All columns are of the same length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Columns {
    pub days: Vec<NaiveDate>,
    pub numbers: Vec<Vec<Option<f64>>>,
}

impl View {
    /// The rows, in their order, of a statement that selects a day and then `numbers` columns of floating point; for
    /// answers whose size is bounded.
    ///
    /// On PostgreSQL they come as one row of arrays: putting those together costs the server a tenth more, and taking
    /// thousands of rows apart costs us more than all the rest of an answer does.
    ///
    /// # Errors
    /// What the database says.
    pub async fn columns(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value>,
        numbers: usize,
    ) -> Result<Columns, DbErr> {
        if self.dialect() == Dialect::Sqlite {
            return each(&self.all(sql, values).await?, numbers);
        }
        let names: Vec<String> = (0..=numbers).map(|number| format!("c{number}")).collect();
        let arrays: Vec<String> = names.iter().map(|name| format!("array_agg({name})")).collect();
        // The arrays have the order of the rows that they are made of.
        let sql = format!("SELECT {} FROM ({sql}) AS t ({})", arrays.join(", "), names.join(", "));
        let rows = self.all(&sql, values).await?;
        let Some(row) = rows.first().and_then(QueryResult::try_as_pg_row) else {
            return Err(DbErr::Type("no row of arrays".to_owned()));
        };
        let wrong = |error: sqlx::Error| DbErr::Query(RuntimeErr::SqlxError(std::sync::Arc::new(error)));
        // Of no rows there are no arrays.
        let days: Option<Vec<NaiveDate>> = row.try_get(0).map_err(wrong)?;
        let column = |index: usize| row.try_get::<Option<Vec<Option<f64>>>, _>(index).map(Option::unwrap_or_default);
        let numbers = (1..=numbers).map(column).collect::<Result<_, _>>().map_err(wrong)?;
        Ok(Columns { days: days.unwrap_or_default(), numbers })
    }
}

fn each(rows: &[QueryResult], numbers: usize) -> Result<Columns, DbErr> {
    let column = |index: usize| rows.iter().map(|row| row.try_get_by_index(index)).collect::<Result<_, _>>();
    Ok(Columns {
        days: rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?,
        numbers: (1..=numbers).map(column).collect::<Result<_, _>>()?,
    })
}
