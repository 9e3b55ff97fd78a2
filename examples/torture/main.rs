//! The checker: real daemons on a real PostgreSQL under a seeded sequence of faults, and then the proof, from the
//! database's own history and the log of a fake source, that no tick was missed or doubled, no task's writes applied
//! twice or torn, no run executed by two at once, no source asked too fast, and lost work moved in time.
//!
//! ```sh
//! cargo run --release --example torture -- --seconds 60 --seed 7 --daemons 3
//! cargo run --release --example torture -- --faults kill,stop --keep /tmp/kept     # the logs and the rows stay
//! ```
//!
//! It needs the server binaries of PostgreSQL, and touches nothing outside a temporary folder and loopback. The faults
//! go to standard error, the counts and the violations to standard output; any violation is exit status 1. In the
//! spirit of K. Kingsbury, "Jepsen: Chronos" (2015), which found missed and doubled runs in a distributed cron.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a checker prints, and has nobody to return errors to"
)]

mod args;
mod checker;
mod checks;
mod daemon;
mod faults;
mod report;
mod world;

use std::process::ExitCode;

use clap::Parser as _;

use self::args::{Args, Command};

fn main() -> ExitCode {
    let args = Args::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    match args.command {
        Some(Command::Daemon(options)) => runtime.block_on(daemon::run(&options)).unwrap(),
        None => return runtime.block_on(checker::check(&args.check)),
    }
    ExitCode::SUCCESS
}
