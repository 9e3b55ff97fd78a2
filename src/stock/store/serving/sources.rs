//! Which sources the bars of a range came from.

use crate::{
    db::{Connection, DbError, all},
    stock::bar::{CompanyId, Days},
};

/// The names of the sources of the company's bars within the days, each once, by name.
///
/// # Errors
/// What the database says.
pub async fn sources(connection: &impl Connection, company: &CompanyId, days: Days) -> Result<Vec<String>, DbError> {
    let sql = "SELECT DISTINCT source FROM stockprice \
               WHERE company_id = $1 AND date >= $2 AND date <= $3 AND source IS NOT NULL";
    let rows = all(connection, sql, [company.as_str().into(), days.from.into(), days.to.into()]).await?;
    let mut names: Vec<String> = rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?;
    names.sort_unstable();
    Ok(names)
}
