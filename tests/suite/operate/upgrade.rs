//! A program beside, and after, one of a newer version.

use data_infrastructure::db::{self, Database, Migrated};

use crate::{
    daemon::{Running, datainfra, text},
    support::{TestStore, on_both_databases},
};

/// As a newer version leaves its migration behind.
async fn from_the_future(store: &TestStore) -> Database {
    let database = Database::connect(&store.url, 2).await.unwrap();
    db::migrate_up(&store.url).await.unwrap();
    let row = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_future', 1800000000)";
    db::execute(database.connection(), row, []).await.unwrap();
    database
}

on_both_databases!(beside_migrations_of_a_newer_version_a_daemon_starts_and_works, |store: TestStore| async {
    let database = from_the_future(&store).await;
    let folder = tempfile::tempdir().unwrap();
    for migrate in ["true", "false"] {
        let settings = [("DATABASE_URL", store.url.as_str()), ("DATAINFRA__DATABASE__MIGRATE_ON_START", migrate)];
        let mut daemon = Running::serve(folder.path(), &settings);
        daemon.until("/readyz", |status, _| status == 200).await;
        let head = format!("POST /jobs/stock/run HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", daemon.address);
        let body = "{\"dryRun\":true,\"companies\":[\"7203\"],\"from\":\"2020-01-01\"}";
        let json = format!("Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        assert_eq!(daemon.send(&format!("{head}{json}")).await.unwrap().0, 202);
        daemon.until("/runs?state=queued", |_, body| body.contains("\"items\":[]")).await;
        daemon.until("/runs?state=running", |_, body| body.contains("\"items\":[]")).await;
        let done = daemon.until("/runs?limit=1", |status, _| status == 200).await;
        assert!(done.contains("\"succeeded\""), "{done}");
        daemon.signal("-TERM");
        assert_eq!(daemon.exit().await, 0);
    }
    database.close().await;
});

on_both_databases!(what_a_newer_version_made_is_named_and_only_it_reverts_that, |store: TestStore| async {
    let database = from_the_future(&store).await;
    assert_eq!(db::migrate_up(&store.url).await.unwrap(), Migrated::default(), "nothing is missing");
    for refused in [db::migrate_down(&store.url, 1).await, db::fresh(&store.url).await] {
        let said = refused.unwrap_err().to_string();
        assert!(said.contains("m9999_future came from a newer version, and only a program of that version"), "{said}");
    }
    let states = db::migration_status(&database).await.unwrap();
    assert!(states.iter().all(|state| state.applied), "{states:?}");
    let newer: Vec<_> = states.iter().filter(|state| state.newer).map(|state| state.name.as_str()).collect();
    assert_eq!(newer, ["m9999_future"]);
    database.close().await;

    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let output = datainfra(folder.path()).args(arguments).env("DATABASE_URL", &store.url).output().unwrap();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    for command in ["status", "up"] {
        let (code, said, _) = run(&["migrate", command]);
        assert!(code == Some(0) && said.ends_with("applied  m9999_future  (from a newer version)\n"), "{said}");
    }
    for command in ["down", "fresh"] {
        let (code, _, said) = run(&["migrate", command]);
        assert!(code == Some(1) && said.contains("came from a newer version"), "{said}");
    }
});

on_both_databases!(a_program_too_old_for_the_tables_refuses_and_says_what_to_do, |store: TestStore| async {
    let database = from_the_future(&store).await;
    let newer = "UPDATE schema_compatibility SET oldest_migration = 'm9999_future'";
    db::execute(database.connection(), newer, []).await.unwrap();
    let said = db::migrate_up(&store.url).await.unwrap_err().to_string();
    assert!(said.contains("too new for this version: they are for programs that know m9999_future"), "{said}");
    let folder = tempfile::tempdir().unwrap();
    for migrate in ["true", "false"] {
        let settings = [("DATABASE_URL", store.url.as_str()), ("DATAINFRA__DATABASE__MIGRATE_ON_START", migrate)];
        let daemon = Running::serve(folder.path(), &settings);
        daemon.until("/readyz", |status, body| status == 503 && body.contains("install a newer version")).await;
        assert_eq!(daemon.get("/livez").await.unwrap().0, 200);
        let command = datainfra(folder.path()).arg("jobs").envs(settings).output().unwrap();
        let said = text(&command.stderr);
        assert!(command.status.code() == Some(1) && said.contains("install a newer version"), "{said}");
    }
    database.close().await;
});
