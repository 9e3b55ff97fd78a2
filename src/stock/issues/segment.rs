//! The market segment of a list in the words of `company.listed_market`.

/// What `company.listed_market` can hold, in characters.
const LONGEST: usize = 32;

/// A segment that says nothing: where J-Quants puts whatever is not in one of the three.
pub(super) const OTHER: &str = "その他";

/// JPX's name of the segment of funds has 33 characters.
const FUNDS: (&str, &str) =
    ("REIT・ベンチャーファンド・カントリーファンド・インフラファンド", "REIT・インフラファンド等");

/// The segment of a list in the words used for companies: プライム for `プライム（内国株式）`, and 東証1部 for the
/// `市場第一部（内国株）` of lists before April 2022. Others stay as they are written, cut where they are too long.
/// None where the list does not say, or says その他.
#[must_use]
pub fn segment(listed: Option<&str>) -> Option<String> {
    let written = listed?.trim();
    let word = match written.split_once(['（', '(']) {
        Some((word, kind)) if kind.starts_with("内国株") || kind.starts_with("外国株") => word,
        _ => written,
    };
    match word {
        "" | "-" | "－" | OTHER => None,
        "市場第一部" => Some("東証1部".to_owned()),
        "市場第二部" => Some("東証2部".to_owned()),
        // J-Quants' name of what JPX calls PRO Market.
        "TOKYO PRO MARKET" => Some("PRO Market".to_owned()),
        word if word == FUNDS.0 => Some(FUNDS.1.to_owned()),
        word if word.chars().count() > LONGEST => Some(word.chars().take(LONGEST - 1).chain(['…']).collect()),
        word => Some(word.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_publishers_have_one_word_for_a_segment() {
        for (listed, word) in [
            ("プライム（内国株式）", "プライム"),
            ("スタンダード（外国株式）", "スタンダード"),
            ("グロース", "グロース"),
            ("市場第一部（内国株）", "東証1部"),
            ("マザーズ（内国株）", "マザーズ"),
            ("ETF・ETN", "ETF・ETN"),
            ("TOKYO PRO MARKET", "PRO Market"),
            ("出資証券", "出資証券"),
        ] {
            assert_eq!(segment(Some(listed)).as_deref(), Some(word));
        }
    }

    #[test]
    fn every_word_fits_its_column() {
        let long = "あ".repeat(33);
        for listed in [FUNDS.0, &long] {
            assert!(segment(Some(listed)).is_some_and(|word| word.chars().count() <= LONGEST), "{listed}");
        }
        assert_eq!(segment(Some(&"あ".repeat(32))), Some("あ".repeat(32)));
    }

    #[test]
    fn what_says_nothing_is_none() {
        for listed in [None, Some(""), Some("-"), Some("その他"), Some(" － ")] {
            assert_eq!(segment(listed), None, "{listed:?}");
        }
    }
}
