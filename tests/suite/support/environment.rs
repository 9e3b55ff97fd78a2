//! The one door of the tests to the process environment.

use std::path::PathBuf;

/// The variable's value; an empty one counts as unset.
#[expect(clippy::disallowed_methods, reason = "the one door of the tests to the environment")]
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Whether a missing PostgreSQL fails the tests instead of leaving them out.
pub fn postgres_is_required() -> bool {
    variable("REQUIRE_POSTGRES").is_some_and(|value| value != "0")
}

/// What the tests of one call of the test runner share, and how long it lives.
pub struct Session {
    /// A folder of this session alone. The keeper removes it.
    pub folder: PathBuf,
    /// With cargo-nextest, which starts one process a test: the process that outlives them all. Its id.
    pub runner: Option<u32>,
}

/// `cargo test` runs all tests in this process; cargo-nextest says in the environment which processes belong together.
pub fn session() -> Session {
    let run = variable("NEXTEST_RUN_ID").filter(|_| variable("NEXTEST").is_some());
    let name = run.clone().unwrap_or_else(|| std::process::id().to_string());
    Session {
        folder: std::env::temp_dir().join(format!("datainfra-tests-{name}")),
        runner: run.map(|_| std::os::unix::process::parent_id()),
    }
}
