//! When two spellings are one name. Lists write `ＫＤＤＩ` for what elsewhere is 株式会社KDDI.

/// Whether two names differ in no more than their spelling: full or half width, blanks, case, the legal form, and
/// the dashes and tildes that the conversions of Japanese encodings mistake for one another.
#[must_use]
pub fn same_name(one: &str, other: &str) -> bool {
    one == other || folded(one) == folded(other)
}

fn folded(name: &str) -> String {
    let plain: String = name.chars().filter(|c| !c.is_whitespace()).map(fold).collect();
    plain.replace("株式会社", "").replace("(株)", "").to_lowercase()
}

fn fold(c: char) -> char {
    match c {
        // The full-width forms stand in the order of ASCII.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '\u{301c}' => '~',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_are_one_name() {
        for (one, other) in [
            ("株式会社KDDI", "ＫＤＤＩ"),
            ("株式会社三菱UFJフィナンシャル・グループ", "三菱ＵＦＪフィナンシャル・グループ"),
            ("ＮＥＸＴ　ＦＵＮＤＳ", "Next Funds"),
            ("Ｌｉｎｋ\u{2212}Ｕ", "Ｌｉｎｋ\u{ff0d}Ｕ"),
            ("甲（株）", "甲"),
        ] {
            assert!(same_name(one, other), "{one} {other}");
        }
    }

    #[test]
    fn other_names_are_others() {
        for (one, other) in
            [("日本電産", "ニデック"), ("テクノプロ", "テクノプロ・ホールディングス"), ("アルファ", "アルファＣｏ")]
        {
            assert!(!same_name(one, other), "{one} {other}");
        }
    }
}
