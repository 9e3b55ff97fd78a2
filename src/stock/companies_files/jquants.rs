//! J-Quants' master of listed issues, as CSV or as its answers in JSON: V1 (`/listed/info`) and V2
//! (`/equities/master`), which has shorter names. Codes have five characters there: 72030 is 7203.

use chrono::NaiveDate;
use serde::Deserialize;

use super::{
    CompaniesFile, Content, FileProblems,
    issues::{self, Columns, Publisher},
    table::Table,
};

pub(super) const V1: Columns = Columns {
    publisher: Publisher::Jquants,
    date: "Date",
    code: "Code",
    name: "CompanyName",
    segment: "MarketCodeName",
};

pub(super) const V2: Columns = Columns { name: "CoName", segment: "MktNm", ..V1 };

/// An answer as it came, or its entries alone.
#[derive(Deserialize)]
struct Answer {
    #[serde(alias = "info")]
    data: Vec<Entry>,
    pagination_key: Option<String>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "Date")]
    date: Option<String>,
    #[serde(rename = "Code")]
    code: Code,
    #[serde(rename = "CompanyName")]
    name: Option<String>,
    #[serde(rename = "MarketCodeName")]
    segment: Option<String>,
    #[serde(rename = "CoName")]
    short_name: Option<String>,
    #[serde(rename = "MktNm")]
    short_segment: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Code {
    Text(String),
    Number(u64),
}

/// # Errors
/// When the text is no answer of J-Quants, or one page of several; and whatever is wrong with an issue.
pub(super) fn read_json(text: &str, as_of: Option<NaiveDate>) -> Result<CompaniesFile, FileProblems> {
    let foreign = |error: serde_json::Error| {
        let what = if error.is_data() { "is JSON, and no master of J-Quants" } else { "is neither CSV nor JSON" };
        FileProblems::one(format!("{what}: {error}; {}", super::SERVE))
    };
    let answer = if text.trim_start().starts_with('[') {
        Answer { data: serde_json::from_str(text).map_err(foreign)?, pagination_key: None }
    } else {
        serde_json::from_str(text).map_err(foreign)?
    };
    if answer.pagination_key.is_some_and(|key| !key.is_empty()) {
        return Err(FileProblems::one("is one page of several (it has a pagination_key): join them first"));
    }
    let (version, columns) = match answer.data.first() {
        Some(entry) if entry.name.is_none() && entry.short_name.is_some() => ("V2", V2),
        _ => ("V1", V1),
    };
    let list = issues::read(&table(answer.data, &columns)?, &columns, as_of)?;
    Ok(CompaniesFile { layout: format!("J-Quants master {version} (JSON)"), content: Content::Issues(list) })
}

fn table(entries: Vec<Entry>, columns: &Columns) -> Result<Table, FileProblems> {
    let header = [columns.date, columns.code, columns.name, columns.segment].map(str::to_owned);
    let mut table = Table::new(header.into(), "item")?;
    for (number, entry) in (1..).zip(entries) {
        let code = match entry.code {
            Code::Text(code) => code,
            Code::Number(code) => code.to_string(),
        };
        let name = entry.name.or(entry.short_name).unwrap_or_default();
        let segment = entry.segment.or(entry.short_segment).unwrap_or_default();
        table.push(number, vec![entry.date.unwrap_or_default(), code, name, segment])?;
    }
    Ok(table)
}
