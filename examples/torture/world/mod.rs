//! What the checker sets up: a PostgreSQL server, daemons on it, a fake source, and the guard that ends them all.

mod clock;
#[path = "../../../tests/suite/support/environment.rs"]
#[expect(dead_code, reason = "the tests use all of it")]
mod environment;
mod fleet;
mod guard;
mod http;
mod market;
mod process;
mod proxy;
mod schema;
#[path = "../../../tests/suite/support/server.rs"]
mod server;
mod upstream;

pub use clock::now;
pub use fleet::Fleet;
pub use guard::Guard;
pub use market::{BarRow, Market};
pub use proxy::Link;
pub use schema::install;
pub use server::binaries;
pub use upstream::{Asked, Trouble, Upstream};
