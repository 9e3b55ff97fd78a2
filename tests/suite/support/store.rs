//! One test, both databases.

use tempfile::TempDir;

use super::postgres::{self, TestDatabase};

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

    /// `None` when there is no PostgreSQL: then the test has been recorded as not run.
    pub async fn postgres() -> Option<Self> {
        let database = postgres::database().await?;
        Some(Self { url: database.url().to_owned(), backend: Backend::Postgres, _guard: Guard::Database(database) })
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
        async fn $name($store: $crate::support::TestStore) $body

        mod $name {
            use $crate::support::TestStore;

            #[tokio::test]
            async fn sqlite() {
                super::$name(TestStore::sqlite()).await;
            }

            #[tokio::test]
            async fn postgres() {
                if let Some(store) = TestStore::postgres().await {
                    super::$name(store).await;
                }
            }
        }
    };
}

pub(crate) use on_both_databases;
