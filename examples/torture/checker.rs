//! One check from the first daemon to the verdict.

use std::{path::Path, process::ExitCode, sync::Arc, time::Duration};

use anyhow::Context as _;
use sqlx::PgPool;
use tokio::time::{Instant, sleep};

use crate::{
    args::CheckArgs,
    checks::{self, Observed},
    faults::{Errands, Tormentor, plan},
    report::Report,
    world::{self, Fleet, Guard, Market, Upstream, now},
};

/// Without faults, before them and after them: what is measured there is judged strictly.
const CALM: Duration = Duration::from_secs(15);
/// Until what was begun has ended: a lease, and the longest runs.
const SETTLES: Duration = Duration::from_secs(90);

/// Checks, prints, and says whether all is well.
pub async fn check(args: &CheckArgs) -> ExitCode {
    let seed = args.seed.unwrap_or_else(|| fastrand::u64(..1_000_000));
    println!("seed {seed}, {} daemons, {} s", args.daemons, args.seconds);
    let kinds: Vec<String> = args.faults.iter().map(ToString::to_string).collect();
    println!("faults {}", kinds.join(","));
    match attempt(args, seed).await {
        Ok(report) => {
            report.print();
            if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("the check could not be made: {error:#}");
            ExitCode::from(2)
        }
    }
}

async fn attempt(args: &CheckArgs, seed: u64) -> anyhow::Result<Report> {
    let binaries = world::binaries().map_err(anyhow::Error::msg)?;
    // The guard removes it: it lives longer.
    let folder = tempfile::Builder::new().prefix("datainfra-torture-").tempdir()?.keep();
    let guard = Guard::start(&folder, &binaries).await?;
    world::install(&guard.url()).await.context("make the tables")?;
    let upstream = Upstream::start().await?;
    let daemons = usize::try_from(args.daemons)?;
    let market = Arc::new(Market::open().await?);
    let fleet = Fleet::new(daemons, &guard, upstream.url(), Arc::clone(&market)).await?;
    let (errands, happened) = (Errands::default(), Vec::new());
    let mut tormentor = Tormentor { fleet, guard, upstream, market, errands, happened };
    let result = run(args, seed, &mut tormentor).await;
    if let Some(kept) = &args.keep {
        keep(&folder, kept)?;
    }
    tormentor.guard.end().await?;
    result
}

async fn run(args: &CheckArgs, seed: u64, tormentor: &mut Tormentor) -> anyhow::Result<Report> {
    tormentor.heal().await?;
    tormentor.rest(Instant::now() + CALM).await;
    tormentor.torment(&plan(seed, args.seconds, tormentor.fleet.len(), &args.faults)).await?;
    let healed = tormentor.heal().await;
    tormentor.rest(Instant::now() + CALM).await;
    tormentor.pause_all().await?;
    settle(&tormentor.guard.url()).await?;
    let happened = std::mem::take(&mut tormentor.happened);
    let asked = tormentor.upstream.log();
    let observed = Observed::read(&tormentor.guard.url(), now(), asked, happened).await.context("read the rows")?;
    let mut report = Report::default();
    if let Err(error) = healed {
        report.violation("a daemon that is not ready after all is whole", format!("{error:#}"));
    }
    faults(&observed, &mut report);
    checks::judge(&observed, &mut report);
    checks::judge_market(&tormentor.guard.url(), &tormentor.market, &mut report).await.context("read the bars")?;
    report.count("looks at bars and averages", tormentor.errands.looked);
    for wrong in &tormentor.errands.half_loaded {
        report.violation("days half loaded", wrong.clone());
    }
    checks::judge_daemons(&mut tormentor.fleet, &observed, &mut report).await;
    for late in tormentor.fleet.end().await {
        report.violation("a daemon that did not end on SIGTERM", late);
    }
    if let Some(folder) = &args.keep {
        std::fs::create_dir_all(folder)?;
        observed.keep(folder)?;
    }
    Ok(report)
}

/// Waits until no run is left, or as long as that may take.
async fn settle(url: &str) -> anyhow::Result<()> {
    let pool = PgPool::connect(url).await?;
    let until = Instant::now() + SETTLES;
    let sql = "SELECT count(*) FROM run WHERE state IN ('queued', 'running', 'cancelling')";
    while Instant::now() < until && sqlx::query_scalar::<_, i64>(sql).fetch_one(&pool).await? > 0 {
        sleep(Duration::from_millis(200)).await;
    }
    pool.close().await;
    Ok(())
}

fn faults(observed: &Observed, report: &mut Report) {
    let mut kinds: Vec<String> = observed.happened.iter().map(|happened| happened.kind.to_string()).collect();
    kinds.sort();
    let counts = kinds.chunk_by(|a, b| a == b).map(|same| format!("{} {}", same.len(), same[0]));
    report.count("faults", counts.collect::<Vec<_>>().join(", "));
}

/// The logs of daemons and server.
fn keep(folder: &Path, kept: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(kept)?;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "log" || extension == "toml") {
            std::fs::copy(&path, kept.join(path.file_name().unwrap_or_default()))?;
        }
    }
    Ok(())
}
