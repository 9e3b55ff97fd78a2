//! Rows of one company as lines of text, and back. Numbers are written so that they read back to the last digit.

use std::fmt::Write as _;
use std::io::Read as _;

use flate2::{Compression, read::ZlibDecoder, write::ZlibEncoder};

use crate::stock::bar::{Bar, Rejection, Row, Split};

/// What a company's rows of a file are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FileRows {
    pub rows: Vec<Row>,
    pub unreadable: Vec<Rejection>,
    pub splits: Vec<Split>,
}

/// A piece is never larger unpacked.
const MOST_UNPACKED: u64 = 16 * 1024 * 1024;

/// `date open high low close volume split raw` or `! date reason raw`, separated by tabs.
pub(super) fn write(text: &mut String, read: &Result<(Row, Option<Split>), Rejection>) {
    match read {
        Ok((Row { bar, raw }, split)) => {
            let _ = write!(text, "{}", bar.date);
            let ratio = split.map(|split| split.ratio);
            for value in [bar.open, bar.high, bar.low, bar.close, bar.volume, ratio] {
                text.push('\t');
                if let Some(value) = value {
                    let _ = write!(text, "{value}");
                }
            }
            let _ = writeln!(text, "\t{}", flat(raw));
        }
        Err(rejection) => {
            let date = rejection.date.map(|date| date.to_string()).unwrap_or_default();
            let _ = writeln!(text, "!\t{date}\t{}\t{}", flat(&rejection.reason), flat(&rejection.raw));
        }
    }
}

fn flat(text: &str) -> String {
    text.replace(['\t', '\n', '\r'], " ")
}

pub(super) fn pack(text: &str) -> std::io::Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    std::io::Write::write_all(&mut encoder, text.as_bytes())?;
    encoder.finish()
}

impl FileRows {
    /// Adds the rows of a piece.
    ///
    /// # Errors
    /// When the piece is not one that was written here.
    pub fn add(&mut self, body: &[u8]) -> anyhow::Result<()> {
        let mut text = String::new();
        ZlibDecoder::new(body).take(MOST_UNPACKED).read_to_string(&mut text)?;
        for line in text.lines() {
            self.line(line).ok_or_else(|| anyhow::anyhow!("a kept row cannot be read: {line:.80}"))?;
        }
        Ok(())
    }

    fn line(&mut self, line: &str) -> Option<()> {
        if let Some(rejected) = line.strip_prefix("!\t") {
            let mut parts = rejected.splitn(3, '\t');
            let date = parts.next()?.parse().ok();
            let (reason, raw) = (parts.next()?.to_owned(), parts.next()?.to_owned());
            self.unreadable.push(Rejection { date, bar: None, raw, reason, decided: None });
            return Some(());
        }
        let mut parts = line.splitn(8, '\t');
        let date = parts.next()?.parse().ok()?;
        let mut values = [None; 6];
        for value in &mut values {
            let text = parts.next()?;
            *value = if text.is_empty() { None } else { Some(text.parse::<f64>().ok()?) };
        }
        let [open, high, low, close, volume, ratio] = values;
        let raw = parts.next()?.to_owned();
        self.rows.push(Row { bar: Bar { date, open, high, low, close, volume }, raw });
        self.splits.extend(ratio.map(|ratio| Split { date, ratio }));
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn rows_read_back_to_the_last_digit(
            values in prop::array::uniform5(prop::option::of(prop::num::f64::NORMAL)),
            ratio in prop::option::of(0.01..100.0),
            raw in "[^\t\r\n]{0,40}",
        ) {
            let date = "2026-01-05".parse().unwrap();
            let [open, high, low, close, volume] = values;
            let row = Row { bar: Bar { date, open, high, low, close, volume }, raw: raw.clone() };
            let split = ratio.map(|ratio| Split { date, ratio });
            let reason = "3 fields\tinstead of 6".to_owned();
            let rejection = Rejection { date: None, bar: None, raw, reason, decided: None };
            let mut text = String::new();
            write(&mut text, &Ok((row.clone(), split)));
            write(&mut text, &Err(rejection.clone()));
            let mut found = FileRows::default();
            found.add(&pack(&text).unwrap()).unwrap();
            prop_assert_eq!(found.rows, vec![row]);
            prop_assert_eq!(found.splits, split.into_iter().collect::<Vec<_>>());
            let flat = Rejection { reason: "3 fields instead of 6".to_owned(), ..rejection };
            prop_assert_eq!(found.unreadable, vec![flat]);
        }
    }
}
