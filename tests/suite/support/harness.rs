//! Tests of the harness itself.

use std::fs;
use std::process::{Command, Stdio};

use sea_orm::{ConnectionTrait as _, Database};

use super::{Backend, TestStore, on_both_databases};

on_both_databases!(a_test_gets_an_empty_database_of_its_own, |store: TestStore| async {
    for store in [&store, &another(store.backend).await] {
        let connection = Database::connect(&store.url).await.unwrap();
        // Refused if any other test had the same database.
        connection.execute_unprepared("CREATE TABLE mine (id integer)").await.unwrap();
    }
});

async fn another(backend: Backend) -> TestStore {
    match backend {
        Backend::Sqlite => TestStore::sqlite(),
        Backend::Postgres => TestStore::postgres().await.unwrap(),
    }
}

#[test]
fn the_keeper_counts_what_did_not_run_and_removes_its_folder_when_its_process_ends() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("kept");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("not_run"), "PostgreSQL test: no server\nreal data: absent\nPostgreSQL test: no server\n")
        .unwrap();

    let mut keeper = Command::new("sh");
    keeper.args(["-c", include_str!("keeper.sh"), "keeper", "stdin"]).arg(&folder);
    let keeper = keeper.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // Waiting closes its standard input first, as the end of a test process does.
    let output = keeper.wait_with_output().unwrap();

    assert_eq!(String::from_utf8_lossy(&output.stdout), "idle\n");
    let summary = "not run: 2 × PostgreSQL test: no server\nnot run: 1 × real data: absent\n";
    assert_eq!(String::from_utf8_lossy(&output.stderr), summary);
    assert!(!folder.exists());
}
