//! Stretches on which another source says something else than what is stored: found, found again, gone.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{QueryResult, Value};
use serde_json::{Value as Json, json};

use crate::{
    db::{Connection, DbError, Dialect, all, execute},
    jobs::RunId,
    stock::{
        bar::{Bar, CompanyId, Days},
        overlap::{Stretch, StretchKind},
    },
};

/// A stretch that is open, as far as a new comparison has to know it.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    pub id: String,
    pub kind: StretchKind,
    pub days: Days,
    pub sessions: usize,
    pub worst: f64,
}

/// What becomes of a stretch.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    Add(Stretch),
    /// With `first_stays` the kept values are still those of its first session.
    Renew {
        id: String,
        stretch: Stretch,
        first_stays: bool,
    },
    Close {
        id: String,
    },
}

/// A difference as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    pub id: String,
    pub company_id: String,
    pub stock_code: String,
    pub source: String,
    pub kind: String,
    pub days: Days,
    pub sessions: i32,
    pub worst: f64,
    pub stored: Option<Json>,
    pub other: Option<Json>,
    pub state: String,
    pub run_id: String,
    pub found_at: DateTime<Utc>,
    pub seen_at: DateTime<Utc>,
    pub closed_at: Option<DateTime<Utc>>,
}

/// Which differences are wanted.
#[derive(Clone, Debug, Default)]
pub struct DifferenceFilter {
    pub company: Option<CompanyId>,
    /// Found, found again or closed since.
    pub since: Option<DateTime<Utc>>,
    /// `open` or `closed`
    pub state: Option<&'static str>,
    /// The last one of the page before.
    pub after: Option<String>,
    pub limit: u32,
}

/// The open stretches of a company towards a source. The caller holds the lock of the company's series.
///
/// # Errors
/// What the database says.
pub async fn open(connection: &impl Connection, company: &CompanyId, source: &str) -> Result<Vec<Known>, DbError> {
    let sql = "SELECT id, kind, date_from, date_to, sessions, worst FROM stockprice_difference \
               WHERE company_id = $1 AND source = $2 AND state = 'open' ORDER BY date_from, id";
    let rows = all(connection, sql, [company.as_str().into(), source.into()]).await?;
    rows.iter().map(known).collect()
}

/// Takes the steps.
///
/// # Errors
/// What the database says.
pub async fn take(
    connection: &impl Connection,
    (company, source, run): (&CompanyId, &str, &RunId),
    steps: &[Step],
) -> Result<(), DbError> {
    let now = Dialect::of(connection).now();
    for step in steps {
        match step {
            Step::Add(stretch) => {
                let sql = format!(
                    "INSERT INTO stockprice_difference (id, company_id, source, run_id, date_from, date_to, sessions, \
                     worst, kind, stored, other, state, found_at, seen_at) \
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'open', {now}, {now})"
                );
                let id = uuid::Uuid::now_v7().to_string();
                let key: [Value; 4] = [id.into(), company.as_str().into(), source.into(), run.as_str().into()];
                let kind: Value = stretch.kind.as_str().into();
                let values = key.into_iter().chain(extent(stretch)).chain([kind]).chain(first(stretch));
                execute(connection, &sql, values).await?;
            }
            Step::Renew { id, stretch, first_stays } => {
                let kept = if *first_stays { "" } else { ", stored = $6, other = $7" };
                let sql = format!(
                    "UPDATE stockprice_difference SET date_from = $2, date_to = $3, sessions = $4, worst = $5, \
                     seen_at = {now}{kept} WHERE id = $1"
                );
                let values = [Value::from(id.as_str())].into_iter().chain(extent(stretch));
                let first = first(stretch).into_iter().filter(|_| !first_stays);
                execute(connection, &sql, values.chain(first)).await?;
            }
            Step::Close { id } => {
                let sql = format!("UPDATE stockprice_difference SET state = 'closed', closed_at = {now} WHERE id = $1");
                execute(connection, &sql, [id.as_str().into()]).await?;
            }
        }
    }
    Ok(())
}

/// How many are open, by source.
///
/// # Errors
/// What the database says.
pub async fn open_by_source(connection: &impl Connection) -> Result<HashMap<String, u64>, DbError> {
    let sql = "SELECT source, COUNT(*) FROM stockprice_difference WHERE state = 'open' GROUP BY source";
    let rows = all(connection, sql, []).await?;
    rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index::<i64>(1)?.unsigned_abs()))).collect()
}

/// The differences, the newest found first.
///
/// # Errors
/// What the database says.
pub async fn list(connection: &impl Connection, filter: &DifferenceFilter) -> Result<Vec<Difference>, DbError> {
    let mut values: Vec<Value> = Vec::new();
    let mut conditions = vec!["1 = 1".to_owned()];
    let mut condition = |text: &str, value: Value| {
        values.push(value);
        conditions.push(text.replace('?', &format!("${}", values.len())));
    };
    if let Some(company) = &filter.company {
        condition("d.company_id = ?", company.as_str().into());
    }
    if let Some(since) = filter.since {
        condition("COALESCE(d.closed_at, d.seen_at) >= ?", since.into());
    }
    if let Some(state) = filter.state {
        condition("d.state = ?", state.into());
    }
    if let Some(after) = &filter.after {
        condition("d.id < ?", after.as_str().into());
    }
    let sql = format!(
        "SELECT d.id, d.company_id, c.stock_code, d.source, d.kind, d.date_from, d.date_to, d.sessions, d.worst, \
         d.stored, d.other, d.state, d.run_id, d.found_at, d.seen_at, d.closed_at \
         FROM stockprice_difference d JOIN company c ON c.company_id = d.company_id \
         WHERE {} ORDER BY d.id DESC LIMIT {}",
        conditions.join(" AND "),
        filter.limit
    );
    all(connection, &sql, values).await?.iter().map(difference).collect()
}

fn extent(stretch: &Stretch) -> [Value; 4] {
    let sessions = i32::try_from(stretch.sessions).unwrap_or(i32::MAX);
    [stretch.days.from.into(), stretch.days.to.into(), sessions.into(), stretch.worst.into()]
}

/// The first differing session on both sides.
fn first(stretch: &Stretch) -> [Value; 2] {
    let text = |bar: &Option<Bar>| bar.as_ref().map(|bar| in_json(bar).to_string()).into();
    [text(&stretch.stored), text(&stretch.other)]
}

fn in_json(bar: &Bar) -> Json {
    json!({ "open": bar.open, "high": bar.high, "low": bar.low, "close": bar.close, "volume": bar.volume })
}

fn known(row: &QueryResult) -> Result<Known, DbError> {
    let kind: String = row.try_get("", "kind")?;
    let sessions: i32 = row.try_get("", "sessions")?;
    Ok(Known {
        id: row.try_get("", "id")?,
        kind: StretchKind::parse(&kind).ok_or(DbError::Type(kind))?,
        days: days(row)?,
        sessions: usize::try_from(sessions).unwrap_or(0),
        worst: row.try_get("", "worst")?,
    })
}

fn days(row: &QueryResult) -> Result<Days, DbError> {
    Ok(Days { from: row.try_get("", "date_from")?, to: row.try_get("", "date_to")? })
}

fn difference(row: &QueryResult) -> Result<Difference, DbError> {
    let json = |name| -> Result<Option<Json>, DbError> {
        let text: Option<String> = row.try_get("", name)?;
        text.map(|text| serde_json::from_str(&text)).transpose().map_err(|e| DbError::Json(e.to_string()))
    };
    Ok(Difference {
        id: row.try_get("", "id")?,
        company_id: row.try_get("", "company_id")?,
        stock_code: row.try_get("", "stock_code")?,
        source: row.try_get("", "source")?,
        kind: row.try_get("", "kind")?,
        days: days(row)?,
        sessions: row.try_get("", "sessions")?,
        worst: row.try_get("", "worst")?,
        stored: json("stored")?,
        other: json("other")?,
        state: row.try_get("", "state")?,
        run_id: row.try_get("", "run_id")?,
        found_at: row.try_get("", "found_at")?,
        seen_at: row.try_get("", "seen_at")?,
        closed_at: row.try_get("", "closed_at")?,
    })
}
