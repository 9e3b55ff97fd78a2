//! The composition root: builds everything once and hands each part only what it needs.

mod assembly;
mod clock;
mod connect;
mod daemon;
mod demo;
mod domains;
mod foreground;
mod instance;
mod master;
mod measure;
mod more_jobs;
mod reload;
mod signals;
mod sources;

pub use assembly::{Assembly, assemble, metrics};
pub use clock::system_clock;
pub use connect::connect;
pub use daemon::{Daemon, run};
pub use demo::{Demo, demo, demo_environment};
pub use domains::{areas, listed};
pub use foreground::{Foreground, Progress};
pub use instance::instance;
pub use master::seed;
pub use more_jobs::{JobParts, MoreJobs};
pub use reload::{Reload, SetLog};
pub use signals::watch;
pub use sources::{calendar_source, delays, master_source};
