//! What can be typed.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Parser, Subcommand};

/// One daemon that keeps an analysis database true: schedules, crawls, loads, derives and serves daily stock prices.
#[derive(Parser)]
#[command(
    name = "datainfra",
    version,
    about,
    after_help = "Without a command: serve. Without a configuration file: the built-in defaults.\nExit status: 0 done, 1 the work failed, 2 usage or configuration."
)]
pub struct Arguments {
    /// Configuration file [default: config.toml in the working directory, if there is one]
    #[arg(long, global = true, value_name = "PATH")]
    pub config: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Subcommand)]
pub enum Command {
    /// The daemon: scheduler and HTTP server
    Serve,
    /// The daemon on an embedded database and the bundled sample market: no network, no configuration
    Demo {
        /// Keep the database in this folder [default: a temporary one, removed at the end]
        #[arg(long, value_name = "DIR")]
        data_dir: Option<PathBuf>,
    },
    /// One run of a job in the foreground, with a progress bar
    Run(Wanted),
    /// The database's schema
    #[command(subcommand)]
    Migrate(Direction),
    /// The company master, as CSV with the table's column names
    #[command(subcommand)]
    Companies(Action),
    /// The jobs with schedule, zone, next five ticks and last run
    Jobs,
    /// Validate the configuration, reach the database, print the effective configuration with secrets masked
    Check,
    /// Exit 0 when the daemon on this host is ready (container health check)
    Probe,
}

#[derive(Args)]
pub struct Wanted {
    /// Name of the job, such as stock
    pub job: String,
    /// First day [default: what is missing]
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub from: Option<NaiveDate>,
    /// Last day [default: the newest final session]
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub to: Option<NaiveDate>,
    /// Stock code; may be given several times [default: all companies]
    #[arg(long = "company", value_name = "CODE")]
    pub companies: Vec<String>,
    /// Fetch the whole range again, also what is stored
    #[arg(long)]
    pub full: bool,
    /// Fetch just the gaps: the sessions without a row, and what is new
    #[arg(long, conflicts_with = "full")]
    pub missing: bool,
    /// Say what would be fetched, fetch nothing
    #[arg(long)]
    pub dry_run: bool,
}

#[derive(Subcommand)]
pub enum Direction {
    /// Apply what is missing
    Up,
    /// Revert the newest migrations
    Down {
        /// How many
        #[arg(short = 'n', long = "steps", default_value_t = 1)]
        steps: u32,
    },
    /// Each migration, applied or pending
    Status,
    /// Revert everything and apply it anew: all data is lost
    Fresh,
}

#[derive(Subcommand)]
pub enum Action {
    /// Add companies from a CSV file, or bring those with the same id up to date
    Import { file: PathBuf },
    /// Write all companies as CSV
    Export,
    /// A table for people
    List,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_over_the_gaps_or_over_everything_but_not_both() {
        let parse = |line: &str| Arguments::try_parse_from(line.split(' '));
        let Ok(Arguments { command: Some(Command::Run(wanted)), .. }) = parse("datainfra run stock --missing") else {
            panic!("it is a run")
        };
        assert!(wanted.missing && !wanted.full);
        assert!(parse("datainfra run stock --missing --full").is_err());
    }
}
