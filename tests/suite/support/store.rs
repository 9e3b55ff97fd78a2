//! One test, both databases.

use data_infrastructure::{
    audit::Actor,
    clock::Clock,
    db::{self, Database, partition::Span},
    stock::partitions::{Layout, convert},
};
use sqlx::{Connection as _, Executor as _, PgConnection};
use tempfile::TempDir;

use super::{
    environment,
    postgres::{self, TestDatabase},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// An empty database of its own for one test. It goes when the value goes, so keep it to the end of the test.
pub struct TestStore {
    /// What `database.url` would say.
    pub url: String,
    pub backend: Backend,
    _guard: Guard,
}

/// Held only to be dropped.
enum Guard {
    Folder(#[expect(dead_code, reason = "held for its drop")] TempDir),
    Database(#[expect(dead_code, reason = "held for its drop")] TestDatabase),
}

impl TestStore {
    /// A file in a temporary folder. It exists and is empty, so that no connection has to ask for its creation.
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("test.db");
        std::fs::write(&file, []).unwrap();
        let url = format!("sqlite://{}", file.display());
        Self { url, backend: Backend::Sqlite, _guard: Guard::Folder(folder) }
    }

    /// `None` when there is no PostgreSQL: then the test has been recorded as not run. With TEST_PARTITIONED set, one
    /// whose tables are partitioned: so the whole suite can be run on such a database.
    pub async fn postgres() -> Option<Self> {
        if environment::variable("TEST_PARTITIONED").is_some() {
            return Self::partitioned().await;
        }
        Self::plain().await
    }

    /// One whose tables nobody has made yet.
    pub async fn plain() -> Option<Self> {
        let database = postgres::database().await?;
        Some(Self { url: database.url().to_owned(), backend: Backend::Postgres, _guard: Guard::Database(database) })
    }

    /// The one that a test of that name wants.
    pub async fn made(name: &str) -> Option<Self> {
        match name {
            "sqlite" => Some(Self::sqlite()),
            "postgres" => Self::postgres().await,
            "partitioned" => Self::partitioned().await,
            other => panic!("no store is called {other}"),
        }
    }

    /// One that is migrated already, and keeps bars and moving averages in partitions.
    pub async fn partitioned() -> Option<Self> {
        let store = Self::plain().await?;
        db::migrate_up(&store.url).await.unwrap();
        let database = Database::connect(&store.url, 1).await.unwrap();
        let (clock, actor) = (Clock::fixed("2026-11-20T09:00:00Z".parse().unwrap()), Actor::cli(None));
        let layout = Layout::Partitioned(Span::Year, "2015-01-01".parse().unwrap());
        convert(&database, layout, &clock, &actor).await.unwrap();
        database.close().await;
        // The audit begins with the test.
        let mut connection = PgConnection::connect(&store.url).await.unwrap();
        connection.execute("DELETE FROM audit").await.unwrap();
        connection.close().await.unwrap();
        Some(store)
    }
}

/// Makes the tests `name::sqlite` and `name::postgres` of one body:
///
/// ```ignore
/// on_both_databases!(a_second_load_writes_nothing, |store: TestStore| async {
///     let db = db::connect(&store.url).await.unwrap();
/// });
/// ```
macro_rules! on_both_databases {
    ($name:ident, |$store:ident: TestStore| async $body:block) => {
        $crate::support::on_stores!($name, |$store| $body, sqlite, postgres);
    };
}

/// The same, and `name::partitioned` for a PostgreSQL whose large tables are in partitions.
macro_rules! on_every_layout {
    ($name:ident, |$store:ident: TestStore| async $body:block) => {
        $crate::support::on_stores!($name, |$store| $body, sqlite, postgres, partitioned);
    };
}

/// A test of one body for each of the stores, where there is one.
macro_rules! on_stores {
    ($name:ident, |$store:ident| $body:block, $($made:ident),+) => {
        async fn $name($store: $crate::support::TestStore) $body

        mod $name {
            use $crate::support::TestStore;

            $(
                #[tokio::test]
                async fn $made() {
                    if let Some(store) = TestStore::made(stringify!($made)).await {
                        super::$name(store).await;
                    }
                }
            )+
        }
    };
}

pub(crate) use {on_both_databases, on_every_layout, on_stores};
