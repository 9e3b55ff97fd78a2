//! What can be typed.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::{
    db::partition::Span,
    stock::{
        bar::{Basis, StockCode},
        sources::files::Layout,
    },
};

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
    #[command(
        after_help = "No configuration file is read. Variables such as DATAINFRA__SERVER__LISTEN or DATAINFRA__JOBS__STOCK__SCHEDULE\ncount as elsewhere, but for those of the database and the sources, which are the demo's own."
    )]
    Demo {
        /// Keep the database in this folder [default: a temporary one, removed at the end]
        #[arg(long, value_name = "DIR")]
        data_dir: Option<PathBuf>,
        /// Stands in for the option of all commands, so that the help does not offer what is refused.
        #[arg(long, hide = true)]
        config: Option<PathBuf>,
    },
    /// One run of a job in the foreground, with a progress bar
    Run(Wanted),
    /// Reads archived answers of a source again and loads what its parser makes of them now; asks nobody
    Replay(Replayed),
    /// The database's schema
    #[command(subcommand)]
    Migrate(Direction),
    /// The company master, as CSV with the table's column names
    #[command(subcommand)]
    Companies(Action),
    /// Prices from files
    #[command(subcommand)]
    Import(Importing),
    /// Copy the embedded database to a new file, also while a daemon works with it. PostgreSQL: use pg_dump
    Backup {
        /// Where to; it must not be there yet
        file: PathBuf,
    },
    /// The jobs with schedule, zone, next five ticks and last run
    Jobs,
    /// Validate the configuration, reach the database, print the effective configuration with secrets masked
    Check,
    /// Print the description of the HTTP API (OpenAPI)
    Openapi,
    /// Print the database's tables, columns, keys and comments, as the database tells them
    DataModel {
        /// The document, or the drawing that belongs to it
        #[arg(long, value_enum, default_value_t = DataModelFormat::Markdown)]
        format: DataModelFormat,
    },
    /// Exit 0 when the daemon on this host is ready (container health check)
    Probe,
}

/// How the data model is printed.
#[derive(Clone, Copy, ValueEnum)]
pub enum DataModelFormat {
    Markdown,
    Svg,
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
    /// What the run works on, for a job that takes such a thing: the name of a source for replay
    #[arg(long, value_name = "TEXT")]
    pub input: Option<String>,
}

#[derive(Args)]
pub struct Replayed {
    /// Name of the source, such as kabutan
    #[arg(long)]
    pub source: String,
    /// Answers that arrived on this day (UTC) or later [default: all that are kept]
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub since: Option<NaiveDate>,
    /// Stock code; may be given several times [default: all companies]
    #[arg(long = "company", value_name = "CODE")]
    pub companies: Vec<String>,
    /// Say what would change, change nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// A replay is a run of the job of that name.
impl From<Replayed> for Wanted {
    fn from(replayed: Replayed) -> Self {
        let Replayed { source, since, companies, dry_run } = replayed;
        Self {
            job: "replay".to_owned(),
            from: since,
            to: None,
            companies,
            full: false,
            missing: false,
            dry_run,
            input: Some(source),
        }
    }
}

#[derive(Subcommand)]
pub enum Importing {
    /// Daily bars from files of the known layouts: Stooq single and bulk, Yahoo, Yahoo! JAPAN, J-Quants, plain
    Bars(Bars),
}

#[derive(Args)]
pub struct Bars {
    /// Text files, or zip archives of such; each is a run
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// stooq, stooq-bulk, yahoo, yahoo-japan, jquants or plain [default: as the first line tells]
    #[arg(long, value_parser = layout)]
    pub layout: Option<Layout>,
    /// The company of a file that does not tell; of one that does, only this company is imported
    #[arg(long, value_name = "CODE", value_parser = StockCode::parse)]
    pub company: Option<StockCode>,
    /// What prices of the layout plain are adjusted for: split or split_dividend [default: split]
    #[arg(long, value_parser = basis)]
    pub basis: Option<Basis>,
    /// Say what would change, change nothing
    #[arg(long)]
    pub dry_run: bool,
}

fn layout(name: &str) -> Result<Layout, String> {
    let names = || Layout::ALL.map(Layout::as_str).join(", ");
    Layout::parse(name).ok_or_else(|| format!("it is none of {}", names()))
}

fn basis(name: &str) -> Result<Basis, String> {
    Basis::from_name(name).ok_or_else(|| "it is neither split nor split_dividend".to_owned())
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
    /// Revert everything and apply it anew: all data is lost, without a question (what the original filled stays)
    Fresh,
    /// Keep bars and moving averages in partitions by date (PostgreSQL); while it works, whoever reads or writes waits
    Partition {
        /// How much one partition holds: year, five-years or decade
        #[arg(long, value_name = "SPAN", default_value = "year", value_parser = span)]
        by: Span,
        /// Say what would be made and how long it would take, change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Keep bars and moving averages in one table each again
    Unpartition,
    /// Keep bars and moving averages in hypertables of TimescaleDB; while it works, whoever reads or writes waits
    #[cfg(feature = "timescaledb")]
    Hypertable {
        /// Compress what is older than so many days [default: nothing]
        #[arg(long, value_name = "DAYS")]
        compress_after: Option<u16>,
    },
}

fn span(name: &str) -> Result<Span, String> {
    let names = || Span::ALL.map(Span::as_str).join(", ");
    Span::parse(name).ok_or_else(|| format!("it is none of {}", names()))
}

#[derive(Subcommand)]
pub enum Action {
    /// Add companies from a file, or bring those already there up to date: JPX's data_j (XLS, XLSX, CSV), J-Quants'
    /// master (CSV, JSON), or the CSV that export writes. The layout is recognised
    Import(ImportArguments),
    /// Write all companies as CSV
    Export,
    /// A table for people
    List,
}

#[derive(Args)]
pub struct ImportArguments {
    /// At most 16 MiB
    pub file: PathBuf,
    /// The day the file speaks of [default: the day it says; for companies without one, today]
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub as_of: Option<NaiveDate>,
    /// Bring companies already there up to date, and add none
    #[arg(long)]
    pub known_only: bool,
    /// Say what would change, change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Apply a list though it lacks most of the companies, and mark those as delisted
    #[arg(long)]
    pub force: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_is_seen_wherever_it_is_named() {
        for line in ["datainfra --config x demo", "datainfra demo --config x", "datainfra jobs --config x"] {
            let arguments = Arguments::try_parse_from(line.split(' ')).unwrap();
            assert_eq!(arguments.config.as_deref(), Some(std::path::Path::new("x")), "{line}");
        }
    }

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
