//! The items of backfills as the outside reads them, and their making.

use std::collections::HashMap;

use sea_orm::{QueryResult, Value};

use super::{backfills::backfill_id, place, rows};
use crate::{
    db::{Connection, DbError, Dialect, all, execute},
    jobs::{
        backfill::{BackfillId, BackfillItem, ItemState, Planned, Tally},
        place::Place,
        run::RowCounts,
    },
};

/// Writes down the items of a backfill in their order.
///
/// # Errors
/// What the database says.
pub async fn insert_items(connection: &impl Connection, id: &BackfillId, items: &[Planned]) -> Result<(), DbError> {
    for (chunk_number, chunk) in items.chunks(200).enumerate() {
        let mut values: Vec<Value> = vec![id.as_str().into()];
        let mut places = Vec::with_capacity(chunk.len());
        for (offset, item) in chunk.iter().enumerate() {
            values.extend([item.key.as_str().into(), item.message.clone().into()]);
            let (key, message, position) = (values.len() - 1, values.len(), chunk_number * 200 + offset);
            places.push(format!("($1, ${key}, {position}, 'pending', ${message})"));
        }
        let sql = format!(
            "INSERT INTO backfill_item (backfill_id, key, position, state, message) VALUES {}",
            places.join(", ")
        );
        execute(connection, &sql, values).await?;
    }
    Ok(())
}

/// The items of these backfills, counted; a backfill without items is missing.
///
/// # Errors
/// What the database says.
pub async fn tallies(connection: &impl Connection, ids: &[&BackfillId]) -> Result<HashMap<BackfillId, Tally>, DbError> {
    let mut tallies: HashMap<BackfillId, Tally> = HashMap::new();
    if ids.is_empty() {
        return Ok(tallies);
    }
    let places: Vec<String> = (1..=ids.len()).map(|place| format!("${place}")).collect();
    let seconds = Dialect::of(connection).seconds_between("started_at", "finished_at");
    let rows: Vec<String> = ["fetched", "inserted", "updated", "unchanged", "rejected"]
        .map(|rows| format!("CAST(sum(rows_{rows}) AS bigint) AS rows_{rows}"))
        .to_vec();
    let sql = format!(
        "SELECT backfill_id, state, count(*) AS items, {}, count({seconds}) AS timed, \
         CAST(COALESCE(sum({seconds}), 0) AS double precision) AS seconds \
         FROM backfill_item WHERE backfill_id IN ({}) GROUP BY backfill_id, state",
        rows.join(", "),
        places.join(", ")
    );
    let values = ids.iter().map(|id| id.as_str().into());
    for row in all(connection, &sql, values).await? {
        let tally = tallies.entry(backfill_id(&row.try_get::<String>("", "backfill_id")?)?).or_default();
        add(tally, &row)?;
    }
    Ok(tallies)
}

/// The items of one backfill, counted.
///
/// # Errors
/// What the database says.
pub async fn tally(connection: &impl Connection, id: &BackfillId) -> Result<Tally, DbError> {
    Ok(tallies(connection, &[id]).await?.remove(id).unwrap_or_default())
}

fn add(tally: &mut Tally, row: &QueryResult) -> Result<(), DbError> {
    let state = rows::word(ItemState::parse, &row.try_get::<String>("", "state")?)?;
    let count = |column: &str| row.try_get::<i64>("", column).map(i64::unsigned_abs);
    let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    tally.items[state as usize] = small(count("items")?);
    tally.rows = sum(tally.rows, rows::counts(row)?);
    if matches!(state, ItemState::Succeeded | ItemState::Failed) {
        tally.timed += small(count("timed")?);
        tally.seconds += row.try_get::<f64>("", "seconds")?;
    }
    Ok(())
}

fn sum(a: RowCounts, b: RowCounts) -> RowCounts {
    RowCounts {
        fetched: a.fetched + b.fetched,
        inserted: a.inserted + b.inserted,
        updated: a.updated + b.updated,
        unchanged: a.unchanged + b.unchanged,
        rejected: a.rejected + b.rejected,
    }
}

/// The items of a backfill in their order, `limit` of them; those behind `after` where it is given.
///
/// # Errors
/// What the database says.
pub async fn list_items(
    connection: &impl Connection,
    id: &BackfillId,
    state: Option<ItemState>,
    after: Option<&Place>,
    limit: u32,
) -> Result<Vec<BackfillItem>, DbError> {
    let mut values: Vec<Value> = vec![id.as_str().into()];
    let mut conditions = "backfill_id = $1".to_owned();
    if let Some(state) = state {
        values.push(state.as_str().into());
        conditions.push_str(" AND state = $2");
    }
    place::behind(after, &mut conditions, &mut values);
    let sql = format!(
        "SELECT position, key, state, run_id, rows_fetched, rows_inserted, rows_updated, rows_unchanged, rows_rejected, \
         message, error, started_at, finished_at FROM backfill_item WHERE {conditions} \
         ORDER BY position, key LIMIT {limit}"
    );
    all(connection, &sql, values).await?.iter().map(item).collect()
}

/// The items of a backfill that failed, to be done again.
///
/// # Errors
/// What the database says.
pub async fn failed_items(connection: &impl Connection, id: &BackfillId) -> Result<Vec<Planned>, DbError> {
    let sql = "SELECT key, message FROM backfill_item WHERE backfill_id = $1 AND state = 'failed' ORDER BY position";
    let found = all(connection, sql, [id.as_str().into()]).await?;
    found.iter().map(|row| Ok(Planned { key: row.try_get("", "key")?, message: row.try_get("", "message")? })).collect()
}

/// The keys of a job whose latest task, over all its runs that are kept, failed. Dry runs say nothing about it.
///
/// # Errors
/// What the database says.
pub async fn last_failed_keys(connection: &impl Connection, job: &str) -> Result<Vec<String>, DbError> {
    // No company can bring the text about: its quotes would be escaped.
    let sql = "SELECT key FROM (\
                 SELECT t.key, t.state, row_number() OVER (PARTITION BY t.key ORDER BY t.finished_at DESC, r.id DESC) AS nth \
                 FROM task t JOIN run r ON r.id = t.run_id \
                 WHERE r.job = $1 AND t.state IN ('succeeded', 'failed') AND r.params NOT LIKE '%\"dryRun\":true%'\
               ) AS latest WHERE nth = 1 AND state = 'failed' ORDER BY key";
    all(connection, sql, [job.into()]).await?.iter().map(|row| row.try_get("", "key")).collect()
}

fn item(row: &QueryResult) -> Result<BackfillItem, DbError> {
    Ok(BackfillItem {
        position: row.try_get("", "position")?,
        key: row.try_get("", "key")?,
        state: rows::word(ItemState::parse, &row.try_get::<String>("", "state")?)?,
        run: row.try_get::<Option<String>>("", "run_id")?.as_deref().map(rows::run_id).transpose()?,
        rows: rows::counts(row)?,
        message: row.try_get("", "message")?,
        error: row.try_get("", "error")?,
        started_at: row.try_get("", "started_at")?,
        finished_at: row.try_get("", "finished_at")?,
    })
}
