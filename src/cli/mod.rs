//! The commands of `datainfra`. Results go to standard output, logs and progress to standard error.
//! Exit status: 0 done, 1 the work failed, 2 usage or configuration.

mod args;
mod backup;
mod check;
mod companies;
mod companies_import;
mod data_model;
mod demo;
mod import;
mod jobs;
mod migrate;
mod openapi;
mod outcome;
mod partition;
mod probe;
mod progress;
mod run;
mod schema;
mod serve;
mod setup;

use std::process::ExitCode;

use clap::Parser as _;

use self::{
    args::{Arguments, Command},
    outcome::Outcome,
};

/// Parses the arguments, runs the command, says what went wrong.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return outcome::say(&Err(Outcome::failed(error))),
    };
    let result = runtime.block_on(command(arguments));
    // Whatever still blocks a thread, such as a name look-up, does not hold up the exit.
    runtime.shutdown_background();
    outcome::say(&result)
}

async fn command(arguments: Arguments) -> Result<(), Outcome> {
    let config = arguments.config.as_deref();
    match arguments.command.unwrap_or(Command::Serve) {
        Command::Serve => serve::serve(config).await,
        Command::Demo { data_dir, .. } => demo::demo(config, data_dir).await,
        Command::Run(wanted) => run::run(config, wanted).await,
        Command::Replay(replayed) => run::run(config, replayed.into()).await,
        Command::Migrate(direction) => migrate::migrate(config, direction).await,
        Command::Companies(action) => companies::companies(config, action).await,
        Command::Import(what) => import::import(config, what).await,
        Command::Backup { file } => backup::backup(config, &file).await,
        Command::Jobs => jobs::jobs(config).await,
        Command::Check => check::check(config).await,
        Command::Openapi => openapi::openapi(),
        Command::DataModel { format } => data_model::data_model(config, format).await,
        Command::Probe => probe::probe(config).await,
    }
}
