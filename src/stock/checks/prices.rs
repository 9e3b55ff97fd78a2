//! The checks of a row's own numbers. Each rule is a function that says in plain English what is wrong.

use super::known::Known;
use super::tally::Tally;
use crate::stock::bar::{Bar, Row};

/// Objects with a reason, or not.
type Rule = fn(&Bar) -> Result<(), String>;

/// What is no bar, whoever says so.
const OF_ANY_BAR: [Rule; 4] = [volume_is_a_count, prices_are_complete, volume_has_prices, prices_are_positive];

/// In this order; the first that objects names the reason.
const RULES: [Rule; 6] =
    [OF_ANY_BAR[0], OF_ANY_BAR[1], OF_ANY_BAR[2], OF_ANY_BAR[3], high_is_the_highest, low_is_the_lowest];

/// Keeps the rows no rule objects to; sessions without trades are written as such.
pub(super) fn keep_sound(rows: Vec<Row>, known: Known<'_>, tally: &mut Tally) -> Vec<Row> {
    let mut kept = Vec::with_capacity(rows.len());
    for mut row in rows {
        match RULES.iter().try_for_each(|rule| rule(&row.bar)) {
            Err(reason) if !known.has(&row.bar) => tally.reject(row, reason),
            _ => {
                row.bar = without_carried_prices(row.bar);
                kept.push(row);
            }
        }
    }
    kept
}

/// Whether there can be such a bar at all: what a person may accept though another rule objects to it.
///
/// # Errors
/// Why there can be none: a price or the volume is no such number, or some of the prices are missing.
pub fn possible(bar: &Bar) -> Result<(), String> {
    OF_ANY_BAR.iter().try_for_each(|rule| rule(bar))
}

fn named(bar: &Bar) -> [(&'static str, Option<f64>); 4] {
    [("open", bar.open), ("high", bar.high), ("low", bar.low), ("close", bar.close)]
}

fn volume_is_a_count(bar: &Bar) -> Result<(), String> {
    match bar.volume {
        Some(volume) if !volume.is_finite() => Err(format!("the volume {volume} is no number")),
        Some(volume) if volume < 0.0 => Err(format!("the volume {volume} is negative")),
        _ => Ok(()),
    }
}

fn prices_are_complete(bar: &Bar) -> Result<(), String> {
    let missing: Vec<_> = named(bar).iter().filter(|(_, price)| price.is_none()).map(|(name, _)| *name).collect();
    if missing.is_empty() || missing.len() == 4 {
        Ok(())
    } else {
        Err(format!("{} missing where other prices are given", missing.join(" and ")))
    }
}

fn volume_has_prices(bar: &Bar) -> Result<(), String> {
    match bar.volume {
        Some(volume) if volume > 0.0 && bar.close.is_none() => Err(format!("a volume of {volume} without prices")),
        _ => Ok(()),
    }
}

fn prices_are_positive(bar: &Bar) -> Result<(), String> {
    for (name, price) in named(bar) {
        match price {
            Some(price) if !price.is_finite() => return Err(format!("the {name} {price} is no number")),
            Some(price) if price <= 0.0 => return Err(format!("the {name} {price} is not above 0")),
            _ => {}
        }
    }
    Ok(())
}

fn high_is_the_highest(bar: &Bar) -> Result<(), String> {
    let Some(high) = bar.high else { return Ok(()) };
    match named(bar).into_iter().find_map(|(name, price)| price.filter(|price| *price > high).map(|p| (name, p))) {
        Some((name, price)) => Err(format!("the high {high} is below the {name} {price}")),
        None => Ok(()),
    }
}

fn low_is_the_lowest(bar: &Bar) -> Result<(), String> {
    let Some(low) = bar.low else { return Ok(()) };
    match named(bar).into_iter().find_map(|(name, price)| price.filter(|price| *price < low).map(|p| (name, p))) {
        Some((name, price)) => Err(format!("the low {low} is above the {name} {price}")),
        None => Ok(()),
    }
}

/// No trade means no prices: not the last close carried forward, which is one price four times and a volume of 0.
#[must_use]
pub fn without_carried_prices(bar: Bar) -> Bar {
    let flat = bar.open == bar.close && bar.high == bar.close && bar.low == bar.close;
    let untraded = bar.volume == Some(0.0) && flat;
    if untraded || bar.close.is_none() {
        Bar { date: bar.date, open: None, high: None, low: None, close: None, volume: None }
    } else {
        bar
    }
}
