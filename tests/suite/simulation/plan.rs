//! What will happen: the market of a seed, what its sources have wrong and when, and which requests fail.

use std::time::Duration;

use chrono::NaiveDate;
use data_infrastructure::stock::{
    bar::{Bar, Days},
    calendar::{Calendar, Market},
    company::{Company, CompanyStatus},
    sample::{Disturbance, DisturbanceKind, FaultKind, FaultPlan, SampleData, Series, When},
};
use fastrand::Rng;

use crate::world::{company, day};

const COMPANIES: usize = 50;
/// Of requests, one in ten.
const RATE: f64 = 0.1;
/// Sessions between two disturbances of one company: each is over before the next begins.
const APART: usize = 14;

pub struct Plan {
    pub market: SampleData,
    pub faults: FaultPlan,
    /// The evening of the first load, the sixty sessions of the simulation, and a quiet one.
    days: Vec<NaiveDate>,
}

impl Plan {
    /// Sixty-two sessions around a new year: the Culture Day that Yahoo takes for a session, Labour Thanksgiving, the
    /// exchange's own holidays to 3 January, Coming of Age Day.
    pub fn of(seed: u64) -> Self {
        let from = day("2023-10-30");
        let days: Vec<_> =
            Calendar::embedded(Market::Tokyo).sessions(Days { from, to: day("2024-03-29") }).take(62).collect();
        let market = SampleData::generated(seed, COMPANIES, Days { from, to: days[61] });
        let mut chances = Rng::with_seed(seed);
        let all: Vec<&Series> = market.series().collect();
        let disturbances: Vec<Disturbance> =
            all.iter().enumerate().flat_map(|(nth, series)| disturb(nth, series, &days, &mut chances)).collect();
        let faults = faults(seed, &days);
        Self { market: market.disturbed(disturbances), faults, days }
    }

    pub fn history_from(&self) -> NaiveDate {
        Calendar::embedded(Market::Tokyo).nth_session_before(self.first_day(), 25)
    }

    pub fn first_day(&self) -> NaiveDate {
        self.days[0]
    }

    pub fn simulated_days(&self) -> impl Iterator<Item = NaiveDate> {
        self.days[1..61].iter().copied()
    }

    pub fn last_day(&self) -> NaiveDate {
        self.days[61]
    }

    /// The master of a day: a company is there from its listing on, and delisted the day after its last session, or
    /// where somebody sleeps, ten sessions later.
    pub fn companies_on(&self, today: NaiveDate) -> Vec<Company> {
        let listed = |series: &&Series| !series.raw_as_of(today).is_empty();
        let all = self.market.series().enumerate().filter(|(_, series)| listed(series));
        all.map(|(nth, series)| {
            let from = first_day(series);
            let gone = series.listed_to.filter(|last| after(&self.days, *last, delay(nth)) <= today);
            Company {
                status: if gone.is_some() { CompanyStatus::Delisted } else { CompanyStatus::Active },
                listed_from: (from > self.first_day()).then_some(from),
                listed_to: gone,
                ..company(series)
            }
        })
        .collect()
    }
}

pub fn first_day(series: &Series) -> NaiveDate {
    series.raw_as_of(NaiveDate::MAX)[0].date
}

/// Sessions until the master knows of a delisting.
fn delay(nth: usize) -> usize {
    if (nth / 10).is_multiple_of(2) { 1 } else { 10 }
}

/// So many sessions after a day.
fn after(days: &[NaiveDate], day: NaiveDate, sessions: usize) -> NaiveDate {
    let place = days.partition_point(|other| *other < day);
    days[(place + sessions).min(days.len() - 1)]
}

/// What the sources have wrong about a company; its fate in the generated market is that of its number's last digit.
fn disturb(nth: usize, series: &Series, days: &[NaiveDate], chances: &mut Rng) -> Vec<Disturbance> {
    let code = series.code;
    let show = |source, from, until, kind| Disturbance { source, code, from, until, kind };
    match nth % 10 {
        0 => {
            let split = series.splits_as_of(NaiveDate::MAX)[0].date;
            let late = (nth / 10).is_multiple_of(2);
            vec![if late {
                show("yahoo", split, Some(split), DisturbanceKind::LateRebase)
            } else {
                show("yahoo", days[0], None, DisturbanceKind::Unannounced)
            }]
        }
        // No source knows a company for ever that is gone.
        3 => {
            let gone = after(days, series.listed_to.unwrap(), 6);
            ["yahoo", "kabutan", "stooq"].map(|source| show(source, gone, None, DisturbanceKind::Forgotten)).into()
        }
        2 | 5 | 7 | 8 | 9 => (0..4).flat_map(|turn| episode(series, days, turn, chances)).collect(),
        _ => Vec::new(),
    }
}

/// One disturbance, shown by one source or by two that have the same vendor.
fn episode(series: &Series, days: &[NaiveDate], turn: usize, chances: &mut Rng) -> Vec<Disturbance> {
    let place = 2 + turn * APART + chances.usize(0..4);
    let (on, length) = (days[place], chances.usize(1..5));
    let until = Some(days[place + length]);
    let bars = series.bars_as_of(on);
    let Some(bar) = bars.last().filter(|bar| bar.date == on && bar.close.is_some()) else { return Vec::new() };
    let (from, until, kind) = match chances.usize(..8) {
        0 | 1 => (on, until, DisturbanceKind::Wrong { on, factor: *chances.choice(&[0.8, 0.97, 1.03, 1.2]).unwrap() }),
        2 => (on, until, DisturbanceKind::Unsound(on)),
        3 => (days[place + 1], Some(days[place + 1 + length]), DisturbanceKind::Duplicate(on)),
        4 if moves(bar) => (on, Some(on), DisturbanceKind::Provisional(on)),
        4 | 5 => (on, Some(on), DisturbanceKind::Late(on)),
        6 => (on, until, DisturbanceKind::Newest(6)),
        _ => {
            let closed =
                on.iter_days().skip(1).find(|day| !Calendar::embedded(Market::Tokyo).is_session(*day)).unwrap();
            let next = after(days, closed, 0);
            (next, Some(after(days, next, 2)), DisturbanceKind::Phantom(closed))
        }
    };
    let sources: &[&'static str] = match chances.usize(..6) {
        0..3 => &["yahoo"],
        3 => &["kabutan"],
        4 => &["yahoo", "kabutan"],
        _ => &["yahoo", "kabutan", "stooq"],
    };
    sources.iter().map(|source| Disturbance { source, code: series.code, from, until, kind }).collect()
}

/// Half way through, the bar was so different that every source can tell.
fn moves(bar: &Bar) -> bool {
    let part = |a: Option<f64>, b: Option<f64>| a.zip(b).map_or(0.0, |(a, b)| (a / b - 1.0).abs());
    part(bar.open, bar.close) > 0.01
}

/// One request in ten, by every kind there is, and four evenings that somebody chose.
fn faults(seed: u64, days: &[NaiveDate]) -> FaultPlan {
    let limited = FaultKind::RateLimited { retry_after: Some(Duration::from_hours(2)) };
    let mut kinds = vec![FaultKind::BlockPage, limited, FaultKind::Html, FaultKind::RedirectElsewhere];
    kinds.extend([FaultKind::Status(500), FaultKind::Status(503), FaultKind::Status(404)]);
    for _ in 0..5 {
        kinds.extend([FaultKind::EmptyBody, FaultKind::Truncated, FaultKind::CutOff]);
    }
    FaultPlan::rate(seed, RATE, &kinds)
        .scripted(When::Nth(4), "yahoo", Some("1209"), FaultKind::Timeout)
        .scripted(When::Nth(6), "yahoo", Some("1210"), FaultKind::Huge(17 << 20))
        // Only Stooq is left, which serves where its basis makes no difference.
        .scripted(When::On(days[12]), "yahoo", None, FaultKind::BlockPage)
        .scripted(When::On(days[12]), "kabutan", None, FaultKind::BlockPage)
        // Nobody is left.
        .scripted(When::On(days[30]), "yahoo", None, limited)
        .scripted(When::On(days[30]), "kabutan", None, FaultKind::Html)
        .scripted(When::On(days[30]), "stooq", None, FaultKind::RateLimited { retry_after: None })
        .scripted(When::On(days[31]), "yahoo", None, FaultKind::EmptyBody)
        .scripted(When::On(days[45]), "kabutan", None, FaultKind::Truncated)
}
