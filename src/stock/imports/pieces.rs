//! Rows gathered by company while a file is read, in bounded memory: what is full goes on its way.

use std::collections::HashMap;

use tokio::sync::mpsc::Sender;

use super::lines::{pack, write};
use crate::{
    stock::{
        bar::StockCode,
        sources::files::{FileError, FileRow, Sink},
        store::imports::Piece,
    },
    told,
};

/// Text of one company that makes a piece.
const FULL: usize = 256 * 1024;
/// Text of all companies together that is held.
const MOST_HELD: usize = 8 * 1024 * 1024;
/// Daily bars of one company since the first exchange opened are fewer.
const MOST_ROWS: u32 = 100_000;
/// All exchanges of the world list about as many.
const MOST_COMPANIES: usize = 50_000;

/// Sends pieces to whoever stores them.
pub(super) struct Gatherer {
    companies: HashMap<StockCode, Gathered>,
    held: usize,
    sender: Sender<Vec<Piece>>,
}

#[derive(Default)]
struct Gathered {
    country: Option<String>,
    text: String,
    rows: u32,
    pieces: u32,
}

impl Gatherer {
    pub(super) fn new(sender: Sender<Vec<Piece>>) -> Self {
        Self { companies: HashMap::new(), held: 0, sender }
    }

    /// Sends what is left. Gives the number of companies.
    ///
    /// # Errors
    /// When nobody takes it.
    pub(super) fn finish(mut self) -> Result<usize, FileError> {
        self.send_all()?;
        Ok(self.companies.len())
    }

    fn send_all(&mut self) -> Result<(), FileError> {
        let mut pieces = Vec::new();
        let mut bytes = 0;
        for (code, gathered) in &mut self.companies {
            let Some(piece) = gathered.piece(code)? else { continue };
            bytes += piece.body.len();
            pieces.push(piece);
            if bytes > FULL {
                send(&self.sender, std::mem::take(&mut pieces))?;
                bytes = 0;
            }
        }
        self.held = 0;
        send(&self.sender, pieces)
    }
}

fn send(sender: &Sender<Vec<Piece>>, pieces: Vec<Piece>) -> Result<(), FileError> {
    if pieces.is_empty() { Ok(()) } else { sender.blocking_send(pieces).map_err(|_| FileError::stopped()) }
}

impl Gathered {
    fn piece(&mut self, code: &StockCode) -> Result<Option<Piece>, FileError> {
        if self.text.is_empty() {
            return Ok(None);
        }
        let body = pack(&std::mem::take(&mut self.text))?;
        let seq = self.pieces;
        self.pieces += 1;
        Ok(Some(Piece { code: code.clone(), country: self.country.clone(), seq, body }))
    }
}

impl Sink for Gatherer {
    fn row(&mut self, row: FileRow) -> Result<(), FileError> {
        let FileRow { code, country, read } = row;
        if !self.companies.contains_key(&code) {
            if self.companies.len() == MOST_COMPANIES {
                return Err(FileError::content(told!(
                    "it has more than {MOST_COMPANIES} companies",
                    "会社が多すぎます。{MOST_COMPANIES} 社までです"
                )));
            }
            let new = Gathered { country: country.clone(), ..Gathered::default() };
            self.companies.insert(code.clone(), new);
        }
        let Some(gathered) = self.companies.get_mut(&code) else { return Ok(()) };
        if gathered.country != country {
            let both = [&gathered.country, &country].map(|country| country.as_deref().unwrap_or("no country"));
            let [before, here] = both;
            return Err(FileError::content(told!(
                "{code} is of {here} here and of {before} before: import them one by one",
                "{code} の国がここでは {here}、前の行では {before} です。一つずつ取り込んでください"
            )));
        }
        gathered.rows += 1;
        if gathered.rows > MOST_ROWS {
            return Err(FileError::content(told!(
                "{code} has more than {MOST_ROWS} rows, as no company has",
                "{code} の行が多すぎます。1 社 {MOST_ROWS} 行までです"
            )));
        }
        let before = gathered.text.len();
        write(&mut gathered.text, &read);
        self.held += gathered.text.len() - before;
        if gathered.text.len() >= FULL {
            self.held -= gathered.text.len();
            let piece = gathered.piece(&code)?;
            send(&self.sender, piece.into_iter().collect())?;
        }
        if self.held >= MOST_HELD { self.send_all() } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stock::bar::{Bar, Row};

    fn row(code: &str, country: &str) -> FileRow {
        let bar =
            Bar { date: "2026-01-05".parse().unwrap(), open: None, high: None, low: None, close: None, volume: None };
        let read = Ok((Row { bar, raw: "x".repeat(200) }, None));
        FileRow { code: StockCode::parse(code).unwrap(), country: Some(country.to_owned()), read }
    }

    #[test]
    fn what_is_held_stays_bounded_whatever_the_order_of_the_rows() {
        let (sender, mut receiver) = tokio::sync::mpsc::channel(10_000);
        let mut gatherer = Gatherer::new(sender);
        for n in 0..120_000 {
            gatherer.row(row(&format!("{}", 1000 + n % 4000), "JP")).unwrap();
            assert!(gatherer.held < MOST_HELD + FULL);
        }
        assert_eq!(gatherer.finish().unwrap(), 4000);
        let mut rows = 0;
        while let Ok(pieces) = receiver.try_recv() {
            for piece in pieces {
                let mut found = super::super::FileRows::default();
                found.add(&piece.body).unwrap();
                rows += found.rows.len();
            }
        }
        assert_eq!(rows, 120_000);
    }

    #[test]
    fn a_company_with_too_many_rows_or_two_countries_ends_the_reading() {
        let (sender, receiver) = tokio::sync::mpsc::channel(1000);
        let mut gatherer = Gatherer::new(sender.clone());
        let error = (0..=MOST_ROWS).find_map(|_| gatherer.row(row("7203", "JP")).err()).unwrap();
        assert!(error.to_string().contains("more than 100000 rows"), "{error}");
        let mut gatherer = Gatherer::new(sender);
        gatherer.row(row("7203", "JP")).unwrap();
        assert!(
            gatherer.row(row("7203", "US")).unwrap_err().to_string().contains("7203 is of US here and of JP before")
        );
        drop(receiver);
        assert_eq!(gatherer.finish().unwrap_err(), FileError::stopped());
    }
}
