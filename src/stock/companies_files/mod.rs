//! Files with companies, in the layouts that occur: JPX's list of issues `data_j`, J-Quants' master, and the plain CSV
//! of `companies_csv`. The layout is recognised by what the file says, not by its name.
//!
//! Reads bytes that are in memory already, at most [`MAX_BYTES`] of them, and gives all of a file or everything that is
//! wrong with it. What the companies become is the matter of `issues`.

mod issues;
mod jpx;
mod jquants;
mod problem;
mod sheet;
mod table;
#[cfg(test)]
mod tests;
mod text;

use chrono::NaiveDate;

use self::{sheet::Container, table::Table};
use super::{companies_csv, company::Company, listing::IssueList};

pub use problem::FileProblems;

/// More than any list has: the largest there is has two million bytes.
pub const MAX_BYTES: usize = 16 * 1024 * 1024;

/// The files that can be read.
const SERVE: &str =
    "what is read: JPX's data_j (XLS, XLSX, CSV), J-Quants' master (CSV, JSON), the CSV that export writes";

/// A file as it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct CompaniesFile {
    /// What it is, in words: `JPX data_j (CSV, UTF-8)`.
    pub layout: String,
    pub content: Content,
}

/// What a file has.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Issues as somebody published them.
    Issues(IssueList),
    /// Companies as they are to be stored, each with its line.
    Companies(Vec<(u64, Company)>),
}

/// Reads a file. `as_of` is the day it speaks of, where it does not say so itself or is not to be believed.
///
/// # Errors
/// Everything that is wrong with it; then nothing of the file counts.
pub fn read(bytes: &[u8], as_of: Option<NaiveDate>) -> Result<CompaniesFile, FileProblems> {
    if bytes.len() > MAX_BYTES {
        return Err(FileProblems::one(format!("is larger than {} MiB: no list of companies is", MAX_BYTES >> 20)));
    }
    if let Some(container) = Container::of(bytes) {
        let table = sheet::read(bytes, container)?;
        return from_table(&table, container.as_str(), as_of)?.ok_or_else(|| unknown(&table.header));
    }
    let text = text::decode(bytes)?;
    if text.text.trim_start().starts_with(['[', '{']) {
        return jquants::read_json(&text.text, as_of);
    }
    let container = format!("CSV, {}", text.encoding);
    if table::is_plain(&text.text) {
        let companies = companies_csv::read_lines(text.text.as_bytes()).map_err(FileProblems::from)?;
        return Ok(CompaniesFile { layout: format!("plain ({container})"), content: Content::Companies(companies) });
    }
    let table = table::of_csv(&text.text)?;
    from_table(&table, &container, as_of)?.ok_or_else(|| unknown(&table.header))
}

/// None when the header is of no layout that is known.
fn from_table(table: &Table, container: &str, as_of: Option<NaiveDate>) -> Result<Option<CompaniesFile>, FileProblems> {
    let layouts =
        [("JPX data_j", jpx::COLUMNS), ("J-Quants master V1", jquants::V1), ("J-Quants master V2", jquants::V2)];
    let Some((name, columns)) = layouts.into_iter().find(|(_, columns)| columns.are_in(table)) else { return Ok(None) };
    let list = issues::read(table, &columns, as_of)?;
    Ok(Some(CompaniesFile { layout: format!("{name} ({container})"), content: Content::Issues(list) }))
}

fn unknown(header: &[String]) -> FileProblems {
    let header: Vec<String> = header.iter().take(8).map(|name| name.chars().take(24).collect()).collect();
    FileProblems::one(format!(
        "has none of the layouts that are known. Its first line is {:?}; due is JPX's data_j ({}), J-Quants' master ({} \
         or {}) or the plain one ({}, …)",
        header.join(","),
        jpx::COLUMNS.names(),
        jquants::V1.names(),
        jquants::V2.names(),
        companies_csv::COLUMNS[..companies_csv::REQUIRED].join(",")
    ))
}
