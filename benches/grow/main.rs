//! What grows with companies, years and replicas: bytes, memory, processor, statements, and what partitions change.
//!
//! ```sh
//! DATABASE_URL=postgres://… cargo bench --bench grow      # an empty database; without it SQLite, without replicas
//! PARTS=runs MARKETS=30,1000,4000 cargo bench --bench grow
//! PARTS=shelf COMPANIES=4000 YEARS=20 cargo bench --bench grow
//! PARTS=idle REPLICAS=1,2,4,8 SECONDS=60 cargo bench --bench grow
//! ```
//!
//! Daemons are processes of their own: this program again, with a clock that is set forward and a source on loopback.
//! Bytes, rows, statements and memory hardly depend on the machine; seconds do.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark prints, and has nobody to return errors to")]

mod child;
mod idle;
mod machine;
mod questions;
mod runs;
mod shelf;
mod source;
mod tables;

use data_infrastructure::db::{self, Database};

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    if variable("GROW_CHILD").is_some() {
        runtime.block_on(child::run());
    } else {
        runtime.block_on(measure());
    }
}

async fn measure() {
    let folder = tempfile::tempdir().unwrap();
    let url = variable("DATABASE_URL");
    let url = url.unwrap_or_else(|| format!("sqlite://{}", folder.path().join("bench.db").display()));
    let parts = variable("PARTS").unwrap_or_else(|| "runs,idle,shelf".to_owned());
    let asked = |part: &str| parts.split(',').any(|one| one == part);
    if asked("runs") {
        runs::measure(&url, &numbers("MARKETS", &[30, 1000])).await;
    }
    let postgres = url.starts_with("postgres");
    if asked("idle") && postgres {
        idle::measure(&url, &numbers("REPLICAS", &[1, 2, 4, 8])).await;
    }
    if asked("shelf") && postgres {
        shelf::measure(&url, setting("COMPANIES", 500), setting("YEARS", 20)).await;
    }
}

/// An empty database.
async fn empty(url: &str) -> Database {
    db::fresh(url).await.unwrap();
    Database::connect(url, 4).await.unwrap()
}

fn setting(name: &str, default: usize) -> usize {
    variable(name).and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn numbers(name: &str, default: &[usize]) -> Vec<usize> {
    let given = variable(name).map(|text| text.split(',').map(|one| one.parse().unwrap()).collect());
    given.unwrap_or_else(|| default.to_vec())
}

#[expect(clippy::disallowed_methods, reason = "a benchmark's own knobs")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

async fn number(database: &Database, sql: &str) -> i64 {
    db::one(database.connection(), sql, []).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}
