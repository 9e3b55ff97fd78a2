//! What is said of rows that were given and not loaded.

/// `24 rows rejected, 1 new in quarantine`: each is counted whenever it is given, and kept once.
pub fn rejected(rows: u64, held: u64) -> String {
    let what = if rows == 1 { "row" } else { "rows" };
    let new = if held == 0 { "none".to_owned() } else { held.to_string() };
    format!("{rows} {what} rejected, {new} new in quarantine")
}
