//! Backups made during a run, and what comes of them where they are restored.

use std::{path::Path, process::Command, time::Duration};

use data_infrastructure::{
    jobs::{Mode, RunParams, RunState, store},
    stock::sample::{Fault, FaultKind},
};

use crate::{
    daemon::{Running, datainfra, text},
    support::{self, Backend, TestStore, on_both_databases},
    world::{TODAY, World, day, evening},
};

const CODES: [&str; 3] = ["1101", "1102", "1103"];
/// One source and one task at a time, so that a task that hangs holds its run for as long as a backup takes.
const SETTINGS: [(&str, &str); 4] = [
    ("DATAINFRA__JOBS__STOCK__SOURCES", "yahoo"),
    ("DATAINFRA__JOBS__STOCK__PARALLEL", "1"),
    ("DATAINFRA__JOBS__STOCK__SCHEDULE", "0 18 * * *"),
    ("DATAINFRA__SOURCES__YAHOO__TIMEOUT", "60s"),
];

/// Everything into a file, as the operations guide says; false when the tools are not there.
fn back_up(store: &TestStore, file: &Path) -> bool {
    let command = match store.backend {
        Backend::Sqlite => {
            let mut command = datainfra(file.parent().unwrap());
            command.arg("backup").arg(file).env("DATABASE_URL", &store.url);
            command
        }
        Backend::Postgres => {
            let Some(mut command) = tool("pg_dump") else { return false };
            command.args(["--format=custom", "--file"]).arg(file).arg("--dbname").arg(&store.url);
            command
        }
    };
    succeed(command);
    true
}

fn restore(store: &TestStore, file: &Path) {
    match store.backend {
        Backend::Sqlite => {
            std::fs::copy(file, store.url.strip_prefix("sqlite://").unwrap()).unwrap();
        }
        Backend::Postgres => {
            let mut command = tool("pg_restore").unwrap();
            command.args(["--no-owner", "--exit-on-error", "--dbname", &store.url]).arg(file);
            succeed(command);
        }
    }
}

fn tool(name: &str) -> Option<Command> {
    let path = support::postgres_binaries().ok()?.join(name);
    path.exists().then(|| Command::new(path))
}

fn succeed(mut command: Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", text(&output.stderr));
}

/// The schedule announced an hour before, and its tick of today worked off.
async fn tick(world: &World) {
    world.set_now(evening(day(TODAY)) - chrono::TimeDelta::hours(1));
    world.assembly.planner.plan().await.unwrap();
    world.set_now(evening(day(TODAY)) + chrono::TimeDelta::seconds(5));
    world.assembly.planner.plan().await.unwrap();
    let wait = async {
        while world.count("SELECT count(*) FROM run WHERE state = 'succeeded'").await < 1 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), wait).await.expect("the tick's run succeeds");
}

on_both_databases!(a_backup_made_during_a_run_goes_on_where_it_is_restored, |store: TestStore| async {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup");
    let world = World::with(&store, &CODES, &SETTINGS).await;
    tick(&world).await;
    let mut before = Vec::new();
    for code in CODES {
        before.push(world.bars(code).await);
    }
    world.upstream.inject(Fault::new("yahoo", FaultKind::Timeout).of_code("1103"));
    let id = world.trigger(RunParams { mode: Mode::Full, ..RunParams::default() }).await;
    world.until(&id, |run| run.done == 2).await;
    if !back_up(&store, &file) {
        return support::not_run("test of a backup", "there is no pg_dump");
    }
    let (ticks, runs) = (world.count("SELECT count(*) FROM tick").await, world.count("SELECT count(*) FROM run").await);
    world.upstream.clear();
    world.end().await;

    let other = match store.backend {
        Backend::Sqlite => TestStore::sqlite(),
        Backend::Postgres => TestStore::postgres().await.unwrap(),
    };
    restore(&other, &file);
    let world = World::with(&other, &CODES, &SETTINGS).await;
    let run = store::find_run(world.database.connection(), &id).await.unwrap().unwrap();
    assert_eq!((run.state, run.done, run.attempt), (RunState::Running, 2, 1), "as it was at the backup: {run:?}");
    // What was done is not due again.
    world.set_now(evening(day(TODAY)) + chrono::TimeDelta::seconds(5));
    world.assembly.planner.plan().await.unwrap();
    assert_eq!(world.count("SELECT count(*) FROM tick").await, ticks);
    assert_eq!(world.count("SELECT count(*) FROM run").await, runs);
    // The lease of an owner that is nowhere ends, and its run goes on with what is left of it.
    let recovered = async {
        loop {
            world.assembly.rescuer.rescue().await.unwrap();
            let run = store::find_run(world.database.connection(), &id).await.unwrap().unwrap();
            if run.state.is_final() {
                return run;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    let run = tokio::time::timeout(Duration::from_secs(60), recovered).await.expect("the run is recovered");
    assert_eq!((run.state, run.done, run.failed, run.attempt), (RunState::Succeeded, 3, 0, 2), "{run:?}");
    for (code, before) in CODES.iter().zip(&before) {
        assert_eq!(&world.bars(code).await, before, "{code}");
        assert!(!before.is_empty());
    }
    world.end().await;

    // The daemon itself.
    let settings = [("DATABASE_URL", other.url.as_str()), ("DATAINFRA__JOBS__STOCK__ENABLED", "false")];
    let mut daemon = Running::serve(folder.path(), &settings);
    daemon.until("/readyz", |status, _| status == 200).await;
    let runs_told = daemon.until("/runs", |status, _| status == 200).await;
    assert!(runs_told.contains(id.as_str()), "{runs_told}");
    daemon.signal("-TERM");
    assert_eq!(daemon.exit().await, 0);
});

#[tokio::test]
async fn a_backup_of_the_embedded_database_is_whole_or_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str], url: &str| {
        let output = datainfra(folder.path()).args(arguments).env("DATABASE_URL", url).output().unwrap();
        (output.status.code(), text(&output.stdout) + &text(&output.stderr))
    };
    let (code, said) = run(&["backup", "a.db"], "sqlite://nowhere.db");
    assert!(code == Some(1) && said.contains("there is no database at sqlite://nowhere.db"), "{said}");
    assert!(!folder.path().join("nowhere.db").exists());
    run(&["migrate", "up"], "sqlite://my.db");
    let (code, said) = run(&["backup", "missing/a.db"], "sqlite://my.db");
    assert!(code == Some(1) && said.contains("cannot write missing/a.db"), "{said}");
    let (code, said) = run(&["backup", "a.db"], "sqlite://my.db");
    assert!(code == Some(0) && said.contains("sqlite://my.db is in a.db"), "{said}");
    let (code, said) = run(&["backup", "a.db"], "sqlite://my.db");
    assert!(code == Some(1) && said.contains("a.db is there already"), "{said}");
    let (_, status) = run(&["migrate", "status"], "sqlite://a.db");
    assert!(status.contains("applied  m0001_scheduler") && !status.contains("pending"), "{status}");
    let left = std::fs::read_dir(folder.path()).unwrap().flatten();
    let parts = left.filter(|entry| entry.file_name().to_string_lossy().starts_with(".datainfra-backup-")).count();
    assert_eq!(parts, 0);
    if let Some(store) = TestStore::postgres().await {
        let (code, said) = run(&["backup", "b.db"], &store.url);
        assert!(code == Some(1) && said.contains("pg_dump"), "{said}");
    }
}
