//! Writing down the tasks of runs, of many runs in one statement.

use std::collections::HashMap;

use serde_json::{Value as Json, json};

use super::{leases::is_ours, tasks::Written};
use crate::{
    db::{Connection, Database, DbError, Dialect, all, execute},
    jobs::context::Fence,
};

/// The tasks of a run, the first `begun` of them as begun.
#[derive(Clone, Debug)]
pub struct TaskPlan {
    pub fence: Fence,
    pub keys: Vec<String>,
    pub begun: usize,
}

const RUNS: [(&str, &str); 4] = [("id", "text"), ("owner", "text"), ("fence", "bigint"), ("total", "integer")];
const TASKS: [(&str, &str); 4] = [("run_id", "text"), ("key", "text"), ("position", "integer"), ("begun", "integer")];

/// Writes plans down, each only while its run is its owner's. Gives one answer for each, in their order.
///
/// # Errors
/// What the database says; then none was written.
pub async fn plan_tasks(database: &Database, plans: &[TaskPlan]) -> Result<Vec<Written>, DbError> {
    let connection = database.connection();
    let made =
        if database.is_postgres() { at_once(connection, plans).await? } else { in_steps(database, plans).await? };
    let mut written = Vec::with_capacity(plans.len());
    for plan in plans {
        written.push(match made.get(plan.fence.run.as_str()) {
            Some(tasks) if *tasks == plan.keys.len() => Written::Now,
            Some(_) => Written::Before,
            // Its answer was lost, or it has another owner.
            None if is_ours(connection, &plan.fence).await? => Written::Before,
            None => Written::NotOurs,
        });
    }
    Ok(written)
}

/// PostgreSQL: one statement is one round trip and a transaction of its own. Tasks made, by run.
async fn at_once(connection: &impl Connection, plans: &[TaskPlan]) -> Result<HashMap<String, usize>, DbError> {
    let sql = format!(
        "WITH ours AS ({} RETURNING run.id), made AS ({} JOIN ours ON ours.id = r.run_id ON CONFLICT DO NOTHING \
         RETURNING run_id) SELECT ours.id, (SELECT count(*) FROM made WHERE made.run_id = ours.id) AS tasks FROM ours",
        claim(Dialect::Postgres),
        insert(Dialect::Postgres, "$2")
    );
    let values = [runs(plans).to_string().into(), tasks(plans.iter()).to_string().into()];
    let found = all(connection, &sql, values).await?;
    found
        .iter()
        .map(|row| Ok((row.try_get("", "id")?, row.try_get::<i64>("", "tasks")?.unsigned_abs() as usize)))
        .collect()
}

/// SQLite, which cannot write two tables in one statement.
async fn in_steps(database: &Database, plans: &[TaskPlan]) -> Result<HashMap<String, usize>, DbError> {
    let transaction = database.begin().await?;
    let sql = format!("{} RETURNING id", claim(Dialect::Sqlite));
    let ours = all(&transaction, &sql, [runs(plans).to_string().into()]).await?;
    let ours: Vec<String> = ours.iter().map(|row| row.try_get("", "id")).collect::<Result<_, _>>()?;
    let mut made = HashMap::new();
    for plan in plans.iter().filter(|plan| ours.iter().any(|id| id == plan.fence.run.as_str())) {
        let sql = format!("{} WHERE true ON CONFLICT DO NOTHING", insert(Dialect::Sqlite, "$1"));
        let tasks = execute(&transaction, &sql, [tasks([plan]).to_string().into()]).await?;
        made.insert(plan.fence.run.as_str().to_owned(), tasks as usize);
    }
    transaction.commit().await?;
    Ok(made)
}

fn claim(dialect: Dialect) -> String {
    format!(
        "UPDATE run SET total = r.total FROM {} WHERE run.id = r.id AND run.owner = r.owner AND run.fence = r.fence \
         AND run.state IN ('running', 'cancelling')",
        dialect.rows("$1", &RUNS)
    )
}

fn insert(dialect: Dialect, place: &str) -> String {
    format!(
        "INSERT INTO task (run_id, key, position, state, attempts, started_at) SELECT r.run_id, r.key, r.position, \
         CASE WHEN r.begun = 1 THEN 'running' ELSE 'pending' END, r.begun, CASE WHEN r.begun = 1 THEN {} END FROM {}",
        dialect.now(),
        dialect.rows(place, &TASKS)
    )
}

fn runs(plans: &[TaskPlan]) -> Json {
    let row = |plan: &TaskPlan| {
        let Fence { run, owner, number } = &plan.fence;
        json!({"id": run.as_str(), "owner": owner, "fence": number, "total": plan.keys.len()})
    };
    plans.iter().map(row).collect()
}

fn tasks<'a>(plans: impl IntoIterator<Item = &'a TaskPlan>) -> Json {
    let rows = |plan: &'a TaskPlan| {
        let run = plan.fence.run.as_str();
        plan.keys.iter().enumerate().map(
            move |(at, key)| json!({"run_id": run, "key": key, "position": at, "begun": u8::from(at < plan.begun)}),
        )
    };
    plans.into_iter().flat_map(rows).collect()
}
