//! The closed set of layouts, and what is known of each without reading a file.

use std::borrow::Cow;

use super::error::{FileError, shown};
use super::form::Form;
use super::{jquants, plain, stooq, stooq_bulk, yahoo, yahoo_japan};
use crate::told;

/// How the rows of a file are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Layout {
    /// One company's CSV as Stooq's page gives it.
    Stooq,
    /// The text files of Stooq's bulk archives.
    StooqBulk,
    /// Yahoo Finance's CSV, and what the Python package yfinance writes.
    Yahoo,
    /// Yahoo! JAPAN's CSV: prices as traded, and an adjusted close.
    YahooJapan,
    /// J-Quants' daily quotes as CSV, several companies in one.
    Jquants,
    /// Our own, documented in `docs/imports.md`.
    Plain,
}

impl Layout {
    /// In the order in which a file is tried.
    pub const ALL: [Self; 6] =
        [Self::Stooq, Self::StooqBulk, Self::Yahoo, Self::YahooJapan, Self::Jquants, Self::Plain];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stooq => "stooq",
            Self::StooqBulk => "stooq-bulk",
            Self::Yahoo => "yahoo",
            Self::YahooJapan => "yahoo-japan",
            Self::Jquants => "jquants",
            Self::Plain => "plain",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|layout| layout.as_str() == name)
    }

    /// The name of the source in tables, where bars come from a file of this layout.
    #[must_use]
    pub const fn source(self) -> &'static str {
        match self {
            Self::Stooq | Self::StooqBulk => "file:stooq",
            Self::Yahoo => "file:yahoo",
            Self::YahooJapan => "file:yahoo-japan",
            Self::Jquants => "file:jquants",
            Self::Plain => "file:plain",
        }
    }

    /// The layout whose bars have this source; the first, where several have.
    #[must_use]
    pub fn of_source(source: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|layout| layout.source() == source)
    }

    /// What a reader of the data must know of its licence.
    #[must_use]
    pub const fn licence_note(self) -> &'static str {
        match self {
            Self::Stooq | Self::StooqBulk => "Stooq, from a file: private use, no redistribution",
            Self::Yahoo => "Yahoo Finance, from a file: private use, no redistribution",
            Self::YahooJapan => "Yahoo! JAPAN Finance, from a file: private use, no redistribution",
            Self::Jquants => {
                "J-Quants (JPX Market Innovation & Research), from a file: private use under its terms, no redistribution"
            }
            Self::Plain => "from a file; whoever imported it knows its licence",
        }
    }

    /// How its first line begins, for a person to compare with.
    pub(super) const fn begins(self) -> &'static str {
        match self {
            Self::Stooq => "Date,Open,High,Low,Close,Volume",
            Self::StooqBulk => "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>",
            Self::Yahoo => "Date,Open,High,Low,Close,Adj Close,Volume",
            Self::YahooJapan => "日付,始値,高値,安値,終値,出来高,調整後終値",
            Self::Jquants => "Date,Code,…,AdjustmentOpen,… or Date,Code,…,AdjO,…",
            Self::Plain => "stock_code,date,open,high,low,close,volume",
        }
    }

    /// The form of a file whose first cells these are. `named`: somebody says that it is this layout, so that columns
    /// which would make it doubtful are no obstacle.
    pub(super) fn recognise(self, cells: &[Cow<'_, str>], named: bool) -> Option<Form> {
        match self {
            Self::Stooq => stooq::recognise(cells),
            Self::StooqBulk => stooq_bulk::recognise(cells),
            Self::Yahoo => yahoo::recognise(cells),
            Self::YahooJapan => yahoo_japan::recognise(cells, named),
            Self::Jquants => jquants::recognise(cells),
            Self::Plain => plain::recognise(cells, named),
        }
    }
}

/// A file that begins with this line is of no layout there is.
pub(super) fn unrecognised(line: &str) -> FileError {
    let is_page = line.trim_start().starts_with('<') && !line.trim_start().starts_with("<TICKER");
    let [english, japanese] = if is_page {
        ["it is a page for browsers, not a file of bars", "株価のファイルではなく、ブラウザー用のページです"]
    } else {
        ["no layout that is known here", "知らない形式です"]
    };
    let layouts: Vec<String> =
        Layout::ALL.into_iter().map(|layout| format!("{} ({})", layout.as_str(), layout.begins())).collect();
    let (line, layouts) = (shown(line), layouts.join(", "));
    FileError::unknown(told!(
        "{english}: it begins with {line}; known are {layouts}; whoever knows better names one of them",
        "{japanese}。{line} で始まっています。読み取れるのは {layouts} です。形式がわかる場合は指定してください"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back_and_every_source_fits_its_column() {
        for layout in Layout::ALL {
            assert_eq!(Layout::parse(layout.as_str()), Some(layout));
            assert_eq!(Layout::of_source(layout.source()).map(Layout::source), Some(layout.source()));
            assert!(layout.source().len() <= 32 && layout.source().starts_with("file:"));
        }
        assert_eq!(Layout::of_source("yahoo"), None);
    }
}
