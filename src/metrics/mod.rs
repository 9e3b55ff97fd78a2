//! Every metric of the daemon, declared in one place. Labels come from closed sets; nothing here names a company or
//! a run, and no label is called `job` or `instance`, which a scraping Prometheus sets itself.

mod declare;
mod record;
mod standing;

pub use record::{Labels, Metrics};
pub use standing::{JobStanding, SOURCE_STATES, SourceStanding};
