//! What a table's box shows: its name, the columns that are keys or lead somewhere, how many there are beside.

use super::super::{
    links::Link,
    model::{KeyKind, Kind, Section, Table},
};

pub const HEADER: f64 = 28.0;
pub const ROW: f64 = 20.0;
/// Above and below the rows.
pub const MARGIN: f64 = 5.0;
/// What a letter takes, in the name and in a row: monospaced.
const NAME_LETTER: f64 = 7.9;
const ROW_LETTER: f64 = 7.3;
/// Left and right of a text, and the mark of a key.
pub const PADDING: f64 = 12.0;
pub const MARK: f64 = 18.0;
/// Columns of a view, which has no keys.
const SHOWN: usize = 6;

/// A box before it has a place.
pub struct Sketch<'a> {
    pub table: &'a Table,
    pub rows: Vec<Row<'a>>,
    /// Columns that are not shown.
    pub more: usize,
    pub width: f64,
    pub height: f64,
}

/// A column in a box.
pub struct Row<'a> {
    pub name: &'a str,
    pub mark: Mark,
    /// The table of another area that it leads to.
    pub away: Option<&'a str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    Primary,
    Unique,
    None,
}

impl<'a> Sketch<'a> {
    pub fn of(table: &'a Table, section: &Section, links: &[Link<'a>]) -> Self {
        let lead = |column: &str| links.iter().find(|link| link.from == table.name && link.column == Some(column));
        let mark = |column: &String| match () {
            () if table.primary().contains(column) => Mark::Primary,
            () if table.keys.iter().any(|k| k.kind == KeyKind::Unique && k.columns.contains(column)) => Mark::Unique,
            () => Mark::None,
        };
        let is_here = |name: &str| section.tables.iter().any(|table| table.name == name);
        let row = |column: &'a str, mark| {
            let away = lead(column).map(|link| link.to).filter(|to| !is_here(to) || *to == table.name);
            Row { name: column, mark, away }
        };
        let columns = table.columns.iter().map(|column| (&column.name, mark(&column.name)));
        let shown = columns.filter(|(name, mark)| *mark != Mark::None || lead(name).is_some());
        let mut rows: Vec<Row<'a>> = shown.map(|(name, mark)| row(name, mark)).collect();
        if table.kind == Kind::View {
            rows = table.columns.iter().take(SHOWN).map(|column| row(&column.name, Mark::None)).collect();
        }
        rows.sort_by_key(|row| row.mark != Mark::Primary);
        let more = table.columns.len() - rows.len();
        let lines = rows.len() + usize::from(more > 0);
        let name = letters(&table.name) * NAME_LETTER + 2.0 * PADDING;
        let rest = if more > 0 { MARK + letters(&beside(more)) * ROW_LETTER + 2.0 * PADDING } else { 0.0 };
        let width = rows.iter().map(Row::width).fold(name.max(rest), f64::max);
        let height = HEADER + 2.0 * MARGIN + lines as f64 * ROW;
        Self { table, rows, more, width: width.ceil(), height }
    }

    /// Where a line from or to this column touches the box, from its top; the middle of the name if it is not shown.
    pub fn port(&self, column: Option<&str>) -> f64 {
        let shown = column.and_then(|column| self.rows.iter().position(|row| row.name == column));
        shown.map_or(HEADER / 2.0, row_middle)
    }
}

/// What stands for the columns that are not shown.
pub fn beside(more: usize) -> String {
    format!("+ {more} {}", if more == 1 { "column" } else { "columns" })
}

/// The middle of a row, from the top of the box.
pub fn row_middle(row: usize) -> f64 {
    HEADER + MARGIN + (row as f64 + 0.5) * ROW
}

impl Row<'_> {
    fn width(&self) -> f64 {
        let away = self.away.map_or(0.0, |away| (letters(away) + 4.0) * ROW_LETTER);
        MARK + letters(self.name) * ROW_LETTER + away + 2.0 * PADDING
    }
}

fn letters(text: &str) -> f64 {
    text.chars().count() as f64
}
