//! `companies import`: a file of companies or a list of issues into the master.

use std::{io::Read as _, path::Path};

use anyhow::Context as _;
use chrono::NaiveDate;

use super::{
    args::ImportArguments,
    outcome,
    outcome::{Outcome, counted},
};
use crate::{
    audit::Actor,
    db::Database,
    stock::{
        calendar::Market,
        companies_files::{self, CompaniesFile, Content, FileProblems},
        issues::{self, Applied, ApplyError, Applying, Given, ImportError},
        listing::IssueList,
        store::market_days,
    },
};

/// The market the lists are of.
const MARKET: Market = Market::Tokyo;

/// Reads and understands the file.
///
/// # Errors
/// When it cannot be read, and everything that is wrong with it.
pub async fn read(wanted: &ImportArguments) -> Result<CompaniesFile, Outcome> {
    let as_of = wanted.as_of;
    let bytes = bytes(&wanted.file)?;
    // A workbook may be damaged in ways its reader does not expect.
    let read = tokio::task::spawn_blocking(move || companies_files::read(&bytes, as_of)).await;
    let damaged = || Outcome::Failed(format!("nothing imported\n{}: is damaged", wanted.file.display()));
    read.map_err(|_| damaged())?.map_err(|problems| nothing_imported(wanted, &problems))
}

fn bytes(path: &Path) -> Result<Vec<u8>, Outcome> {
    let unreadable = || format!("cannot read {}", path.display());
    let file = std::fs::File::open(path).with_context(unreadable)?;
    if file.metadata().with_context(unreadable)?.is_dir() {
        return Err(Outcome::Failed(format!(
            "nothing imported\n{}: is a directory; name a file in it",
            path.display()
        )));
    }
    // One byte more than may be: enough to see that it is too large.
    let mut bytes = Vec::new();
    file.take(companies_files::MAX_BYTES as u64 + 1).read_to_end(&mut bytes).with_context(unreadable)?;
    Ok(bytes)
}

/// Brings the file into the master, and says what became of it.
///
/// # Errors
/// When the list may not be applied, or the database refuses; then nothing was written.
pub async fn import(
    database: &Database,
    file: &CompaniesFile,
    wanted: &ImportArguments,
    today: NaiveDate,
    actor: &Actor,
) -> Result<(), Outcome> {
    let transaction = database.begin().await?;
    let (what, applied) = match &file.content {
        Content::Companies(companies) => {
            let as_of = wanted.as_of.unwrap_or(today);
            let given = Given { companies, only_known: wanted.known_only, as_of, actor };
            let applied = issues::import(&transaction, &given).await;
            let applied = applied.map_err(|error| not_imported(error, wanted))?;
            (counted(companies.len(), "company", "companies"), applied)
        }
        Content::Issues(list) => {
            let calendars = market_days::calendars(&transaction).await.map_err(Outcome::failed)?;
            let applying = Applying {
                calendar: calendars.of(MARKET),
                list,
                only_known: wanted.known_only,
                force: wanted.force,
                today,
                actor: Some(actor),
            };
            (told(list), issues::apply(&transaction, &applying).await.map_err(|error| refused(&error))?)
        }
    };
    if !wanted.dry_run {
        transaction.commit().await?;
    }
    say(&file.layout, &what, &applied, wanted.dry_run);
    Ok(())
}

fn told(list: &IssueList) -> String {
    let part = if list.complete { "" } else { ", a part only: companies it lacks stay as they are" };
    format!("{} of {}{part}", counted(list.issues.len(), "issue", "issues"), list.as_of)
}

/// The rows that were refused as [`read`] tells what it refuses: each with the file.
fn not_imported(error: ImportError, wanted: &ImportArguments) -> Outcome {
    let ImportError::Refused(misfits) = error else { return Outcome::failed(error) };
    let mut problems = FileProblems::default();
    misfits.iter().for_each(|misfit| problems.add(|| misfit.to_string()));
    nothing_imported(wanted, &problems)
}

fn nothing_imported(wanted: &ImportArguments, problems: &FileProblems) -> Outcome {
    let shown = wanted.file.display();
    let lines: Vec<String> = problems.lines().map(|problem| format!("{shown}: {problem}")).collect();
    Outcome::Failed(format!("nothing imported\n{}", lines.join("\n")))
}

fn refused(error: &ApplyError) -> Outcome {
    let hint = match error {
        ApplyError::Truncated { .. } => "; --force applies it all the same and marks them as delisted",
        _ => "",
    };
    Outcome::Failed(format!("nothing imported\n{error}{hint}"))
}

fn say(layout: &str, what: &str, applied: &Applied, dry_run: bool) {
    let end = if dry_run { "\nonly tried: nothing was written" } else { "" };
    outcome::print(&format!("{layout}: {what}\n{applied}{end}"));
}
