//! One company's prices and volumes, day by day: a random walk with a common market factor, a variance that
//! clusters (GARCH(1,1), Bollerslev 1986) and a gentle pull towards the base, so that decades stay sane.

use chrono::NaiveDate;

use super::draw::Draw;
use super::specs::{NO_TRADE_AT_ALL, Ratio, Spec};
use crate::stock::bar::Bar;

/// No day moves a price by more, which is near the exchange's own daily limits.
const LIMIT: f64 = 0.15;
/// Part of the distance to the base that a day takes back.
const PULL: f64 = 0.001;
/// Standard deviation of the return that all companies share.
const COMMON: f64 = 0.006;
/// Shares are traded in lots of this size.
const LOT: f64 = 100.0;

/// The bars as traded of the given sessions, which ascend from the first one listed.
pub(super) fn bars(spec: &Spec, seed: u64, sessions: impl Iterator<Item = NaiveDate>) -> Vec<Bar> {
    let mut walk = Walk { close: spec.base_yen, variance: spec.volatility * spec.volatility };
    sessions.map(|date| walk.step(spec, seed, date)).collect()
}

/// The state between two sessions, on the basis after all splits.
struct Walk {
    close: f64,
    variance: f64,
}

impl Walk {
    fn step(&mut self, spec: &Spec, seed: u64, date: NaiveDate) -> Bar {
        let mut draw = Draw::of(seed, spec.code, date);
        if is_idle(spec, date, &mut draw) {
            return Bar { date, open: None, high: None, low: None, close: None, volume: None };
        }
        let before = self.close;
        let change = self.change(spec, Draw::of(seed, "market", date).normal(), draw.normal());
        let deviation = self.variance.sqrt();
        let open = before * (1.0 + 0.3 * change + 0.3 * deviation * draw.normal().clamp(-3.0, 3.0));
        let close = before * (1.0 + change);
        let high = open.max(close) * (1.0 + 0.5 * deviation * draw.normal().abs());
        let low = open.min(close) * (1.0 - 0.5 * deviation * draw.normal().abs());
        let volume = spec.base_volume * (0.5 + draw.uniform()) * (0.7 + 0.5 * change.abs() / spec.volatility);
        self.close = close;
        as_traded(spec, date, [open, high, low, close], volume)
    }

    /// The day's return; moves the variance on.
    fn change(&mut self, spec: &Spec, common: f64, own: f64) -> f64 {
        let shock = self.variance.sqrt() * own;
        let pull = PULL * (1.0 - self.close / spec.base_yen);
        let usual = spec.volatility * spec.volatility;
        self.variance = 0.04 * usual + 0.08 * shock * shock + 0.88 * self.variance;
        (0.0002 + pull + COMMON * common + shock).clamp(-LIMIT, LIMIT)
    }
}

fn is_idle(spec: &Spec, date: NaiveDate, draw: &mut Draw) -> bool {
    let halted = spec.halts.iter().any(|(from, to)| *from <= date && date <= *to);
    // Drawn in any case, so that a halt changes no other chance of the day.
    let idle = draw.uniform() < spec.idle;
    halted || idle || date == NO_TRADE_AT_ALL
}

fn as_traded(spec: &Spec, date: NaiveDate, prices: [f64; 4], volume: f64) -> Bar {
    let ratio = match spec.split {
        Some((split, ratio)) if date < split => ratio,
        _ => Ratio { new: 1, old: 1 },
    };
    let [open, high, low, close] = prices.map(|price| Some(on_tick(price * ratio.as_f64(), ratio)));
    let lots = (volume / ratio.as_f64() / LOT).round().max(1.0);
    let volume = (spec.missing_volume != Some(date)).then_some(lots * LOT);
    let (high, low) = if spec.bad_row == Some(date) { (low, high) } else { (high, low) };
    Bar { date, open, high, low, close, volume }
}

/// The nearest price of 0.1 yen that is one of 0.1 yen after the split too: Kabutan prints one decimal.
fn on_tick(yen: f64, ratio: Ratio) -> f64 {
    let tick = ratio.new as f64;
    let tenths = (yen * 10.0 / tick).round().max(1.0) * tick;
    tenths / 10.0
}
