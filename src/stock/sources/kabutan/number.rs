//! Numbers as Kabutan writes them.

/// `2,712.0` is a number; dashes of every width, and nothing, are no value.
pub(super) fn number(text: &str) -> Result<Option<f64>, ()> {
    let text = text.trim();
    if text.chars().all(|c| matches!(c, '－' | '-' | '―' | '−' | '—' | 'ー' | '─')) {
        return Ok(None);
    }
    let plain = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b','));
    let digits = text.replace(',', "");
    if plain { digits.parse().map(Some).map_err(|_| ()) } else { Err(()) }
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn commas_group_and_dashes_mean_none() {
        assert_eq!(number(" 1,143,200 "), Ok(Some(1_143_200.0)));
        assert_eq!(number("2,765.5"), Ok(Some(2_765.5)));
        for none in ["－", "-", "--", "―", ""] {
            assert_eq!(number(none), Ok(None));
        }
        for wrong in ["-5", "1e5", "NaN", "1.2.3", "12株", ".", ","] {
            assert_eq!(number(wrong), Err(()), "{wrong}");
        }
    }
}
