//! When two bars of the same session say the same.

use crate::stock::bar::Bar;

/// One source repeats itself to the last digit; only the shortening of its floating-point numbers differs.
const SAME_SOURCE: f64 = 1e-6;

/// Two sources round the same adjusted price differently: in part by a share of it …
const OTHER_SOURCE: f64 = 5e-4;

/// … and in part to a tenth of the currency, so that two values are up to this far apart.
const ROUNDING: f64 = 0.06;

/// Rounding is never taken for more than this part of a price: below a few units vendors give more digits.
const ROUNDING_AT_MOST: f64 = 0.01;

/// Whether prices agree, and for one and the same source the volume: sources count volumes differently.
/// A value where the other has none is no agreement.
pub(super) fn agree(old: &Bar, new: &Bar, same_source: bool) -> bool {
    let prices = prices(old).into_iter().zip(prices(new));
    prices.into_iter().all(|pair| price_agrees(pair, same_source))
        && (!same_source || pair_agrees((old.volume, new.volume), |a, b| within(a, b, SAME_SOURCE * b.abs())))
}

/// Whether the prices of another source are the stored ones times `ratio`, when they may be off by `tolerance`, a part of
/// the price, or by the rounding of both.
pub(super) fn agree_within(old: &Bar, new: &Bar, ratio: f64, tolerance: f64) -> bool {
    let near = |old: f64, new: f64| {
        // Unscaled, both are rounded alike and one allowance is enough.
        let scaled = if ratio == 1.0 { 0.0 } else { ratio * rounding(old) };
        within(old * ratio, new, (rounding(new) + scaled).max(tolerance * new.abs()))
    };
    prices(old).into_iter().zip(prices(new)).all(|pair| pair_agrees(pair, near))
}

/// How far a price may be off by a vendor's rounding, in the currency.
pub(super) fn rounding(price: f64) -> f64 {
    ROUNDING.min(ROUNDING_AT_MOST * price.abs())
}

pub(super) fn within(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance
}

pub(super) fn prices(bar: &Bar) -> [Option<f64>; 4] {
    [bar.open, bar.high, bar.low, bar.close]
}

fn price_agrees(pair: (Option<f64>, Option<f64>), same_source: bool) -> bool {
    pair_agrees(pair, |a, b| {
        let tolerance = if same_source { SAME_SOURCE * b.abs() } else { rounding(b).max(OTHER_SOURCE * b.abs()) };
        within(a, b, tolerance)
    })
}

fn pair_agrees(pair: (Option<f64>, Option<f64>), same: impl Fn(f64, f64) -> bool) -> bool {
    match pair {
        (Some(a), Some(b)) => same(a, b),
        (None, None) => true,
        _ => false,
    }
}
