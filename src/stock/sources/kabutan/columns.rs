//! Where a table's columns stand, by their headings.

use crate::crawl::answer::Refusal;
use crate::stock::sources::body::{schema_changed, snippet};

/// What a row of the day is headed: by the newest session and by the history.
const DAY: [&str; 2] = ["本日", "日付"];

/// Positions of the cells of a row, the day's own at 0.
pub(super) struct Columns {
    pub(super) count: usize,
    /// Open, high, low, close, volume.
    pub(super) values: [usize; 5],
}

impl Columns {
    /// # Errors
    /// When a heading is missing, or the rows are not headed as days.
    pub(super) fn of(headings: &[String]) -> Result<Self, Refusal> {
        let first = headings.first().map_or("", String::as_str);
        if !DAY.contains(&first) {
            return Err(schema_changed(format!("a table of prices headed {}, not by the day", snippet(first))));
        }
        let find = |name: &str| {
            let found = headings.iter().position(|heading| heading.starts_with(name));
            found.ok_or_else(|| schema_changed(format!("no column {name} in: {}", snippet(&headings.join(" ")))))
        };
        let values = [find("始値")?, find("高値")?, find("安値")?, find("終値")?, find("売買高")?];
        Ok(Self { count: headings.len(), values })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(headings: &str) -> Result<[usize; 5], Refusal> {
        let headings: Vec<_> = headings.split(' ').map(str::to_owned).collect();
        Columns::of(&headings).map(|columns| columns.values)
    }

    #[test]
    fn columns_are_found_by_their_headings() {
        let daily = "日付 始値 高値 安値 終値 前日比 前日比％ 売買高(株)";
        assert_eq!(columns(daily), Ok([1, 2, 3, 4, 7]));
        assert_eq!(columns("本日 高値 始値 安値 終値 売買高"), Ok([2, 1, 3, 4, 5]));
    }

    #[test]
    fn other_headings_are_a_changed_schema() {
        for wrong in ["週 始値 高値 安値 終値 売買高", "日付 始値 高値 安値 終値 出来高", ""] {
            assert!(matches!(columns(wrong), Err(Refusal::SchemaChanged { .. })), "{wrong}");
        }
    }
}
