//! One line of a file, field by field.

use std::fmt::Display;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use csv::StringRecord;

use super::{COLUMNS, CsvProblem, fields};
use crate::{
    stock::{
        bar::{CompanyId, StockCode},
        company::{Company, CompanyStatus},
    },
    told::Told,
};

/// A line being read, and what is wrong with it so far.
pub(super) struct Row<'a> {
    line: u64,
    header: &'a [String],
    record: &'a StringRecord,
    pub(super) problems: Vec<CsvProblem>,
}

impl<'a> Row<'a> {
    pub(super) fn new(line: u64, header: &'a [String], record: &'a StringRecord) -> Self {
        Self { line, header, record, problems: Vec::new() }
    }

    /// The company, when every required field could be read; what is wrong is noted in `problems`.
    pub(super) fn company(&mut self) -> Option<Company> {
        // Each field is read before any is missed, so that all problems are noted.
        let company_id = self.field(0, CompanyId::parse);
        let company_name = self.field(1, fields::company_name);
        let stock_code = self.field(2, StockCode::parse);
        let country_code = self.field(3, fields::country_code);
        let listed_market = self.field(4, fields::listed_market);
        let foundation_date = self.optional(5, instant);
        let longitude = self.optional(6, |text| fields::longitude(fields::number(text)?));
        let latitude = self.optional(7, |text| fields::latitude(fields::number(text)?));
        let status = self.optional(8, status).unwrap_or(CompanyStatus::Active);
        let (listed_from, listed_to) = (self.optional(9, fields::day), self.optional(10, fields::day));
        self.check_order(listed_from, listed_to);
        Some(Company {
            company_id: company_id?,
            company_name: company_name?,
            stock_code: stock_code?,
            country_code: country_code?,
            listed_market: listed_market?,
            foundation_date,
            longitude,
            latitude,
            status,
            listed_from,
            listed_to,
        })
    }

    /// Id, code and country as far as they are there, whatever the rest is like.
    pub(super) fn key(&self) -> Option<(String, String, String)> {
        let [id, code, country] = [0, 2, 3].map(|column| self.text(column));
        (!id.is_empty() && !code.is_empty()).then(|| (id.to_owned(), code.to_ascii_uppercase(), country.to_owned()))
    }

    fn check_order(&mut self, from: Option<NaiveDate>, to: Option<NaiveDate>) {
        if let (Some(from), Some(to)) = (from, to)
            && from > to
        {
            self.refuse(10, format!("{to} is before listed_from, {from}"));
        }
    }

    fn text(&self, column: usize) -> &'a str {
        let position = self.header.iter().position(|name| name == COLUMNS[column]);
        position.and_then(|position| self.record.get(position)).unwrap_or_default().trim()
    }

    fn field<T, E: Display>(&mut self, column: usize, read: impl FnOnce(&str) -> Result<T, E>) -> Option<T> {
        read(self.text(column)).map_err(|message| self.refuse(column, message.to_string())).ok()
    }

    fn optional<T, E: Display>(&mut self, column: usize, read: impl FnOnce(&str) -> Result<T, E>) -> Option<T> {
        if self.text(column).is_empty() { None } else { self.field(column, read) }
    }

    fn refuse(&mut self, column: usize, message: String) {
        self.problems.push(CsvProblem::of_column(self.line, COLUMNS[column], message));
    }
}

fn status(text: &str) -> Result<CompanyStatus, String> {
    CompanyStatus::parse(text).ok_or_else(|| {
        let known: Vec<_> = CompanyStatus::ALL.into_iter().map(CompanyStatus::as_str).collect();
        format!("{} is no status; write one of {}", fields::shown(text), known.join(", "))
    })
}

/// A day, or an instant as a dump of the table's timestamp has it.
fn instant(text: &str) -> Result<NaiveDateTime, Told> {
    let instant = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f"]
        .into_iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
    instant.map_or_else(|| fields::day(text).map(|day| day.and_time(NaiveTime::MIN)), Ok)
}
