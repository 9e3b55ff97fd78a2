//! The words of the domain: currency, rate, days. No I/O, no clock.

use std::fmt;

use chrono::NaiveDate;

use crate::told::Tell;

/// A currency by its ISO 4217 code, `USD`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency([u8; 3]);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no currency; write the three letters of its code, as in USD")]
pub struct CurrencyError(String);

impl Tell for CurrencyError {
    fn japanese(&self) -> String {
        format!("{:?} は通貨ではありません。USD のように英字 3 文字の通貨コードを書いてください", self.0)
    }
}

impl Currency {
    /// Reads a code in capital or small letters.
    ///
    /// # Errors
    /// When the text is not three ASCII letters.
    pub fn parse(text: &str) -> Result<Self, CurrencyError> {
        match text.as_bytes() {
            [a, b, c] if text.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
                Ok(Self([a, b, c].map(u8::to_ascii_uppercase)))
            }
            _ => Err(CurrencyError(text.chars().take(32).collect())),
        }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        // Letters of ASCII only, so it is text.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// So many units of the currency were worth one euro on the day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    pub currency: Currency,
    pub date: NaiveDate,
    pub rate: f64,
}

/// From one day to another, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    pub from: NaiveDate,
    pub to: NaiveDate,
}

impl Days {
    #[must_use]
    pub fn contains(self, day: NaiveDate) -> bool {
        (self.from..=self.to).contains(&day)
    }
}

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.from == self.to { write!(f, "{}", self.from) } else { write!(f, "{} to {}", self.from, self.to) }
    }
}

/// What an answer gave, before anybody has judged it. In no order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RawRates {
    pub rates: Vec<Rate>,
    /// What stands where a rate is due and is none.
    pub unreadable: Vec<Rejection>,
}

/// Something given that is not loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// Where they could be read.
    pub currency: Option<Currency>,
    pub date: Option<NaiveDate>,
    /// As the source gave it, cut to a line.
    pub raw: String,
    pub reason: String,
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(currency) = self.currency {
            write!(f, "{currency} ")?;
        }
        if let Some(date) = self.date {
            write!(f, "of {date} ")?;
        }
        write!(f, "{:?}: {}", self.raw, self.reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_currency_is_three_letters() {
        assert_eq!(Currency::parse("usd").unwrap().as_str(), "USD");
        assert_eq!(Currency::parse("USD"), Currency::parse("usd"));
        for text in ["", "US", "USDX", "U$D", "US ", "ÜSD", "円"] {
            assert!(Currency::parse(text).is_err(), "{text}");
        }
    }
}
