//! The database's password, changed while a daemon runs.

use data_infrastructure::db::{self, Database};

use crate::{
    daemon::Running,
    support::{self, TestStore},
};

/// A role that needs its password, whoever asks: the tests' own server trusts everybody else.
async fn make_role(admin: &Database, role: &str) {
    let group = "DO $$ BEGIN CREATE ROLE datainfra_checked; EXCEPTION WHEN duplicate_object THEN NULL; END $$";
    for sql in [
        group.to_owned(),
        format!("CREATE ROLE {role} LOGIN PASSWORD 'first' IN ROLE datainfra_checked"),
        format!("GRANT ALL ON SCHEMA public TO {role}"),
    ] {
        db::execute(admin.connection(), &sql, []).await.unwrap();
    }
}

#[tokio::test]
async fn a_rotated_password_of_the_database_is_taken_over_without_a_restart() {
    let Some(store) = TestStore::postgres().await else { return };
    let admin = Database::connect(&store.url, 1).await.unwrap();
    let role = format!("rotated_{}", uuid::Uuid::now_v7().simple());
    make_role(&admin, &role).await;
    let mut url = url::Url::parse(&store.url).unwrap();
    url.set_username(&role).unwrap();
    url.set_password(Some("wrong")).unwrap();
    if Database::connect(url.as_str(), 1).await.is_ok() {
        return support::not_run("test of a rotated password", "the server asks nobody for a password");
    }
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, format!("{text}\n")).unwrap();
        path.display().to_string()
    };
    // Wrong at first: also a daemon that waits for its database hears of the right one.
    let (password, user) = (file("password", "not yet"), file("username", &role));
    let name = file("dbname", url.path().trim_start_matches('/'));
    let port = url.port().unwrap_or(5432).to_string();
    let mut daemon = Running::serve(
        folder.path(),
        &[
            ("POSTGRES_HOST", url.host_str().unwrap()),
            ("POSTGRES_PORT", &port),
            ("POSTGRES_DB_FILE", &name),
            ("POSTGRES_USER_FILE", &user),
            ("POSTGRES_PASSWORD_FILE", &password),
        ],
    );
    daemon.until("/readyz", |status, body| status == 503 && body.contains("password authentication failed")).await;
    file("password", "first");
    daemon.until("/readyz", |status, _| status == 200).await;

    let change = format!("ALTER ROLE {role} PASSWORD 'second'");
    db::execute(admin.connection(), &change, []).await.unwrap();
    let end = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{role}'");
    db::all(admin.connection(), &end, []).await.unwrap();
    let body = daemon.until("/readyz", |status, _| status == 503).await;
    assert!(!body.contains("second"), "{body}");
    assert_eq!(daemon.get("/livez").await.unwrap().0, 200);
    file("password", "second");
    daemon.until("/readyz", |status, _| status == 200).await;
    daemon.until("/runs", |status, _| status == 200).await;
    let audit = daemon.until("/audit?action=config.reload", |_, body| body.contains("database.url")).await;
    assert!(audit.contains("***") && !audit.contains("second"), "{audit}");
    daemon.signal("-TERM");
    assert_eq!(daemon.exit().await, 0);
    for sql in [format!("DROP OWNED BY {role}"), format!("DROP ROLE {role}")] {
        db::execute(admin.connection(), &sql, []).await.unwrap();
    }
    admin.close().await;
}
