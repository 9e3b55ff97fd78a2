//! What replicas with nothing to do ask of the database.

use std::time::Duration;

use data_infrastructure::db::{self, Database};

use crate::{
    child::Daemon,
    empty,
    machine::{peak, server_seconds, told},
    number, setting,
};

/// Until starting is over.
const SETTLE: Duration = Duration::from_secs(15);

pub async fn measure(url: &str, replicas: &[usize]) {
    let time = setting("SECONDS", 30);
    println!("Replicas with nothing to do, for {time} s:");
    println!(
        "{:>9} {:>15} {:>15} {:>13} {:>12} {:>16} {:>9}",
        "replicas", "transactions/s", "of each", "statements/s", "connections", "db cpu, % of one", "peak MiB"
    );
    let database = empty(url).await;
    for count in replicas {
        let settings = [
            ("DATAINFRA__SOURCES__ECB__ENABLED", "false".to_owned()),
            ("DATAINFRA__JOBS__STOCK__SCHEDULE", "@manually".to_owned()),
        ];
        let daemons: Vec<Daemon> = (0..*count).map(|_| Daemon::start(url, &settings, None, false)).collect();
        tokio::time::sleep(SETTLE).await;
        let before = Counted::now(&database).await;
        tokio::time::sleep(Duration::from_secs(time as u64)).await;
        let after = Counted::now(&database).await;
        let connections = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                           AND application_name = 'datainfra'";
        let seconds = time as f64;
        let rate = (after.transactions - before.transactions) / seconds;
        let most = daemons.iter().filter_map(|daemon| peak(daemon.id())).fold(0.0, f64::max);
        println!(
            "{count:>9} {rate:>15.1} {:>15.1} {:>13} {:>12} {:>16} {most:>9.0}",
            rate / *count as f64,
            told(after.statements.zip(before.statements).map(|(a, b)| (a - b) / seconds)),
            // This program has one of its own.
            number(&database, connections).await - 1,
            told(after.cpu.zip(before.cpu).map(|(a, b)| (a - b) * 100.0 / seconds)),
        );
    }
    database.close().await;
}

struct Counted {
    transactions: f64,
    statements: Option<f64>,
    cpu: Option<f64>,
}

impl Counted {
    async fn now(database: &Database) -> Self {
        let float = async |sql: &str| {
            let row = db::one(database.connection(), sql, []).await.ok()??;
            row.try_get_by_index::<f64>(0).ok()
        };
        let transactions = "SELECT (xact_commit + xact_rollback)::double precision FROM pg_stat_database \
                            WHERE datname = current_database()";
        Self {
            transactions: float(transactions).await.unwrap_or_default(),
            statements: float("SELECT sum(calls)::double precision FROM pg_stat_statements").await,
            cpu: server_seconds(database).await,
        }
    }
}
