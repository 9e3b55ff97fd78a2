//! The first sheet of a workbook: XLS as JPX publishes it, or XLSX as spreadsheets save it anew.

use std::io::{self, Cursor, Read as _};

use calamine::{Data, Reader as _, Xls, Xlsx};

use super::{FileProblems, table::Table};

/// What an XLSX file, an archive, may unpack to.
const MAX_UNPACKED: u64 = 128 * 1024 * 1024;
const MAX_PARTS: usize = 1000;
/// A list has ten columns; one so far to the right belongs to something else.
const MAX_COLUMN: u32 = 200;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Container {
    Xls,
    Xlsx,
}

impl Container {
    /// By the first bytes; none for a file of text.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, ..] => Some(Self::Xls),
            [b'P', b'K', 3, 4, ..] => Some(Self::Xlsx),
            _ => None,
        }
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Xls => "XLS",
            Self::Xlsx => "XLSX",
        }
    }
}

/// # Errors
/// When the workbook cannot be read, unpacks to too much, or has a cell where no list has one.
pub(super) fn read(bytes: &[u8], container: Container) -> Result<Table, FileProblems> {
    let rows = match container {
        Container::Xls => xls(bytes)?,
        Container::Xlsx => {
            check_unpacked(bytes)?;
            xlsx(bytes)?
        }
    };
    let mut rows = rows.into_iter().filter(|(_, fields)| fields.iter().any(|field| !field.trim().is_empty()));
    let (_, header) = rows.next().ok_or_else(|| FileProblems::one("is empty: its first sheet has no cell"))?;
    let mut table = Table::new(header, "row")?;
    for (number, mut fields) in rows {
        // A row ends with its last cell that is not empty.
        fields.resize(table.header.len(), String::new());
        table.push(number, fields)?;
    }
    Ok(table)
}

type Rows = Vec<(u64, Vec<String>)>;

fn xls(bytes: &[u8]) -> Result<Rows, FileProblems> {
    let damaged = |error: &dyn std::fmt::Display| FileProblems::one(format!("is a damaged XLS file: {error}"));
    let mut workbook = Xls::new(Cursor::new(bytes)).map_err(|e| damaged(&e))?;
    let range = workbook.worksheet_range_at(0).ok_or_else(no_sheet)?.map_err(|e| damaged(&e))?;
    let (first_row, first_column) = range.start().unwrap_or_default();
    if range.end().is_some_and(|(_, column)| column > MAX_COLUMN) {
        return Err(too_wide());
    }
    let before = || std::iter::repeat_n(String::new(), first_column as usize);
    let row =
        |(n, cells): (u32, &[Data])| (u64::from(first_row + n) + 1, before().chain(cells.iter().map(text)).collect());
    Ok((0..).zip(range.rows()).map(row).collect())
}

/// Cell by cell: two cells in opposite corners would otherwise make a table of all those between.
fn xlsx(bytes: &[u8]) -> Result<Rows, FileProblems> {
    let damaged = |error: &dyn std::fmt::Display| FileProblems::one(format!("is a damaged XLSX file: {error}"));
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(|e| damaged(&e))?;
    let first = workbook.sheet_names().first().cloned().ok_or_else(no_sheet)?;
    let mut cells = workbook.worksheet_cells_reader(&first).map_err(|e| damaged(&e))?;
    let mut rows: Rows = Vec::new();
    while let Some(cell) = cells.next_cell().map_err(|e| damaged(&e))? {
        let (row, column) = cell.get_position();
        let number = u64::from(row) + 1;
        if column > MAX_COLUMN {
            return Err(too_wide());
        }
        if rows.last().is_none_or(|(last, _)| *last < number) {
            rows.push((number, Vec::new()));
        }
        match rows.last_mut() {
            Some((last, fields)) if *last == number => {
                let column = column as usize;
                fields.resize(fields.len().max(column + 1), String::new());
                fields[column] = text(&Data::from(cell.get_value().clone()));
            }
            _ => return Err(damaged(&"its rows are out of order")),
        }
    }
    Ok(rows)
}

/// Unpacks each part once and throws it away: what the archive says of its sizes may be a lie.
fn check_unpacked(bytes: &[u8]) -> Result<(), FileProblems> {
    let damaged = |error: &dyn std::fmt::Display| FileProblems::one(format!("is a damaged XLSX file: {error}"));
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|e| damaged(&e))?;
    if archive.len() > MAX_PARTS {
        return Err(FileProblems::one(format!("is an archive of {} files, and no workbook", archive.len())));
    }
    let mut left = MAX_UNPACKED;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|e| damaged(&e))?;
        let unpacked = io::copy(&mut part.take(left + 1), &mut io::sink()).map_err(|e| damaged(&e))?;
        left = left.checked_sub(unpacked).ok_or_else(|| {
            FileProblems::one(format!("unpacks to more than {} MiB: no list of companies does", MAX_UNPACKED >> 20))
        })?;
    }
    Ok(())
}

/// Codes and days may be numbers: `1301`, `20260131`.
fn text(cell: &Data) -> String {
    match cell {
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::Int(number) => number.to_string(),
        Data::Float(number) => number.to_string(),
        Data::Bool(value) => value.to_string(),
        Data::DateTime(instant) => {
            let (year, month, day, ..) = instant.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        Data::Error(_) | Data::Empty => String::new(),
    }
}

fn no_sheet() -> FileProblems {
    FileProblems::one("has no sheet")
}

fn too_wide() -> FileProblems {
    FileProblems::one(format!("has cells beyond column {MAX_COLUMN}; a list has ten columns"))
}
