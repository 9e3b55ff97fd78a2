//! Lines of prices as SVG: small ones for lists, a larger one for a company's page. Pure.
//!
//! A session without a value breaks the line; no value is invented for it. Shapes are closed (`{}`): within HTML an
//! open one would swallow those after it.

use std::fmt::Write as _;

use chrono::{Datelike, NaiveDate};
use maud::{Markup, html};

use crate::http::page::grouped;

/// A rectangle in the drawing, in its units; y grows downwards.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Area {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
}

/// What values stand at an area's bottom and top.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Scale {
    low: f64,
    high: f64,
}

/// One line of a chart: its class for the style sheet, and a value or none for each session.
pub(super) struct Line<'a> {
    pub class: &'static str,
    pub values: &'a [Option<f64>],
}

const SMALL: Area = Area { left: 1.0, top: 2.0, width: 118.0, height: 24.0 };
const LARGE: Area = Area { left: 0.0, top: 12.0, width: 820.0, height: 268.0 };

/// A line of 120 by 28, without axes; nothing when there is no value.
pub(super) fn sparkline(values: &[Option<f64>], label: &str) -> Markup {
    let Some(scale) = Scale::of(values.iter()) else { return html! {} };
    html! {
        svg class="spark" viewBox="0 0 120 28" width="120" height="28" role="img" aria-label=(label) {
            path class="close" d=(path(values, scale, SMALL)) {}
        }
    }
}

/// Lines over the same sessions, with prices at the right and months below; nothing when there is no value.
pub(super) fn chart(dates: &[NaiveDate], lines: &[Line<'_>], label: &str) -> Markup {
    let Some(scale) = Scale::of(lines.iter().flat_map(|line| line.values)) else { return html! {} };
    let bottom = LARGE.top + LARGE.height;
    html! {
        svg class="chart" viewBox="0 0 900 310" role="img" aria-label=(label) {
            @for price in scale.ticks() {
                @let y = round(scale.y(price, LARGE));
                line class="grid" x1="0" x2=(LARGE.width) y1=(y) y2=(y) {}
                text class="tick" x=(LARGE.width + 8.0) y=(y + 4.0) { (grouped(&price.to_string())) }
            }
            @for (index, text) in months(dates) {
                @let x = round(x(index, dates.len(), LARGE));
                line class="grid" x1=(x) x2=(x) y1=(LARGE.top) y2=(bottom) {}
                text class="tick" x=(x + 3.0) y=(bottom + 18.0) { (text) }
            }
            @for line in lines {
                path class=(line.class) d=(path(line.values, scale, LARGE)) {}
            }
        }
    }
}

impl Scale {
    fn of<'a>(values: impl Iterator<Item = &'a Option<f64>>) -> Option<Self> {
        let finite = values.filter_map(|value| value.filter(|value| value.is_finite()));
        finite.fold(None, |scale: Option<Self>, value| {
            let scale = scale.unwrap_or(Self { low: value, high: value });
            Some(Self { low: scale.low.min(value), high: scale.high.max(value) })
        })
    }

    /// A flat line runs through the middle.
    fn y(self, value: f64, area: Area) -> f64 {
        let span = self.high - self.low;
        let share = if span > 0.0 { (value - self.low) / span } else { 0.5 };
        area.top + area.height * (1.0 - share)
    }

    /// Round values within the scale, about five: multiples of 1, 2 or 5 times a power of ten.
    fn ticks(self) -> Vec<f64> {
        let rough = (self.high - self.low) / 5.0;
        if !(rough.is_finite() && rough > 0.0) {
            return vec![self.low];
        }
        let magnitude = 10_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|n| n * magnitude).into_iter().find(|step| *step >= rough);
        let step = step.unwrap_or(rough);
        let first = (self.low / step).ceil();
        (0..12)
            .map(|n| first + f64::from(n))
            .take_while(|n| n * step <= self.high)
            // As text, so that 0.1 · 3 is shown as 0.3.
            .map(|n| format!("{:.10}", n * step).parse().unwrap_or(n * step))
            .collect()
    }
}

/// `M` begins after each gap. A value alone gets a line of no length, which round caps show as a dot.
fn path(values: &[Option<f64>], scale: Scale, area: Area) -> String {
    let mut path = String::new();
    let value = |index: usize| values.get(index).copied().flatten().filter(|value| value.is_finite());
    for index in 0..values.len() {
        let Some(y) = value(index).map(|value| scale.y(value, area)) else { continue };
        let x = x(index, values.len(), area);
        let begins = index.checked_sub(1).and_then(value).is_none();
        let alone = begins && value(index + 1).is_none();
        let _ = write!(path, "{}{:.1} {:.1}", if begins { "M" } else { "L" }, x, y);
        path.push_str(if alone { "h0" } else { "" });
    }
    path
}

/// Sessions stand at equal distances.
fn x(index: usize, count: usize, area: Area) -> f64 {
    let share = if count > 1 { index as f64 / (count - 1) as f64 } else { 0.5 };
    area.left + area.width * share
}

/// The first session of every second month, with its name.
fn months(dates: &[NaiveDate]) -> Vec<(usize, String)> {
    let month = |date: &NaiveDate| date.month0() / 2;
    let begins = |index: usize| index > 0 && month(&dates[index]) != month(&dates[index - 1]);
    (0..dates.len())
        .filter(|index| begins(*index))
        .map(|index| (index, dates[index].format("%Y-%m").to_string()))
        .collect()
}

fn round(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

#[cfg(test)]
#[path = "svg_tests.rs"]
mod tests;
