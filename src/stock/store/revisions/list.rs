//! Reading what was changed.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{QueryResult, Value};
use uuid::Uuid;

use crate::{
    db::{Connection, DbError, all, one},
    stock::{
        bar::{Bar, CompanyId},
        store::conditions::Conditions,
    },
};

/// A change of stored bars.
#[derive(Clone, Debug, PartialEq)]
pub struct Revision {
    /// A UUIDv7: sorts by when it was changed.
    pub id: String,
    pub company_id: CompanyId,
    pub stock_code: Option<String>,
    pub company_name: Option<String>,
    pub date: NaiveDate,
    /// `correction`, `rebase`, `accepted`.
    pub kind: String,
    /// None for a rebasing, and where there was no bar before.
    pub old: Option<Bar>,
    pub new: Option<Bar>,
    /// Of a rebasing: all prices became so many times what they were.
    pub ratio: Option<f64>,
    pub source: String,
    pub run_id: String,
    pub revised_at: DateTime<Utc>,
}

/// Which changes to list; newest first.
#[derive(Clone, Debug, Default)]
pub struct RevisionFilter {
    pub company: Option<CompanyId>,
    pub since: Option<DateTime<Utc>>,
    /// Only changes older than this one: the last of the page before.
    pub after: Option<Uuid>,
    pub limit: u32,
}

/// # Errors
/// What the database says.
pub async fn list(connection: &impl Connection, filter: &RevisionFilter) -> Result<Vec<Revision>, DbError> {
    let mut conditions = Conditions::default();
    conditions.add("r.company_id =", filter.company.as_ref().map(|id| id.as_str().into()));
    conditions.add("r.revised_at >=", filter.since.map(Value::from));
    conditions.add("r.id <", filter.after.map(|id| id.to_string().into()));
    let sql = format!(
        "SELECT r.id, r.company_id, r.date, r.kind, r.old, r.new, r.source, r.run_id, r.revised_at, c.stock_code, \
         c.company_name FROM stockprice_revision r LEFT JOIN company c ON c.company_id = r.company_id {} \
         ORDER BY r.id DESC LIMIT {}",
        conditions.sql(),
        filter.limit
    );
    all(connection, &sql, conditions.values).await?.iter().map(revision).collect()
}

/// The day on which another run than this one rebased the company's history after an instant, if one did: what was
/// read before is in another unit than what is stored.
///
/// # Errors
/// What the database says.
pub async fn rebased_since(
    connection: &impl Connection,
    company: &CompanyId,
    since: DateTime<Utc>,
    run: &str,
) -> Result<Option<NaiveDate>, DbError> {
    let sql = "SELECT revised_at FROM stockprice_revision WHERE company_id = $1 AND kind = 'rebase' \
               AND revised_at >= $2 AND run_id <> $3 ORDER BY id DESC LIMIT 1";
    let row = one(connection, sql, [company.as_str().into(), since.into(), run.into()]).await?;
    row.map(|row| Ok(row.try_get::<DateTime<Utc>>("", "revised_at")?.date_naive())).transpose()
}

fn revision(row: &QueryResult) -> Result<Revision, DbError> {
    let date: NaiveDate = row.try_get("", "date")?;
    let (old, new) = (json(row, "old")?, json(row, "new")?);
    Ok(Revision {
        id: row.try_get("", "id")?,
        company_id: CompanyId::parse(&row.try_get::<String>("", "company_id")?)
            .map_err(|e| DbError::Type(e.to_string()))?,
        stock_code: row.try_get("", "stock_code")?,
        company_name: row.try_get("", "company_name")?,
        date,
        kind: row.try_get("", "kind")?,
        old: bar(date, &old),
        new: bar(date, &new),
        ratio: new["ratio"].as_f64(),
        source: row.try_get("", "source")?,
        run_id: row.try_get("", "run_id")?,
        revised_at: row.try_get("", "revised_at")?,
    })
}

fn json(row: &QueryResult, column: &str) -> Result<serde_json::Value, DbError> {
    let text: String = row.try_get("", column)?;
    serde_json::from_str(&text).map_err(|e| DbError::Json(e.to_string()))
}

fn bar(date: NaiveDate, values: &serde_json::Value) -> Option<Bar> {
    let members = values.as_object().filter(|members| members.contains_key("close"))?;
    let number = |name: &str| members.get(name).and_then(serde_json::Value::as_f64);
    let [open, high, low, close, volume] = ["open", "high", "low", "close", "volume"].map(number);
    Some(Bar { date, open, high, low, close, volume })
}
