//! Claiming queued runs: one owner each, by the database's word.

use sea_orm::QueryResult;
use serde_json::json;

use super::{leases::occupies, plans::lock_jobs, rows};
use crate::{
    db::{Connection, Database, DbError, Dialect, all},
    jobs::{
        Claimant,
        context::Fence,
        run::{Run, RunId},
    },
};

/// A run that is ours to execute.
#[derive(Clone, Debug)]
pub struct Claim {
    pub run: Run,
    pub fence: Fence,
}

/// Claims at most `most` queued runs of the given jobs, the oldest first, parts of backfills after all others and those
/// of paused ones not at all. `jobs` says for each whether its runs must not overlap.
///
/// # Errors
/// What the database says.
pub async fn claim_next(
    database: &Database,
    claimant: &Claimant,
    jobs: &[(&str, bool)],
    most: usize,
) -> Result<Vec<Claim>, DbError> {
    let names = |exclusive: bool| jobs.iter().filter(|(_, alone)| *alone == exclusive).map(|(name, _)| *name).collect();
    let (alone, free): (Vec<&str>, Vec<&str>) = (names(true), names(false));
    let mut found = Vec::new();
    for backfill in [false, true] {
        if !alone.is_empty() {
            found.extend(first_of_each(database.connection(), &alone, backfill, most).await?);
        }
        if !free.is_empty() && found.len() < most {
            found.extend(oldest(database.connection(), &free, backfill, most - found.len()).await?);
        }
    }
    found.truncate(most);
    claim_runs(database, claimant, &found, &alone).await
}

/// The run is a part of a backfill that is not paused.
const BACKFILL_GOES_ON: &str = "trigger = 'backfill' AND NOT EXISTS \
     (SELECT 1 FROM backfill WHERE backfill.run_id = run.id AND backfill.state = 'paused')";

/// The oldest queued run of each job that has no active one; of backfills, where no other run of the job waits.
async fn first_of_each(
    connection: &impl Connection,
    jobs: &[&str],
    backfill: bool,
    most: usize,
) -> Result<Vec<(RunId, String)>, DbError> {
    let dialect = Dialect::of(connection);
    let alone = format!("NOT EXISTS (SELECT 1 FROM run AS a WHERE a.job = run.job AND {})", occupies(dialect, "a"));
    let behind = "NOT EXISTS (SELECT 1 FROM run AS q WHERE q.job = run.job AND q.state = 'queued' \
                  AND q.trigger <> 'backfill')";
    let turn = if backfill { format!("{BACKFILL_GOES_ON} AND {behind}") } else { "trigger <> 'backfill'".to_owned() };
    let sql = format!(
        "SELECT min(id) AS id, job FROM run WHERE state = 'queued' AND {turn} AND job IN {} AND {alone} \
         GROUP BY job ORDER BY id LIMIT {most}",
        dialect.texts("$1")
    );
    candidates(&all(connection, &sql, [json!(jobs).to_string().into()]).await?)
}

async fn oldest(
    connection: &impl Connection,
    jobs: &[&str],
    backfill: bool,
    most: usize,
) -> Result<Vec<(RunId, String)>, DbError> {
    let turn = if backfill { BACKFILL_GOES_ON } else { "trigger <> 'backfill'" };
    let sql = format!(
        "SELECT id, job FROM run WHERE state = 'queued' AND {turn} AND job IN {} \
         ORDER BY id LIMIT {most}",
        Dialect::of(connection).texts("$1")
    );
    candidates(&all(connection, &sql, [json!(jobs).to_string().into()]).await?)
}

fn candidates(found: &[QueryResult]) -> Result<Vec<(RunId, String)>, DbError> {
    found.iter().map(|row| Ok((rows::run_id(&row.try_get::<String>("", "id")?)?, row.try_get("", "job")?))).collect()
}

/// Claims queued runs. Left out are those that another process was faster with, and those of the jobs in `exclusive`
/// while another run of their job is active.
///
/// # Errors
/// What the database says.
pub async fn claim_runs(
    database: &Database,
    claimant: &Claimant,
    runs: &[(RunId, String)],
    exclusive: &[&str],
) -> Result<Vec<Claim>, DbError> {
    if runs.is_empty() {
        return Ok(Vec::new());
    }
    let transaction = database.begin().await?;
    let mut locked: Vec<&str> = runs.iter().map(|(_, job)| job.as_str()).filter(|j| exclusive.contains(j)).collect();
    locked.sort_unstable();
    locked.dedup();
    if !locked.is_empty() {
        // Claims of one job follow one another here, so that two replicas cannot each see the other's as absent.
        lock_jobs(&transaction, &locked).await?;
    }
    let dialect = Dialect::of(&transaction);
    let (now, lease, occupied) = (dialect.now(), dialect.now_plus(claimant.lease), occupies(dialect, "a"));
    let sql = format!(
        "UPDATE run SET state = 'running', owner = $1, fence = fence + 1, lease_until = {lease}, offered = false, \
         started_at = COALESCE(started_at, {now}), attempt = CASE WHEN attempt = 0 THEN 1 ELSE attempt END \
         WHERE id IN (SELECT id FROM run WHERE id IN {} AND state = 'queued' ORDER BY id {}) \
         AND (job NOT IN {} OR NOT EXISTS (SELECT 1 FROM run AS a WHERE a.job = run.job AND a.id <> run.id \
         AND {occupied})) \
         RETURNING {}",
        dialect.texts("$2"),
        dialect.for_update_skip_locked(),
        dialect.texts("$3"),
        rows::RUN_COLUMNS
    );
    let ids: Vec<&str> = runs.iter().map(|(id, _)| id.as_str()).collect();
    let values = [claimant.owner.clone().into(), json!(ids).to_string().into(), json!(locked).to_string().into()];
    let claimed = all(&transaction, &sql, values).await?;
    let mut claims: Vec<Claim> = claimed.iter().map(|row| claim(row, claimant)).collect::<Result<_, _>>()?;
    transaction.commit().await?;
    claims.sort_by(|a, b| a.run.id.cmp(&b.run.id));
    Ok(claims)
}

/// Takes over runs that their owners, which end, have offered: at once, and as no new attempt.
///
/// # Errors
/// What the database says.
pub async fn take_offered(
    connection: &impl Connection,
    claimant: &Claimant,
    jobs: &[&str],
    most: usize,
) -> Result<Vec<Claim>, DbError> {
    let dialect = Dialect::of(connection);
    let sql = format!(
        "UPDATE run SET owner = $1, fence = fence + 1, lease_until = {}, offered = false \
         WHERE id IN (SELECT id FROM run WHERE offered AND state = 'running' AND owner <> $1 AND job IN {} \
         ORDER BY id LIMIT {most} {}) AND offered AND state = 'running' RETURNING {}",
        dialect.now_plus(claimant.lease),
        dialect.texts("$2"),
        dialect.for_update_skip_locked(),
        rows::RUN_COLUMNS
    );
    let values = [claimant.owner.clone().into(), json!(jobs).to_string().into()];
    all(connection, &sql, values).await?.iter().map(|row| claim(row, claimant)).collect()
}

fn claim(row: &QueryResult, claimant: &Claimant) -> Result<Claim, DbError> {
    let run = rows::run(row)?;
    let number = run.trace.fence;
    Ok(Claim { fence: Fence { run: run.id.clone(), owner: claimant.owner.clone(), number }, run })
}
