//! What the tests share: databases, and the record of tests that could not run. Nothing here tests the product.

mod environment;
mod harness;
mod keeper;
pub mod postgres;
mod proxy;
mod server;
mod store;

pub use environment::variable;
pub use proxy::Proxy;
pub use server::binaries as postgres_binaries;
pub use store::{Backend, TestStore};
pub(crate) use store::{on_both_databases, on_every_layout, on_stores};

/// Records that a test of this kind (`PostgreSQL test`) did not run, and why. The test run's last lines count them.
pub fn not_run(kind: &str, reason: &str) {
    keeper::record(&format!("{kind}: {reason}"));
}
