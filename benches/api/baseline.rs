//! What the database does of the same `SELECT` for a client that takes the rows and makes nothing of them.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use data_infrastructure::db::{self, Database};
use tokio::task::JoinSet;

use crate::{figures::Figures, market::Span, variable};

/// Where distributions put PostgreSQL's programs.
const USUAL: &str = "/usr/lib/postgresql";

/// Requests a second; none when there is nothing to measure with.
pub async fn measure(
    database: &Database,
    url: &str,
    folder: &Path,
    span: &Span,
    companies: usize,
    connections: usize,
    time: Duration,
) -> Option<f64> {
    let (what, figures) = if database.is_postgres() {
        let Some(program) = pgbench() else {
            println!("no baseline: pgbench is neither on the path nor beside initdb");
            return None;
        };
        ("pgbench", run_pgbench(&program, url, folder, span, companies, connections, time))
    } else {
        ("the SELECT in this process", select(url, span, companies, connections, time).await)
    };
    let rate = figures.rate();
    figures.tell(&format!("{}, {what}", span.name), None);
    Some(rate)
}

fn statement(company: &str, span: &Span) -> String {
    format!(
        "SELECT date, open_price, high_price, low_price, close_price, volume FROM stockprice \
         WHERE company_id = {company} AND date >= '{}' AND date <= '{}' ORDER BY date LIMIT 2500",
        span.days.from, span.days.to
    )
}

fn pgbench() -> Option<PathBuf> {
    let on_path = variable("PATH").unwrap_or_default();
    let beside = fs::read_dir(USUAL).into_iter().flatten().flatten().map(|version| version.path().join("bin"));
    std::env::split_paths(&on_path).chain(beside).map(|folder| folder.join("pgbench")).find(|program| program.exists())
}

/// It writes a line for each transaction, whose third word is its time in microseconds.
fn run_pgbench(
    program: &Path,
    url: &str,
    folder: &Path,
    span: &Span,
    companies: usize,
    connections: usize,
    time: Duration,
) -> Figures {
    let folder = tempfile::tempdir_in(folder).unwrap();
    let script = folder.path().join("script");
    let company = "(1000 + :number)::text";
    fs::write(&script, format!("\\set number random(0, {})\n{};\n", companies - 1, statement(company, span))).unwrap();
    let output = Command::new(program)
        .args(["--no-vacuum", "--jobs=2", "--log", "--log-prefix=log"])
        .arg(format!("--client={connections}"))
        .arg(format!("--time={}", time.as_secs().max(1)))
        .arg("--file")
        .arg(&script)
        .arg(url)
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    let rate = text.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse::<f64>().ok());
    let mut figures = Figures::default();
    for file in fs::read_dir(folder.path()).unwrap().flatten().filter(|file| file.path() != script) {
        let log = fs::read_to_string(file.path()).unwrap();
        figures.latencies.extend(log.lines().filter_map(|line| line.split(' ').nth(2)?.parse::<u32>().ok()));
    }
    // What it says itself leaves out the time of connecting.
    figures.seconds = figures.latencies.len() as f64 / rate.unwrap();
    figures
}

/// With as many connections as the daemon has by default.
async fn select(url: &str, span: &Span, companies: usize, connections: usize, time: Duration) -> Figures {
    let database = Database::connect(url, 10).await.unwrap();
    let mut tasks = JoinSet::new();
    for number in 0..connections {
        let (database, sql) = (database.clone(), statement("$1", span));
        tasks.spawn(async move {
            let mut random = fastrand::Rng::with_seed(number as u64);
            let (mut figures, end) = (Figures::default(), Instant::now() + time);
            while Instant::now() < end {
                let started = Instant::now();
                let company = crate::market::name(random.usize(..companies));
                db::all(database.connection(), &sql, [company.into()]).await.unwrap();
                figures.push(started.elapsed());
            }
            figures
        });
    }
    let mut all = Figures { seconds: time.as_secs_f64(), ..Figures::default() };
    while let Some(figures) = tasks.join_next().await {
        all.latencies.extend(figures.unwrap().latencies);
    }
    database.close().await;
    all
}
