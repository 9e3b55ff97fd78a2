//! Rows that were not loaded, each with its reason.

use crate::{
    db::{Connection, DbError, Dialect, execute},
    jobs::RunId,
    stock::bar::{CompanyId, Rejection},
};

/// Texts are cut so that the key over them stays within PostgreSQL's limit for an index entry, also in Japanese.
const MOST_RAW: usize = 300;
const MOST_REASON: usize = 200;

/// Keeps the rows; one that is there already, from the same source for the same reason, is not kept twice.
/// Gives how many were new.
///
/// # Errors
/// What the database says.
pub async fn add(
    connection: &impl Connection,
    company: &CompanyId,
    source: &str,
    run: &RunId,
    rejections: &[Rejection],
) -> Result<u64, DbError> {
    let now = Dialect::of(connection).now();
    let sql = format!(
        "INSERT INTO stockprice_quarantine (id, company_id, source, date, raw, reason, run_id, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, {now}) ON CONFLICT (company_id, source, raw, reason) DO NOTHING"
    );
    let mut kept = 0;
    for rejection in rejections {
        let values = [
            uuid::Uuid::now_v7().to_string().into(),
            company.as_str().into(),
            source.into(),
            rejection.date.into(),
            cut(&rejection.raw, MOST_RAW).into(),
            cut(&rejection.reason, MOST_REASON).into(),
            run.as_str().into(),
        ];
        kept += execute(connection, &sql, values).await?;
    }
    Ok(kept)
}

/// PostgreSQL's text has no NUL.
fn cut(text: &str, most: usize) -> String {
    text.chars().filter(|c| *c != '\0').take(most).collect()
}
