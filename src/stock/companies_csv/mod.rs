//! The plain CSV of companies: a header of the `company` table's column names, a line for each company.
//!
//! Pure. It reads all or nothing, and says everything that is wrong at once; who is stored is the store's matter.

pub mod fields;
mod problem;
mod read;
mod row;
mod write;

pub use problem::CsvProblem;
pub use read::{line_of, read, read_lines};
pub use write::write;

/// The columns, in the order they are written. Of a file read, only the first [`REQUIRED`] must be there.
pub const COLUMNS: [&str; 11] = [
    "company_id",
    "company_name",
    "stock_code",
    "country_code",
    "listed_market",
    "foundation_date",
    "longitude",
    "latitude",
    "status",
    "listed_from",
    "listed_to",
];

/// How many of [`COLUMNS`] a file must have.
pub const REQUIRED: usize = 5;

/// Columns of the table that the database keeps by itself: read over in a file that has them.
const KEPT_BY_DATABASE: [&str; 2] = ["ins_ts", "upd_ts"];

#[cfg(test)]
mod tests;
