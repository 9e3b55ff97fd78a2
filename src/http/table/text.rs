//! Pieces of a table as text: JSON, JSON lines, CSV.

use std::io::Write as _;

use chrono::{Datelike as _, NaiveDate};

use super::column::{Batch, Column, Values};

/// Writes rows as JSON objects, one after the other.
pub struct Objects {
    /// `"date":`, `"open":` and so on.
    names: Vec<Vec<u8>>,
}

impl Objects {
    pub fn new(columns: &[Column]) -> Self {
        let name = |column: &Column| format!("{}:", serde_json::Value::from(column.name.as_ref())).into_bytes();
        Self { names: columns.iter().map(name).collect() }
    }

    /// Each row with `end` behind it.
    pub fn write(&self, batch: &Batch, end: u8, text: &mut Vec<u8>) {
        for row in 0..batch.rows() {
            text.push(b'{');
            for (at, (name, values)) in self.names.iter().zip(&batch.0).enumerate() {
                if at > 0 {
                    text.push(b',');
                }
                text.extend_from_slice(name);
                json_value(values, row, text);
            }
            text.extend_from_slice(&[b'}', end]);
        }
    }
}

/// A JSON value. Writing to memory does not fail.
fn json_value(values: &Values, row: usize, text: &mut Vec<u8>) {
    match values {
        Values::Day(days) => {
            text.push(b'"');
            day(days[row], text);
            text.push(b'"');
        }
        Values::Text(texts) => drop(serde_json::to_writer(text, &texts[row].as_deref())),
        Values::Real(numbers) => drop(serde_json::to_writer(text, &numbers[row].filter(|number| number.is_finite()))),
        Values::Whole(numbers) => drop(serde_json::to_writer(text, &numbers[row])),
    }
}

/// The header line of CSV.
pub fn csv_head(columns: &[Column]) -> Vec<u8> {
    let mut line = Vec::new();
    for (at, column) in columns.iter().enumerate() {
        csv_separator(at, &mut line);
        csv_text(&column.name, &mut line);
    }
    line.extend_from_slice(b"\r\n");
    line
}

/// A line for each row; what is absent is empty.
pub fn csv_rows(batch: &Batch, text: &mut Vec<u8>) {
    for row in 0..batch.rows() {
        for (at, values) in batch.0.iter().enumerate() {
            csv_separator(at, text);
            match values {
                Values::Day(days) => day(days[row], text),
                Values::Text(texts) => csv_text(texts[row].as_deref().unwrap_or_default(), text),
                Values::Real(numbers) if numbers[row].is_none_or(|number| !number.is_finite()) => {}
                Values::Whole(numbers) if numbers[row].is_none() => {}
                numbers => json_value(numbers, row, text),
            }
        }
        text.extend_from_slice(b"\r\n");
    }
}

fn csv_separator(at: usize, text: &mut Vec<u8>) {
    if at > 0 {
        text.push(b',');
    }
}

/// RFC 4180: quoted when it has to be.
fn csv_text(field: &str, text: &mut Vec<u8>) {
    if field.contains([',', '"', '\r', '\n']) {
        drop(write!(text, "\"{}\"", field.replace('"', "\"\"")));
    } else {
        text.extend_from_slice(field.as_bytes());
    }
}

/// `YYYY-MM-DD`, several times faster than by a format string.
fn day(day: NaiveDate, text: &mut Vec<u8>) {
    let (year, month, of_month) = (day.year(), day.month(), day.day());
    let Ok(year) = u32::try_from(year).map_err(drop).and_then(|year| if year < 10_000 { Ok(year) } else { Err(()) })
    else {
        return drop(write!(text, "{day}"));
    };
    let digit = |number: u32| b'0' + u8::try_from(number % 10).unwrap_or(0);
    text.extend([year / 1000, year / 100, year / 10, year].map(digit));
    text.push(b'-');
    text.extend([month / 10, month].map(digit));
    text.push(b'-');
    text.extend([of_month / 10, of_month].map(digit));
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::http::table::column::{Kind, columns};

    fn piece() -> (Vec<Column>, Batch) {
        let days = ["2026-11-20", "0987-01-02"].map(|text| text.parse().unwrap()).to_vec();
        let batch = Batch(vec![
            Values::Day(days),
            Values::Text(vec![Some(Arc::from("a, \"b\"")), None]),
            Values::Real(vec![Some(100.0), Some(f64::NAN)]),
            Values::Whole(vec![None, Some(-3)]),
        ]);
        (columns(&[("date", Kind::Day), ("name", Kind::Text), ("value", Kind::Real), ("lag", Kind::Whole)]), batch)
    }

    #[test]
    fn objects_have_the_columns_in_their_order_and_null_for_what_is_no_number() {
        let ((columns, batch), mut text) = (piece(), Vec::new());
        Objects::new(&columns).write(&batch, b'\n', &mut text);
        let expected = "{\"date\":\"2026-11-20\",\"name\":\"a, \\\"b\\\"\",\"value\":100.0,\"lag\":null}\n\
                        {\"date\":\"0987-01-02\",\"name\":null,\"value\":null,\"lag\":-3}\n";
        assert_eq!(String::from_utf8(text).unwrap(), expected);
    }

    #[test]
    fn csv_quotes_what_has_to_be_and_leaves_nothing_for_what_is_absent() {
        let (columns, batch) = piece();
        let mut text = csv_head(&columns);
        csv_rows(&batch, &mut text);
        let expected = "date,name,value,lag\r\n2026-11-20,\"a, \"\"b\"\"\",100.0,\r\n0987-01-02,,,-3\r\n";
        assert_eq!(String::from_utf8(text).unwrap(), expected);
    }

    #[test]
    fn every_day_is_written_as_chrono_does() {
        let mut day_ = NaiveDate::from_ymd_opt(1899, 12, 30).unwrap();
        for _ in 0..5_000 {
            let mut text = Vec::new();
            day(day_, &mut text);
            assert_eq!(String::from_utf8(text).unwrap(), day_.to_string());
            day_ = day_ + chrono::Days::new(29);
        }
    }
}
