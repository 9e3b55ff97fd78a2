//! Numbers as people read them. Pure.

use std::cmp::Ordering;

use maud::{Markup, html};

use super::currency::Currency;
use crate::http::page::grouped;

/// With a comma every three digits and always as many decimals, so that prices stand below each other: `1,234.50`. An
/// absent one is a dash.
pub(super) fn price(value: Option<f64>, currency: Currency) -> String {
    decimals(value, currency.decimals)
}

/// Shares: whole ones.
pub(super) fn volume(value: Option<f64>) -> String {
    decimals(value, 0)
}

fn decimals(value: Option<f64>, decimals: usize) -> String {
    let Some(value) = value.filter(|value| value.is_finite()) else { return "–".into() };
    let text = format!("{:.decimals$}", value.abs());
    let sign = if value < 0.0 && text.bytes().any(|b| (b'1'..=b'9').contains(&b)) { "−" } else { "" };
    format!("{sign}{}", grouped(&text))
}

/// The change from `before` to `now`, absolute and in percent, as a sign first and a colour second.
pub(super) fn change(before: f64, now: f64, currency: Currency) -> Markup {
    let difference = now - before;
    let (class, sign) = match difference.partial_cmp(&0.0) {
        Some(Ordering::Greater) => ("up", "+"),
        Some(Ordering::Less) => ("down", "−"),
        _ => ("quiet", "±"),
    };
    let percent = decimals(Some((difference / before * 100.0).abs()), 2);
    html! { span class=(class) { (sign) (price(Some(difference.abs()), currency)) " (" (sign) (percent) " %)" } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_of_a_currency_have_as_many_decimals_each() {
        let (yen, dollar) = (Currency::of("JP"), Currency::of("US"));
        for (value, in_yen, in_dollars) in [
            (0.0, "0.0", "0.00"),
            (893.0, "893.0", "893.00"),
            (878.3, "878.3", "878.30"),
            (1_234_567.891, "1,234,567.9", "1,234,567.89"),
            (-1_234.0, "−1,234.0", "−1,234.00"),
            (-0.001, "0.0", "0.00"),
        ] {
            assert_eq!((price(Some(value), yen), price(Some(value), dollar)), (in_yen.into(), in_dollars.into()));
        }
        assert_eq!((price(None, yen), volume(Some(526_400.0))), ("–".into(), "526,400".into()));
    }

    #[test]
    fn a_change_has_its_sign_in_words_and_not_only_in_colour() {
        let change = |before, now| change(before, now, Currency::of("JP")).into_string();
        assert_eq!(change(100.0, 101.5), "<span class=\"up\">+1.5 (+1.50 %)</span>");
        assert_eq!(change(100.0, 90.0), "<span class=\"down\">−10.0 (−10.00 %)</span>");
        assert_eq!(change(5.0, 5.0), "<span class=\"quiet\">±0.0 (±0.00 %)</span>");
    }
}
