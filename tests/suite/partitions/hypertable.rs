//! Hypertables, on a server that has no TimescaleDB.

use data_infrastructure::{
    audit::Actor,
    db::{self, Database},
    stock::partitions::make_hypertables,
};

use super::fixture::Shelf;
use crate::support::TestStore;

#[tokio::test]
async fn without_the_extension_and_on_sqlite_hypertables_are_refused_with_what_to_do() {
    let sqlite = TestStore::sqlite();
    db::migrate_up(&sqlite.url).await.unwrap();
    let database = Database::connect(&sqlite.url, 1).await.unwrap();
    let refused = make_hypertables(&database, None, &Actor::cli(None)).await.unwrap_err().to_string();
    assert!(refused.contains("SQLite has no partitions"), "{refused}");
    database.close().await;
    let Some(shelf) = Shelf::new().await else { return };
    if shelf.number("SELECT count(*) FROM pg_available_extensions WHERE name = 'timescaledb'").await > 0 {
        return;
    }
    let before = shelf.everything().await;
    let refused = make_hypertables(&shelf.database, Some(730), &Actor::cli(None)).await.unwrap_err().to_string();
    assert!(refused.contains("the server has no extension timescaledb: install its package"), "{refused}");
    shelf.unchanged_since(&before).await;
    shelf.end().await;
}
