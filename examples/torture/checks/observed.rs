//! Everything that was written down, read once.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write as _,
    path::Path,
};

use chrono::{DateTime, Utc};
use sqlx::{Connection as _, PgConnection, query, query_as};

use crate::{faults::Happened, world::Asked};

type Instant = DateTime<Utc>;

/// A change of a run, as the trigger saw it.
#[derive(Clone, Debug)]
pub struct RunRow {
    pub xid: i64,
    pub at: Instant,
    pub run: String,
    pub job: String,
    pub scheduled_for: Option<Instant>,
    pub state: String,
    pub owner: Option<String>,
    pub fence: i64,
    pub lease_until: Option<Instant>,
    pub total: i32,
    pub done: i32,
    pub failed: i32,
}

#[derive(Debug)]
pub struct TickRow {
    pub at: Instant,
    pub job: String,
    pub scheduled_for: Instant,
    pub outcome: String,
    pub run: Option<String>,
}

#[derive(Debug)]
pub struct StateRow {
    pub at: Instant,
    pub cursor: Instant,
    pub schedule: String,
}

/// One half of what a task wrote.
#[derive(Debug)]
pub struct Write {
    pub xid: i64,
    pub at: Instant,
    pub run: String,
    pub key: String,
    pub half: i32,
    pub fence: i64,
    pub owner: String,
    pub who: String,
}

#[derive(Debug)]
pub struct Enter {
    pub at: Instant,
    pub run: String,
    pub owner: String,
    pub who: String,
}

/// The whole of it.
pub struct Observed {
    /// By run, in the order of commits.
    pub runs: BTreeMap<String, Vec<RunRow>>,
    pub ticks: Vec<TickRow>,
    /// By job, in the order of commits.
    pub states: BTreeMap<String, Vec<StateRow>>,
    pub writes: Vec<Write>,
    pub enters: Vec<Enter>,
    pub totals: HashMap<(String, String), i32>,
    /// State by run and key.
    pub tasks: HashMap<(String, String), String>,
    pub asked: Vec<Asked>,
    pub happened: Vec<Happened>,
    /// When the rows were read.
    pub until: Instant,
}

impl Observed {
    pub async fn read(
        url: &str,
        until: Instant,
        asked: Vec<Asked>,
        happened: Vec<Happened>,
    ) -> Result<Self, sqlx::Error> {
        let mut connection = PgConnection::connect(url).await?;
        let c = &mut connection;
        // One snapshot for all: the daemons go on meanwhile.
        query("BEGIN ISOLATION LEVEL REPEATABLE READ").execute(&mut *c).await?;
        let mut runs: BTreeMap<String, Vec<RunRow>> = BTreeMap::new();
        for row in run_rows(c).await? {
            runs.entry(row.run.clone()).or_default().push(row);
        }
        let sql = "SELECT at, job, scheduled_for, outcome, run FROM torture_tick ORDER BY seq";
        let ticks = query_as::<_, (Instant, String, Instant, String, Option<String>)>(sql).fetch_all(&mut *c).await?;
        let ticks = ticks.into_iter().map(|(at, job, scheduled_for, outcome, run)| TickRow {
            at,
            job,
            scheduled_for,
            outcome,
            run,
        });
        let mut states: BTreeMap<String, Vec<StateRow>> = BTreeMap::new();
        let sql = "SELECT at, job, cursor_at, schedule FROM torture_state ORDER BY seq";
        for (at, job, cursor, schedule) in
            query_as::<_, (Instant, String, Instant, String)>(sql).fetch_all(&mut *c).await?
        {
            states.entry(job).or_default().push(StateRow { at, cursor, schedule });
        }
        let sql = "SELECT at, run, owner, who FROM torture_enter ORDER BY at";
        let enters = query_as::<_, (Instant, String, String, String)>(sql).fetch_all(&mut *c).await?;
        let enters = enters.into_iter().map(|(at, run, owner, who)| Enter { at, run, owner, who });
        let totals = query_as::<_, (String, String, i32)>("SELECT run, key, total FROM torture_total");
        let totals = totals.fetch_all(&mut *c).await?.into_iter().map(|(run, key, total)| ((run, key), total));
        let tasks = query_as::<_, (String, String, String)>("SELECT run_id, key, state FROM task");
        let tasks = tasks.fetch_all(&mut *c).await?.into_iter().map(|(run, key, state)| ((run, key), state));
        Ok(Self {
            runs,
            ticks: ticks.collect(),
            states,
            enters: enters.collect(),
            totals: totals.collect(),
            tasks: tasks.collect(),
            writes: writes(&mut *c).await?,
            asked,
            happened,
            until,
        })
    }

    /// The owner's name in the tables, by the name of the process.
    pub fn owner_of(&self, who: &str) -> Option<&str> {
        self.enters.iter().find(|enter| enter.who == who).map(|enter| enter.owner.as_str())
    }

    /// Leaves the history for people to read.
    pub fn keep(&self, folder: &Path) -> std::io::Result<()> {
        let mut text = String::new();
        for row in self.runs.values().flatten() {
            let _ = writeln!(text, "{row:?}");
        }
        std::fs::write(folder.join("runs.txt"), &text)?;
        text.clear();
        for row in &self.ticks {
            let _ = writeln!(text, "{row:?}");
        }
        std::fs::write(folder.join("ticks.txt"), &text)?;
        text.clear();
        for write in &self.writes {
            let _ = writeln!(text, "{write:?}");
        }
        for enter in &self.enters {
            let _ = writeln!(text, "{enter:?}");
        }
        for happened in &self.happened {
            let _ = writeln!(text, "{happened:?}");
        }
        for asked in &self.asked {
            let _ = writeln!(text, "{asked:?}");
        }
        std::fs::write(folder.join("traces.txt"), &text)
    }
}

async fn run_rows(connection: &mut PgConnection) -> Result<Vec<RunRow>, sqlx::Error> {
    type Row =
        (i64, Instant, String, String, Option<Instant>, String, Option<String>, i64, Option<Instant>, i32, i32, i32);
    let sql = "SELECT xid, at, run, job, scheduled_for, state, owner, fence, lease_until, total, done, failed \
               FROM torture_run ORDER BY seq";
    let rows = query_as::<_, Row>(sql).fetch_all(connection).await?;
    let row = |(xid, at, run, job, scheduled_for, state, owner, fence, lease_until, total, done, failed): Row| RunRow {
        xid,
        at,
        run,
        job,
        scheduled_for,
        state,
        owner,
        fence,
        lease_until,
        total,
        done,
        failed,
    };
    Ok(rows.into_iter().map(row).collect())
}

async fn writes(connection: &mut PgConnection) -> Result<Vec<Write>, sqlx::Error> {
    type Row = (i64, Instant, String, String, i32, i64, String, String);
    let sql = "SELECT xid, at, run, key, half, fence, owner, who FROM torture_write ORDER BY at";
    let rows = query_as::<_, Row>(sql).fetch_all(connection).await?;
    let write =
        |(xid, at, run, key, half, fence, owner, who): Row| Write { xid, at, run, key, half, fence, owner, who };
    Ok(rows.into_iter().map(write).collect())
}

/// Whether a run in this state is executed by somebody.
pub fn is_held(state: &str) -> bool {
    matches!(state, "running" | "cancelling")
}

/// Whether a run in this state is over.
pub fn is_final(state: &str) -> bool {
    !matches!(state, "queued" | "running" | "cancelling")
}
