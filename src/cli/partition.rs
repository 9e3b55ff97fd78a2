//! `migrate partition` and `migrate unpartition`: how the large tables are kept.

use chrono::{Datelike as _, NaiveDate};

use super::{
    outcome::{Outcome, print},
    setup,
};
#[cfg(feature = "timescaledb")]
use crate::stock::partitions::make_hypertables;
use crate::{
    app,
    config::Config,
    db::{
        Database,
        partition::{PartitionError, Rebuilt, Span, State},
    },
    stock::{
        partitions::{Layout, convert, last_day},
        store::partitions::{bytes, counts, states},
    },
};

/// What a small machine rebuilds in a second, tables and keys together.
const BYTES_PER_SECOND: u64 = 20_000_000;

pub async fn partition(config: &Config, database: &Database, span: Span, dry_run: bool) -> Result<(), Outcome> {
    let first = config.stock.job.history_from;
    if dry_run && database.is_postgres() {
        return preview(database, span, first).await;
    }
    announce(database).await?;
    let rebuilt = rebuild(database, Layout::Partitioned(span, first)).await?;
    for Rebuilt { table, rows, ranges } in &rebuilt {
        print(&format!("{table}: {rows} rows in {} partitions and a default one", ranges.len()));
    }
    if rebuilt.is_empty() {
        for (table, state) in states(database.connection()).await? {
            print(&format!("{table}: {}", told(&state)));
        }
    }
    database.close().await;
    Ok(())
}

pub async fn unpartition(database: &Database) -> Result<(), Outcome> {
    announce(database).await?;
    let rebuilt = rebuild(database, Layout::Plain).await?;
    for Rebuilt { table, rows, .. } in &rebuilt {
        print(&format!("{table}: {rows} rows in one table"));
    }
    if rebuilt.is_empty() {
        print("the tables are not partitioned");
    }
    database.close().await;
    Ok(())
}

#[cfg(feature = "timescaledb")]
pub async fn hypertable(database: &Database, compress_after: Option<u16>) -> Result<(), Outcome> {
    announce(database).await?;
    let made = make_hypertables(database, compress_after, &setup::actor()).await.map_err(outcome)?;
    match made.as_slice() {
        [] => print("the tables are hypertables already"),
        made => print(&format!("hypertables now: {}", made.join(", "))),
    }
    database.close().await;
    Ok(())
}

async fn rebuild(database: &Database, layout: Layout) -> Result<Vec<Rebuilt>, Outcome> {
    convert(database, layout, &app::system_clock(), &setup::actor()).await.map_err(outcome)
}

fn outcome(error: PartitionError) -> Outcome {
    match error {
        PartitionError::Refused(why) => Outcome::Failed(why),
        PartitionError::Database(error) => Outcome::failed(error),
    }
}

/// Whoever waits meanwhile should know for how long.
async fn announce(database: &Database) -> Result<(), Outcome> {
    if database.is_postgres() {
        let seconds = seconds(bytes(database.connection()).await?);
        tracing::warn!(
            seconds,
            "the tables are locked while they are rebuilt: whoever reads or writes them waits about so long"
        );
    }
    Ok(())
}

const fn seconds(bytes: u64) -> u64 {
    bytes / BYTES_PER_SECOND + 1
}

async fn preview(database: &Database, span: Span, first: NaiveDate) -> Result<(), Outcome> {
    let (bytes, last) = (bytes(database.connection()).await?, last_day(&app::system_clock()));
    let states = states(database.connection()).await?;
    for ((table, years), (_, state)) in counts(database.connection()).await?.into_iter().zip(states) {
        if state != State::Plain {
            print(&format!("{table}: {}", told(&state)));
            continue;
        }
        let new_year = |year: Option<&(i32, u64)>| year.and_then(|(year, _)| NaiveDate::from_ymd_opt(*year, 1, 1));
        let oldest = new_year(years.first()).map_or(first, |day| day.min(first));
        let newest = new_year(years.last()).map_or(last, |day| day.max(last));
        for range in span.over(oldest, newest) {
            let within = years.iter().filter(|(year, _)| (range.from.year()..range.to.year()).contains(year));
            print(&format!("{table}_{:<12} {:>12} rows", range.name(), within.map(|(_, rows)| rows).sum::<u64>()));
        }
    }
    print(&format!(
        "both tables would be locked for about {} s and need another {} MB of disk until then",
        seconds(bytes),
        bytes / 1_000_000 + 1
    ));
    database.close().await;
    Ok(())
}

fn told(state: &State) -> String {
    match state {
        State::Plain => "one table".to_owned(),
        State::Other(by) => format!("partitioned by {by}, not by this program"),
        State::Ranges { span, partitions, .. } => {
            let ends = partitions.first().zip(partitions.last());
            let years =
                ends.map(|(first, last)| format!(", {} to {}", first.range.from.year(), last.range.to.year() - 1));
            format!("partitioned by {} already{}", span.as_str(), years.unwrap_or_default())
        }
    }
}
