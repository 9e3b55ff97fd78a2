//! The words of the domain: company, code, bar, basis, batch. No I/O, no clock.

use std::fmt;

use chrono::NaiveDate;

use crate::told::Tell;

/// The stock code of a company as its exchange writes it, in upper case: `7203`, `130A`, `AAPL`, `^NKX`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StockCode(String);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no stock code: 1 to 16 letters, digits, dots, dashes or a leading ^ are")]
pub struct StockCodeError(String);

impl Tell for StockCodeError {
    fn japanese(&self) -> String {
        format!(
            "{:?} は銘柄コードではありません。英数字、ピリオド、ハイフン、先頭の ^ からなる 1 から 16 文字です",
            self.0
        )
    }
}

impl StockCode {
    /// # Errors
    /// When the text is empty, longer than 16 characters, or has a character no exchange uses.
    pub fn parse(text: &str) -> Result<Self, StockCodeError> {
        let body = text.strip_prefix('^').unwrap_or(text);
        let fits = !body.is_empty()
            && text.len() <= 16
            && body.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-');
        if fits { Ok(Self(text.to_ascii_uppercase())) } else { Err(StockCodeError(text.chars().take(32).collect())) }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether Tokyo's exchange gives such codes: four characters, as 7203 and 130A, or five whose last is a digit from
    /// 1 to 9, as 25935, for a further issue of a company. Letters that look like digits are not used.
    #[must_use]
    pub fn is_tokyo(&self) -> bool {
        let digit_or_letter = |byte: &u8| byte.is_ascii_digit() || b"ACDFGHJKLMNPRSTUWXY".contains(byte);
        let [first, second, third, fourth, rest @ ..] = self.0.as_bytes() else { return false };
        matches!(first, b'1'..=b'9')
            && digit_or_letter(second)
            && third.is_ascii_digit()
            && digit_or_letter(fourth)
            && matches!(rest, [] | [b'1'..=b'9'])
    }
}

impl fmt::Display for StockCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The key of a company in every table, `0001` and so on: 1 to 16 printable characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CompanyId(String);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no company id: 1 to 16 letters, digits, dots, dashes or underscores are")]
pub struct CompanyIdError(String);

impl Tell for CompanyIdError {
    fn japanese(&self) -> String {
        format!("{:?} は会社 ID ではありません。英数字、ピリオド、ハイフン、下線からなる 1 から 16 文字です", self.0)
    }
}

impl CompanyId {
    /// # Errors
    /// When the text is empty, longer than 16 characters, or has an unusual character.
    pub fn parse(text: &str) -> Result<Self, CompanyIdError> {
        let fits = !text.is_empty()
            && text.len() <= 16
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
        if fits { Ok(Self(text.to_owned())) } else { Err(CompanyIdError(text.chars().take(32).collect())) }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CompanyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One session of one company: prices in the market's currency, volume in shares.
/// A session without trades has no prices; it is a record all the same.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    /// The trading day in the market's zone.
    pub date: NaiveDate,
    pub open: Option<f64>,
    pub high: Option<f64>,
    pub low: Option<f64>,
    pub close: Option<f64>,
    pub volume: Option<f64>,
}

/// What the prices and the volume of a series are adjusted for. One series has one basis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Basis {
    /// Splits only: what Kabutan, Yahoo's `quote` and J-Quants' `Adj*` fields give.
    Split,
    /// Splits and dividends: what Stooq gives.
    SplitDividend,
}

impl Basis {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Split => "split",
            Self::SplitDividend => "split_dividend",
        }
    }

    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Split, Self::SplitDividend].into_iter().find(|b| b.as_str() == name)
    }
}

/// A range of days, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    pub from: NaiveDate,
    pub to: NaiveDate,
}

impl Days {
    /// Every day there can be a bar of: both databases know them, and Tokyo and New York are younger.
    pub const EVER: Self = Self { from: new_year(1800), to: new_year(9999) };

    #[must_use]
    pub fn contains(&self, day: NaiveDate) -> bool {
        self.from <= day && day <= self.to
    }
}

const fn new_year(year: i32) -> NaiveDate {
    match NaiveDate::from_ymd_opt(year, 1, 1) {
        Some(day) => day,
        None => NaiveDate::MIN,
    }
}

/// One row of an answer, with the text it came from.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub bar: Bar,
    pub raw: String,
}

/// A row that is not loaded, with its text and the reason a person understands.
#[derive(Clone, Debug, PartialEq)]
pub struct Rejection {
    pub date: Option<NaiveDate>,
    /// Its values, where it could be read as a row. In a box: parsers give rejections as errors, which are to be small.
    pub bar: Option<Box<Bar>>,
    pub raw: String,
    pub reason: String,
    /// Why nobody need decide about it: it is recorded, and stays out.
    pub decided: Option<&'static str>,
}

/// A split with effect from `date`: `ratio` new shares for each old one (0.1 for a 1:10 consolidation).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Split {
    pub date: NaiveDate,
    pub ratio: f64,
}

/// A source's answer as parsed, before any check.
#[derive(Clone, Debug, PartialEq)]
pub struct RawBatch {
    /// The name of the source: `yahoo`.
    pub source: &'static str,
    pub basis: Basis,
    /// In the order of the answer.
    pub rows: Vec<Row>,
    /// Rows that could not be read at all.
    pub unreadable: Vec<Rejection>,
    pub splits: Vec<Split>,
    /// The days the source answers for: a session in here without a row had no trade or is not published.
    pub vouched: Days,
}

/// Bars that passed every check: one basis, ascending, one per session. Only `checks` makes one.
#[derive(Clone, Debug, PartialEq)]
pub struct BarBatch {
    pub source: &'static str,
    pub basis: Basis,
    pub bars: Vec<Bar>,
    pub rejected: Vec<Rejection>,
    pub vouched: Days,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_tokyo_are_told_from_others() {
        let is_tokyo = |text: &str| StockCode::parse(text).unwrap().is_tokyo();
        for code in ["7203", "130A", "130a", "1A0A", "25935", "94346"] {
            assert!(is_tokyo(code), "{code}");
        }
        // 72030 is how J-Quants writes 7203.
        for code in ["72030", "0123", "720", "72A3", "13OA", "130B", "AAPL", "^NKX", "7203.T", "259351", "2593A"] {
            assert!(!is_tokyo(code), "{code}");
        }
    }
}
