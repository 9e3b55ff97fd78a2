//! Numbers as people read them. Pure.

use std::cmp::Ordering;

use maud::{Markup, html};

/// With a comma every three digits and at most two decimals: `1,234.5`. An absent one is a dash.
pub(super) fn price(value: Option<f64>) -> String {
    let Some(value) = value.filter(|value| value.is_finite()) else { return "–".into() };
    let text = format!("{:.2}", value.abs());
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
    let decimals = decimals.trim_end_matches('0');
    let mut grouped = String::new();
    for (position, digit) in whole.chars().enumerate() {
        if position > 0 && (whole.len() - position) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let sign = if value < 0.0 && text.bytes().any(|b| (b'1'..=b'9').contains(&b)) { "−" } else { "" };
    let point = if decimals.is_empty() { "" } else { "." };
    format!("{sign}{grouped}{point}{decimals}")
}

/// The change from `before` to `now`, absolute and in percent, as a sign first and a colour second.
pub(super) fn change(before: f64, now: f64) -> Markup {
    let difference = now - before;
    let (class, sign) = match difference.partial_cmp(&0.0) {
        Some(Ordering::Greater) => ("up", "+"),
        Some(Ordering::Less) => ("down", "−"),
        _ => ("quiet", "±"),
    };
    let percent = format!("{:.2}", (difference / before * 100.0).abs());
    html! { span class=(class) { (sign) (price(Some(difference.abs()))) " (" (sign) (percent) " %)" } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped_and_decimals_shortened() {
        for (value, text) in [
            (0.0, "0"),
            (999.5, "999.5"),
            (1_000.0, "1,000"),
            (1_234_567.891, "1,234,567.89"),
            (-1_234.0, "−1,234"),
            (-0.001, "0"),
        ] {
            assert_eq!(price(Some(value)), text);
        }
        assert_eq!(price(None), "–");
    }

    #[test]
    fn a_change_has_its_sign_in_words_and_not_only_in_colour() {
        assert_eq!(change(100.0, 101.5).into_string(), "<span class=\"up\">+1.5 (+1.50 %)</span>");
        assert_eq!(change(100.0, 90.0).into_string(), "<span class=\"down\">−10 (−10.00 %)</span>");
        assert_eq!(change(5.0, 5.0).into_string(), "<span class=\"quiet\">±0 (±0.00 %)</span>");
    }
}
