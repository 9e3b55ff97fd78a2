//! The command line.

use std::path::PathBuf;

use clap::Parser;

use crate::faults::Kind;

/// Real daemons under faults, and the proof that nothing was missed, doubled or torn.
#[derive(Parser)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub check: CheckArgs,
}

#[derive(clap::Args, Clone)]
pub struct CheckArgs {
    /// How long faults are applied. Calm before and after, and the checks, take about a minute more.
    #[arg(long, default_value_t = 60)]
    pub seconds: u64,
    /// The same seed gives the same sequence of faults. Random without it.
    #[arg(long)]
    pub seed: Option<u64>,
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=16))]
    pub daemons: u64,
    /// Which faults.
    #[arg(long, value_delimiter = ',', default_values_t = Kind::ALL)]
    pub faults: Vec<Kind>,
    /// Leave logs, and all rows that were judged, in this folder.
    #[arg(long)]
    pub keep: Option<PathBuf>,
}

#[derive(clap::Subcommand)]
pub enum Command {
    /// One of the daemons, which the checker starts.
    #[command(hide = true)]
    Daemon(DaemonArgs),
}

#[derive(clap::Args)]
pub struct DaemonArgs {
    #[arg(long)]
    pub config: PathBuf,
    /// How it signs what its tasks write.
    #[arg(long)]
    pub name: String,
    /// Where the fake sources answer.
    #[arg(long)]
    pub upstream: String,
}
