//! What changed of companies from list to list: names, market segments, listings that ended or began again.

use sea_orm::{QueryResult, Value};
use uuid::Uuid;

use crate::{
    db::{Connection, DbError, Dialect, Places, all, execute},
    stock::{
        bar::CompanyId,
        listing::{CompanyChange, What},
    },
};

const COLUMNS: &str = "company_id, changed_on, what, old, new, source";

/// Rows of one statement.
const CHUNK: usize = 500;

/// Writes changes down.
///
/// # Errors
/// What the database says.
pub async fn add(connection: &impl Connection, changes: &[CompanyChange]) -> Result<(), DbError> {
    let now = Dialect::of(connection).now();
    for chunk in changes.chunks(CHUNK) {
        let mut sql = format!("INSERT INTO company_change (id, {COLUMNS}, recorded_at) VALUES ");
        let mut places = Places::new(Dialect::of(connection));
        let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * 7);
        for (row, change) in chunk.iter().enumerate() {
            sql.push_str(if row == 0 { "" } else { "," });
            places.push_tuple(&mut sql, 7);
            sql.pop();
            sql.push(',');
            sql.push_str(now);
            sql.push(')');
            values.extend(columns(change));
        }
        execute(connection, &sql, values).await?;
    }
    Ok(())
}

/// The changes of a company, oldest first.
///
/// # Errors
/// What the database says.
pub async fn list(connection: &impl Connection, company: &CompanyId) -> Result<Vec<CompanyChange>, DbError> {
    let sql = format!("SELECT {COLUMNS} FROM company_change WHERE company_id = $1 ORDER BY changed_on, id");
    all(connection, &sql, [company.as_str().into()]).await?.iter().map(change).collect()
}

fn columns(change: &CompanyChange) -> [Value; 7] {
    [
        Uuid::now_v7().to_string().into(),
        change.company_id.as_str().into(),
        change.changed_on.into(),
        change.what.as_str().into(),
        change.old.as_str().into(),
        change.new.as_str().into(),
        change.source.as_str().into(),
    ]
}

fn change(row: &QueryResult) -> Result<CompanyChange, DbError> {
    let wrong = |e: &dyn std::fmt::Display| DbError::Type(e.to_string());
    let what: String = row.try_get("", "what")?;
    Ok(CompanyChange {
        company_id: CompanyId::parse(&row.try_get::<String>("", "company_id")?).map_err(|e| wrong(&e))?,
        changed_on: row.try_get("", "changed_on")?,
        what: What::parse(&what).ok_or_else(|| wrong(&format!("unknown change {what:?}")))?,
        old: row.try_get("", "old")?,
        new: row.try_get("", "new")?,
        source: row.try_get("", "source")?,
    })
}
