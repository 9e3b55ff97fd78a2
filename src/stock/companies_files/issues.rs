//! Rows of texts to a list of issues, row by row, so that everything wrong is said at once.

use std::{collections::HashMap, fmt::Display};

use chrono::NaiveDate;

use super::{
    FileProblems,
    table::{Row, Table},
};
use crate::stock::{
    bar::StockCode,
    companies_csv::fields,
    listing::{Issue, IssueList},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Publisher {
    Jpx,
    Jquants,
}

/// Where a layout keeps what an issue has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Columns {
    pub publisher: Publisher,
    pub date: &'static str,
    pub code: &'static str,
    pub name: &'static str,
    pub segment: &'static str,
}

impl Columns {
    /// Whether a table has them; the day may be left out and said otherwise.
    pub(super) fn are_in(&self, table: &Table) -> bool {
        [self.code, self.name, self.segment].iter().all(|name| table.column(name).is_some())
    }

    pub(super) fn names(&self) -> String {
        [self.date, self.code, self.name, self.segment].join(",")
    }
}

/// # Errors
/// Each row whose code, name or day cannot be, that repeats a code, or is of another day than those before.
pub(super) fn read(table: &Table, columns: &Columns, as_of: Option<NaiveDate>) -> Result<IssueList, FileProblems> {
    let mut reading =
        Reading { table, columns, days: Vec::new(), codes: HashMap::new(), problems: FileProblems::default() };
    let issues: Vec<Issue> = table.rows.iter().filter_map(|row| reading.issue(row, as_of.is_none())).collect();
    if table.rows.is_empty() {
        reading.problems.add(|| "has no issues, only a header".to_owned());
    }
    if !reading.problems.is_empty() {
        return Err(reading.problems);
    }
    let day = as_of.or_else(|| reading.days.first().copied());
    let as_of = day.ok_or_else(|| FileProblems::one("does not say of which day it is; say so with --as-of"))?;
    Ok(match columns.publisher {
        Publisher::Jpx => IssueList { source: "jpx", as_of, complete: true, issues },
        // An answer for a few codes looks like one for all.
        Publisher::Jquants => IssueList { source: "jquants", as_of, complete: has_every_segment(&issues), issues },
    })
}

fn has_every_segment(issues: &[Issue]) -> bool {
    let has = |name: &str| issues.iter().any(|issue| issue.segment.as_deref() == Some(name));
    ["プライム", "スタンダード", "グロース"].into_iter().all(has)
}

/// What has been read so far.
struct Reading<'a> {
    table: &'a Table,
    columns: &'a Columns,
    /// The first day met, and no other.
    days: Vec<NaiveDate>,
    /// The row that first had a code.
    codes: HashMap<StockCode, u64>,
    problems: FileProblems,
}

impl Reading<'_> {
    fn issue(&mut self, row: &Row, dated: bool) -> Option<Issue> {
        if dated && self.table.column(self.columns.date).is_some() {
            self.day(row);
        }
        let code = self.field(row, self.columns.code, |text| self.columns.publisher.code(text));
        let name = self.field(row, self.columns.name, fields::company_name);
        let segment = self.text(row, self.columns.segment);
        let segment = (!matches!(segment, "" | "-" | "－")).then(|| segment.to_owned());
        let code = code?;
        match self.codes.get(&code) {
            Some(first) => {
                let message = format!("{code} stands in {} {first} already", self.table.unit);
                self.refuse(row, self.columns.code, &message);
            }
            None => drop(self.codes.insert(code.clone(), row.number)),
        }
        Some(Issue { code, name: name?, segment })
    }

    fn day(&mut self, row: &Row) {
        let Some(day) = self.field(row, self.columns.date, day) else { return };
        match self.days.first() {
            Some(first) if *first != day => {
                let message = format!("{day} is another day than the {first} of the rows before");
                self.refuse(row, self.columns.date, &message);
            }
            Some(_) => {}
            None => self.days.push(day),
        }
    }

    fn text<'b>(&self, row: &'b Row, column: &str) -> &'b str {
        let position = self.table.column(column);
        position.and_then(|position| row.fields.get(position)).map_or("", |field| field.trim())
    }

    fn field<T, E: Display>(&mut self, row: &Row, column: &str, read: impl FnOnce(&str) -> Result<T, E>) -> Option<T> {
        read(self.text(row, column)).map_err(|message| self.refuse(row, column, &message.to_string())).ok()
    }

    fn refuse(&mut self, row: &Row, column: &str, message: &str) {
        let (unit, number) = (self.table.unit, row.number);
        self.problems.add(|| format!("{unit} {number}, {column}: {message}"));
    }
}

impl Publisher {
    fn code(self, text: &str) -> Result<StockCode, String> {
        let short = match self {
            Self::Jquants if text.len() == 5 => text.strip_suffix('0').unwrap_or(text),
            _ => text,
        };
        let code = StockCode::parse(short).ok().filter(StockCode::is_tokyo);
        code.ok_or_else(|| {
            format!("{} is no code of Tokyo's exchange, such as 7203, 130A or 25935", fields::shown(text))
        })
    }
}

/// `20260131`, `2026-01-31`, `2026/1/31`, the latter two perhaps with a time behind them.
fn day(text: &str) -> Result<NaiveDate, String> {
    let date = text.split(['T', ' ']).next().unwrap_or_default();
    let formats: &[&str] = if date.len() == 8 && date.bytes().all(|b| b.is_ascii_digit()) {
        &["%Y%m%d"]
    } else {
        &["%Y-%m-%d", "%Y/%m/%d"]
    };
    let day = formats.iter().find_map(|format| NaiveDate::parse_from_str(date, format).ok());
    let first = NaiveDate::from_ymd_opt(1949, 1, 1);
    day.filter(|day| Some(*day) >= first)
        .ok_or_else(|| format!("{} is no day; 20260131 or 2026-01-31 would be", fields::shown(text)))
}
