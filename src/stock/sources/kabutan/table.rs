//! One of the two tables of prices, read row by row. No selector reaches beyond them: elsewhere on the page
//! the `datetime` attributes are wrong.

use std::sync::LazyLock;

use chrono::NaiveDate;
use scraper::{ElementRef, Selector};

use super::columns::Columns;
use super::number::number;
use crate::crawl::answer::Refusal;
use crate::stock::bar::{Bar, Rejection, Row};

static HEADINGS: LazyLock<Selector> = LazyLock::new(|| selector("thead th"));
static ROWS: LazyLock<Selector> = LazyLock::new(|| selector("tbody tr"));
static CELLS: LazyLock<Selector> = LazyLock::new(|| selector("th, td"));
static DAY: LazyLock<Selector> = LazyLock::new(|| selector("th time[datetime]"));

#[expect(clippy::expect_used, reason = "the selectors are constants, and every test of the page uses them all")]
pub(super) fn selector(text: &str) -> Selector {
    Selector::parse(text).expect("a constant selector")
}

/// # Errors
/// When the headings are not those of daily prices.
pub(super) fn read(table: ElementRef<'_>) -> Result<Vec<Result<Row, Rejection>>, Refusal> {
    let headings: Vec<_> = table.select(&HEADINGS).map(text).collect();
    let columns = Columns::of(&headings)?;
    Ok(table.select(&ROWS).map(|row| read_row(row, &columns)).collect())
}

fn read_row(row: ElementRef<'_>, columns: &Columns) -> Result<Row, Rejection> {
    // the heading may say today when the row is yesterday's: only the attribute tells the day
    let date = row.select(&DAY).next().and_then(|time| day(time.value().attr("datetime")?));
    let cells: Vec<_> = row.select(&CELLS).map(text).collect();
    let shown = date.map_or_else(|| cells.first().cloned().unwrap_or_default(), |date| date.to_string());
    let raw = std::iter::once(shown).chain(cells.iter().skip(1).cloned()).collect::<Vec<_>>().join(" | ");
    let cut = || raw.chars().take(256).collect();
    let rejection = |reason: String| Rejection { date, bar: None, raw: cut(), reason, decided: None };
    if cells.len() != columns.count {
        return Err(rejection(format!("{} cells under {} headings", cells.len(), columns.count)));
    }
    let Some(day) = date else { return Err(rejection("the day cannot be read".to_owned())) };
    let mut numbers = [None; 5];
    for (value, column) in numbers.iter_mut().zip(columns.values) {
        let cell = cells.get(column).map_or("", String::as_str);
        *value = number(cell).map_err(|()| rejection(format!("{cell:.32} is no number")))?;
    }
    let [open, high, low, close, volume] = numbers;
    Ok(Row { bar: Bar { date: day, open, high, low, close, volume }, raw })
}

fn day(datetime: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(datetime.get(..10)?, "%Y-%m-%d").ok()
}

/// The text of an element without the white space around it.
pub(super) fn text(element: ElementRef<'_>) -> String {
    element.text().collect::<String>().trim().to_owned()
}
