//! A header and rows of texts, whatever they were kept in.

use csv::{ReaderBuilder, StringRecord};

use super::FileProblems;
use crate::stock::companies_csv;

/// No list has so many; a file that has is something else.
const MAX_ROWS: usize = 100_000;
const MAX_COLUMNS: usize = 200;

pub(super) struct Table {
    pub header: Vec<String>,
    pub rows: Vec<Row>,
    /// What a row is called in messages: line, row, item.
    pub unit: &'static str,
}

pub(super) struct Row {
    /// From 1, the header's own line included.
    pub number: u64,
    /// As many as the header has.
    pub fields: Vec<String>,
}

impl Table {
    /// # Errors
    /// When the header has too many columns, or one of them twice.
    pub(super) fn new(header: Vec<String>, unit: &'static str) -> Result<Self, FileProblems> {
        if header.len() > MAX_COLUMNS {
            return Err(FileProblems::one(format!("has {} columns; a list has ten", header.len())));
        }
        let header: Vec<String> = header.into_iter().map(|name| name.trim().to_owned()).collect();
        let twice = header.iter().enumerate().find(|(n, name)| !name.is_empty() && header[..*n].contains(name));
        match twice {
            Some((_, name)) => Err(FileProblems::one(format!("names the column {name} twice"))),
            None => Ok(Self { header, rows: Vec::new(), unit }),
        }
    }

    /// Adds a row; one without any text is passed over.
    ///
    /// # Errors
    /// When there are too many.
    pub(super) fn push(&mut self, number: u64, fields: Vec<String>) -> Result<(), FileProblems> {
        if fields.iter().all(|field| field.trim().is_empty()) {
            return Ok(());
        }
        if self.rows.len() >= MAX_ROWS {
            return Err(FileProblems::one(format!("has more than {MAX_ROWS} rows: no list of companies has")));
        }
        self.rows.push(Row { number, fields });
        Ok(())
    }

    pub(super) fn column(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|column| column == name)
    }
}

/// Whether the header names columns of the plain CSV: its reader says best what is wrong with it.
pub(super) fn is_plain(text: &str) -> bool {
    let header = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    header.len() < 4096 && header.split(',').any(|name| companies_csv::COLUMNS.contains(&name.trim().trim_matches('"')))
}

/// # Errors
/// Each line that has another number of fields than the header, or cannot be read at all.
pub(super) fn of_csv(text: &str) -> Result<Table, FileProblems> {
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut record = StringRecord::new();
    let unreadable = |error: &csv::Error| FileProblems::one(format!("is no CSV: {error}"));
    reader.read_record(&mut record).map_err(|e| unreadable(&e))?;
    if record.len() > MAX_COLUMNS {
        return Err(FileProblems::one(format!("has {} columns; a list has ten", record.len())));
    }
    let mut table = Table::new(record.iter().map(str::to_owned).collect(), "line")?;
    let mut problems = FileProblems::default();
    while reader.read_record(&mut record).map_err(|e| unreadable(&e))? {
        let line = companies_csv::line_of(text, &record);
        if record.len() == table.header.len() {
            table.push(line, record.iter().map(str::to_owned).collect())?;
        } else {
            let (found, due) = (record.len(), table.header.len());
            problems.add(|| format!("line {line}: has {found} fields, the header has {due}"));
        }
    }
    if problems.is_empty() { Ok(table) } else { Err(problems) }
}
