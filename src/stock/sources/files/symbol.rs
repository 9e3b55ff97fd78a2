//! What a vendor calls a company, as its stock code and country: in a cell, or in a file's name.

use super::error::{FileError, shown};
use crate::stock::bar::StockCode;
use crate::stock::calendar::Market;
use crate::told;
use crate::told::Told;

/// A company as a file names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Symbol {
    pub code: StockCode,
    /// ISO 3166, where the file tells.
    pub country: Option<String>,
}

/// What vendors append to a code, and the country it stands for.
const SUFFIXES: [(&str, &str); 10] = [
    ("JP", "JP"),
    ("T", "JP"),
    ("US", "US"),
    ("UK", "GB"),
    ("L", "GB"),
    ("DE", "DE"),
    ("F", "DE"),
    ("HK", "HK"),
    ("HU", "HU"),
    ("PA", "FR"),
];

fn country(suffix: &str) -> Option<String> {
    let found = SUFFIXES.iter().find(|(known, _)| suffix.eq_ignore_ascii_case(known));
    found.map(|(_, country)| (*country).to_owned())
}

impl Symbol {
    pub(super) fn alone(code: StockCode) -> Self {
        Self { code, country: None }
    }

    /// Where the company is traded, as far as its symbol tells: codes of Tokyo begin with a digit.
    pub(super) fn market(&self) -> Market {
        let known = self.country.as_deref().and_then(Market::of_country);
        let looks_japanese = self.code.as_str().starts_with(|c: char| c.is_ascii_digit());
        known.unwrap_or(if looks_japanese { Market::Tokyo } else { Market::NewYork })
    }
}

/// `7203.JP`, `7203.T`, `AAPL.US`, `^NKX`, `BRK-B`.
pub(super) fn with_suffix(text: &str) -> Result<Symbol, Told> {
    let split = text.rsplit_once('.').and_then(|(code, suffix)| Some((code, country(suffix)?)));
    let (code, country) = split.map_or((text, None), |(code, country)| (code, Some(country)));
    Ok(Symbol { code: parse(code)?, country })
}

/// J-Quants' five characters: `72030` is 7203, and 25935 is itself.
pub(super) fn jquants(text: &str) -> Result<Symbol, Told> {
    let code = if text.len() == 5 { text.strip_suffix('0').unwrap_or(text) } else { text };
    Ok(Symbol { code: parse(code)?, country: Some("JP".to_owned()) })
}

/// As it stands.
pub(super) fn plain(text: &str) -> Result<Symbol, Told> {
    parse(text).map(Symbol::alone)
}

fn parse(code: &str) -> Result<StockCode, Told> {
    StockCode::parse(code).map_err(Told::from)
}

/// `7203.jp.csv`, `7203_jp_d.csv`, `^nkx_d.csv`, `AAPL.csv`, `7203.T (1).csv`: the code is what comes first.
pub(super) fn of_file(name: &str) -> Result<Symbol, FileError> {
    let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let mut parts = base.split(['.', '_', ' ']);
    let code = parts.next().unwrap_or_default();
    let unnamed = || {
        let base = shown(base);
        FileError::content(told!(
            "the name {base} begins with no stock code: name the company (--company CODE)",
            "ファイル名 {base} の先頭に銘柄コードがありません。会社を指定してください（--company CODE）"
        ))
    };
    let code = StockCode::parse(code).map_err(|_| unnamed())?;
    let mut symbol = Symbol::alone(code);
    for (at, part) in parts.enumerate() {
        if at == 0 {
            symbol.country = country(part);
        }
        if ["w", "m", "q", "y"].iter().any(|period| part.eq_ignore_ascii_case(period)) {
            let base = shown(base);
            return Err(FileError::content(told!(
                "the name {base} says that the bars are of weeks or longer: daily ones are due",
                "ファイル名 {base} によると週足以上の株価です。日足だけを取り込めます"
            )));
        }
    }
    Ok(symbol)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(symbol: &Symbol) -> (&str, Option<&str>) {
        (symbol.code.as_str(), symbol.country.as_deref())
    }

    #[test]
    fn a_code_and_its_country_are_read_from_a_name() {
        for (name, code, country) in [
            ("data/daily/jp/tse stocks/1/7203.jp.txt", "7203", Some("JP")),
            ("7203_jp_d.csv", "7203", Some("JP")),
            ("^nkx_d.csv", "^NKX", None),
            ("^nkx_d.1914-2020.csv", "^NKX", None),
            ("130A.T.csv", "130A", Some("JP")),
            ("brk-b.us.txt", "BRK-B", Some("US")),
            ("7203.T (1).csv", "7203", Some("JP")),
            ("C:\\data\\1301.csv", "1301", None),
        ] {
            assert_eq!(told(&of_file(name).unwrap()), (code, country), "{name}");
        }
        for name in ["", ".csv", "株価.csv", "4063-T-1d-bad-div-fixed.csv", "7203_jp_w.csv"] {
            assert!(of_file(name).is_err(), "{name}");
        }
    }

    #[test]
    fn symbols_of_vendors_are_codes() {
        assert_eq!(told(&with_suffix("7203.JP").unwrap()), ("7203", Some("JP")));
        assert_eq!(told(&with_suffix("^nkx").unwrap()), ("^NKX", None));
        assert_eq!(told(&with_suffix("BRK.B").unwrap()), ("BRK.B", None));
        assert_eq!(told(&jquants("72030").unwrap()), ("7203", Some("JP")));
        assert_eq!(told(&jquants("25935").unwrap()), ("25935", Some("JP")));
        assert_eq!(told(&jquants("130A0").unwrap()), ("130A", Some("JP")));
        assert!(plain("7203 JP").is_err());
    }
}
