//! Stock codes as J-Quants writes them: always five characters, the fifth `0` for a common stock.

use crate::stock::bar::StockCode;

/// `7203` is `72030`, `130A` is `130A0`, `25935` stays; none for what Tokyo does not list, such as an index.
pub(super) fn theirs(code: &StockCode) -> Option<String> {
    let text = code.as_str();
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match text.len() {
        4 if plain => Some(format!("{text}0")),
        5 if plain => Some(text.to_owned()),
        _ => None,
    }
}

/// The code as its exchange writes it; none for a text that is no code of theirs.
pub(super) fn ours(code: &str) -> Option<StockCode> {
    let plain = code.len() == 5 && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let short = code.strip_suffix('0').unwrap_or(code);
    if plain { StockCode::parse(short).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_go_there_and_back() {
        for (here, there) in [("7203", "72030"), ("130A", "130A0"), ("25935", "25935"), ("1300", "13000")] {
            let code = StockCode::parse(here).unwrap();
            assert_eq!(theirs(&code).as_deref(), Some(there));
            assert_eq!(ours(there), Some(code));
        }
    }

    #[test]
    fn what_is_no_code_of_tokyo_has_none_of_theirs() {
        for text in ["^NKX", "BRK-B", "720", "720300", "AAPL.X"] {
            assert_eq!(theirs(&StockCode::parse(text).unwrap()), None, "{text}");
        }
        for text in ["", "7203", "720300", "72 30", "７２０３０", "^7203"] {
            assert_eq!(ours(text), None, "{text}");
        }
    }
}
