//! Bars of the original whose place a source's history takes: kept as they were, beside the series.

use chrono::NaiveDate;
use sea_orm::Value;
use serde_json::json;

use crate::{
    db::{DbError, Dialect, Transaction, execute},
    stock::bar::CompanyId,
};

/// Keeps the bars of both lists of days in `stockprice_original`, and takes those of `left` out of the series. The
/// table is there where the original's database was taken over, and only there are such bars.
///
/// # Errors
/// What the database says.
pub async fn set_aside(
    transaction: &Transaction,
    company: &CompanyId,
    run: &str,
    replaced: &[NaiveDate],
    left: &[NaiveDate],
) -> Result<(), DbError> {
    if replaced.is_empty() && left.is_empty() {
        return Ok(());
    }
    let days = |days: &[NaiveDate]| Value::from(json!(days).to_string());
    let all: Vec<NaiveDate> = replaced.iter().chain(left).copied().collect();
    let listed = |place| format!("(SELECT CAST(d AS date) FROM {} AS t(d))", Dialect::Postgres.texts(place));
    let keep = format!(
        "INSERT INTO stockprice_original (company_id, date, open_price, high_price, low_price, close_price, volume, \
         ins_ts, upd_ts, run_id) \
         SELECT company_id, date, open_price, high_price, low_price, close_price, volume, ins_ts, upd_ts, $2 \
         FROM stockprice WHERE company_id = $1 AND date IN {} ON CONFLICT (company_id, date) DO NOTHING",
        listed("$3")
    );
    execute(transaction, &keep, [company.as_str().into(), run.into(), days(&all)]).await?;
    if left.is_empty() {
        return Ok(());
    }
    let remove = format!("DELETE FROM stockprice WHERE company_id = $1 AND date IN {}", listed("$2"));
    execute(transaction, &remove, [company.as_str().into(), days(left)]).await.map(drop)
}
