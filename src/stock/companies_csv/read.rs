//! Reading a file: all of it, or everything that is wrong with it.

use std::collections::HashMap;

use csv::StringRecord;

use super::{COLUMNS, CsvProblem, KEPT_BY_DATABASE, REQUIRED, row::Row};
use crate::stock::company::Company;

/// Reads a file: UTF-8, with or without a byte order mark, columns in any order. Empty optional fields are absent
/// values; an empty `status` is `active`. The columns `ins_ts` and `upd_ts` are read over.
///
/// # Errors
/// Everything that is wrong, by line; then nothing of the file counts.
pub fn read(bytes: &[u8]) -> Result<Vec<Company>, Vec<CsvProblem>> {
    read_lines(bytes).map(|lines| lines.into_iter().map(|(_, company)| company).collect())
}

/// The same, each company with its line, from 1.
///
/// # Errors
/// As [`read`].
pub fn read_lines(bytes: &[u8]) -> Result<Vec<(u64, Company)>, Vec<CsvProblem>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = 1 + bytes[..error.valid_up_to()].iter().filter(|b| **b == b'\n').count() as u64;
        vec![CsvProblem::of_line(line, "is not UTF-8; save the file as UTF-8 (spreadsheets offer \"CSV UTF-8\")")]
    })?;
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut records = reader.records();
    let header = match records.next() {
        Some(Ok(record)) => header(&record)?,
        Some(Err(error)) => return Err(vec![unreadable(&error)]),
        None => return Err(vec![CsvProblem::of_line(1, format!("is empty; a header is due: {}", COLUMNS.join(",")))]),
    };
    let mut file = File { text, header, ..File::default() };
    for record in records {
        match record {
            Ok(record) => file.take(&record),
            Err(error) => file.problems.push(unreadable(&error)),
        }
    }
    if file.problems.is_empty() { Ok(file.companies) } else { Err(file.problems) }
}

/// What has been read so far.
#[derive(Default)]
struct File<'a> {
    text: &'a str,
    header: Vec<String>,
    companies: Vec<(u64, Company)>,
    problems: Vec<CsvProblem>,
    /// The line that first had an id, or a code of a country.
    ids: HashMap<String, u64>,
    codes: HashMap<(String, String), u64>,
}

impl File<'_> {
    fn take(&mut self, record: &StringRecord) {
        let line = line_of(self.text, record);
        if record.len() != self.header.len() {
            let message = format!("has {} fields, the header has {}", record.len(), self.header.len());
            self.problems.push(CsvProblem::of_line(line, message));
            return;
        }
        let mut row = Row::new(line, &self.header, record);
        let company = row.company();
        let fine = row.problems.is_empty();
        self.problems.append(&mut row.problems);
        // A line that is wrong otherwise may still repeat another: say so at once.
        if let Some((id, code, country)) = row.key() {
            self.note_repetition(line, id, code, country);
        }
        self.companies.extend(company.filter(|_| fine).map(|company| (line, company)));
    }

    fn note_repetition(&mut self, line: u64, id: String, code: String, country: String) {
        if let Some(first) = self.ids.get(&id) {
            let message = format!("{id} stands in line {first} already");
            self.problems.push(CsvProblem::of_column(line, "company_id", message));
        }
        if let Some(first) = self.codes.get(&(code.clone(), country.clone())) {
            let message = format!("{code} of {country} stands in line {first} already");
            self.problems.push(CsvProblem::of_column(line, "stock_code", message));
        }
        self.ids.entry(id).or_insert(line);
        self.codes.entry((code, country)).or_insert(line);
    }
}

/// The line of a record's first field, from 1. The reader's own count begins where the record before ended: it has to be
/// taken over the rest of that line's end, and over empty lines.
#[must_use]
pub fn line_of(text: &str, record: &StringRecord) -> u64 {
    let Some(position) = record.position() else { return 1 };
    let start = usize::try_from(position.byte()).ok().and_then(|byte| text.as_bytes().get(byte..));
    let ends = start.unwrap_or_default().iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    position.line() + ends.filter(|byte| **byte == b'\n').count() as u64
}

/// The names of the columns, when they are the right ones.
fn header(record: &StringRecord) -> Result<Vec<String>, Vec<CsvProblem>> {
    let names: Vec<String> = record.iter().map(|name| name.trim().to_owned()).collect();
    let mut problems = Vec::new();
    let mut wrong = |column: &str, message: String| problems.push(CsvProblem::of_column(1, column, message));
    for (position, name) in names.iter().enumerate() {
        if names[..position].contains(name) {
            wrong(name, "is named twice".into());
        } else if !COLUMNS.contains(&name.as_str()) && !KEPT_BY_DATABASE.contains(&name.as_str()) {
            wrong(name, format!("is no column; there are {}", COLUMNS.join(",")));
        }
    }
    for required in &COLUMNS[..REQUIRED] {
        if !names.iter().any(|name| name == required) {
            wrong(required, "is missing from the header".into());
        }
    }
    if problems.is_empty() { Ok(names) } else { Err(problems) }
}

fn unreadable(error: &csv::Error) -> CsvProblem {
    CsvProblem::of_line(error.position().map_or(1, csv::Position::line), error.to_string())
}
