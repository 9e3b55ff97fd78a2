//! One PostgreSQL database a test: on the server of TEST_DATABASE_URL, else on a private one of this test run.

use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use url::Url;
use uuid::Uuid;

use super::{environment, keeper};

/// An empty database of its own. Dropped with the value; on the private server it goes with the server.
pub struct TestDatabase {
    url: Url,
    /// The address to drop it from, where the server stays.
    lasting_server: Option<Url>,
}

/// A new database, or `None` when there is no server: then the test has been recorded as not run.
///
/// # Panics
/// When there is no server though REQUIRE_POSTGRES is set, or the server refuses.
pub async fn database() -> Option<TestDatabase> {
    let lasting_server = environment::variable("TEST_DATABASE_URL").map(|url| Url::parse(&url).unwrap());
    let server = match &lasting_server {
        Some(url) => url.clone(),
        None => private_server()?,
    };
    let mut url = server.clone();
    url.set_path(&format!("datainfra_test_{}", Uuid::now_v7().simple()));
    execute(&server, &format!("CREATE DATABASE {}", name(&url))).await.unwrap();
    Some(TestDatabase { url, lasting_server })
}

impl TestDatabase {
    pub fn url(&self) -> &str {
        self.url.as_str()
    }
}

impl Drop for TestDatabase {
    /// Connections that the test leaves open are cut. A database that can't be dropped is left behind: the test is over.
    #[expect(clippy::disallowed_methods, reason = "drop is not async, and the test's runtime may be going down")]
    fn drop(&mut self) {
        let Some(server) = self.lasting_server.take() else { return };
        let statement = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", name(&self.url));
        let dropping = std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(sqlx::Error::Io)?;
            runtime.block_on(execute(&server, &statement))
        });
        if let Ok(Err(error)) = dropping.join() {
            eprintln!("left behind: {}: {error}", self.url.path());
        }
    }
}

fn private_server() -> Option<Url> {
    match keeper::postgres_port() {
        Ok(port) => Some(Url::parse(&format!("postgres://datainfra:unchecked@127.0.0.1:{port}/postgres")).unwrap()),
        Err(reason) => {
            assert!(!environment::postgres_is_required(), "REQUIRE_POSTGRES is set: {reason}");
            super::not_run("PostgreSQL test", &reason);
            None
        }
    }
}

/// The database's name: letters, digits and underscores, so it needs no quotes.
fn name(url: &Url) -> &str {
    url.path().trim_start_matches('/')
}

async fn execute(server: &Url, statement: &str) -> Result<(), sqlx::Error> {
    let mut connection = PgConnection::connect(server.as_str()).await?;
    connection.execute(AssertSqlSafe(statement)).await?;
    connection.close().await
}
