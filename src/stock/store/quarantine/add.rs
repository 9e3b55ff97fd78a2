//! Keeping the rows of an answer that were not loaded.

use sea_orm::Value;

use super::row::State;
use crate::{
    db::{Connection, DbError, Dialect, execute},
    jobs::RunId,
    stock::{
        bar::{Bar, Basis, CompanyId, Rejection},
        store::bars::VALUES,
    },
};

/// Texts are cut so that the key over them stays within PostgreSQL's limit for an index entry, also in Japanese.
const MOST_RAW: usize = 300;
const MOST_REASON: usize = 200;

/// Who decided about rows that the checks themselves have decided about.
pub(super) const BY_RULE: &str = "rule:holiday";

/// Keeps the rows of a source, with the basis of its values; one that is there already, from the same source for the
/// same reason, is not kept twice, whatever was decided about it. Gives how many are new and wait for a decision.
///
/// A row that needs none is kept as discarded, also one that an earlier version held.
///
/// # Errors
/// What the database says.
pub async fn add(
    connection: &impl Connection,
    company: &CompanyId,
    (source, basis): (&str, Basis),
    run: &RunId,
    rejections: &[Rejection],
) -> Result<u64, DbError> {
    let now = Dialect::of(connection).now();
    let held = insert(now, "NULL", "NOTHING");
    let decided = insert(
        now,
        now,
        "UPDATE SET state = excluded.state, decided_at = excluded.decided_at, decided_by = excluded.decided_by, \
         note = excluded.note WHERE stockprice_quarantine.state = 'held'",
    );
    let mut kept = 0;
    for rejection in rejections {
        let readable = rejection.bar.as_deref().filter(|bar| is_readable(bar));
        let value = |value: fn(&Bar) -> Option<f64>| Value::from(readable.and_then(value));
        let values = [
            uuid::Uuid::now_v7().to_string().into(),
            company.as_str().into(),
            source.into(),
            rejection.date.into(),
            cut(&rejection.raw, MOST_RAW).into(),
            cut(&rejection.reason, MOST_REASON).into(),
            run.as_str().into(),
            readable.map(|_| basis.as_str()).into(),
            value(|bar| bar.open),
            value(|bar| bar.high),
            value(|bar| bar.low),
            value(|bar| bar.close),
            value(|bar| bar.volume),
            rejection.decided.map_or(State::Held, |_| State::Discarded).as_str().into(),
            rejection.decided.map(|_| BY_RULE).into(),
            rejection.decided.unwrap_or_default().into(),
        ];
        match rejection.decided {
            None => kept += execute(connection, &held, values).await?,
            Some(_) => drop(execute(connection, &decided, values).await?),
        }
    }
    Ok(kept)
}

fn insert(now: &str, decided_at: &str, on_conflict: &str) -> String {
    format!(
        "INSERT INTO stockprice_quarantine (id, company_id, source, date, raw, reason, run_id, created_at, basis, \
         {VALUES}, state, decided_by, note, decided_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, {now}, $8, $9, $10, $11, $12, $13, $14, $15, $16, {decided_at}) \
         ON CONFLICT (company_id, source, raw, reason) DO {on_conflict}"
    )
}

/// A value that is no number is none that could be accepted, and SQLite would keep it as null.
fn is_readable(bar: &Bar) -> bool {
    [bar.open, bar.high, bar.low, bar.close, bar.volume].into_iter().flatten().all(f64::is_finite)
}

/// PostgreSQL's text has no NUL.
fn cut(text: &str, most: usize) -> String {
    text.chars().filter(|c| *c != '\0').take(most).collect()
}
