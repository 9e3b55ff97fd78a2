//! The invented companies and what happens to them.
//!
//! Their codes follow the exchange's pattern but were never given to a company: listings begin at 1301,
//! and those with a letter at 130A.

use chrono::NaiveDate;

/// New shares for old ones at a split.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ratio {
    pub(super) new: i64,
    pub(super) old: i64,
}

impl Ratio {
    pub(super) fn as_f64(self) -> f64 {
        self.new as f64 / self.old as f64
    }
}

#[derive(Debug)]
pub(in super::super) struct Spec {
    pub(in super::super) code: &'static str,
    pub(in super::super) name: &'static str,
    pub(in super::super) listed_market: &'static str,
    /// First session with a bar.
    pub(in super::super) listed_from: NaiveDate,
    /// Last session with a bar, for the delisted.
    pub(in super::super) listed_to: Option<NaiveDate>,
    /// Degrees east and north: a city's middle, no office's.
    pub(in super::super) place: (f64, f64),
    /// Where the walk starts and is gently pulled back to: yen after all splits.
    pub(super) base_yen: f64,
    /// Standard deviation of a day's return.
    pub(super) volatility: f64,
    /// Shares a day on the basis after all splits.
    pub(super) base_volume: f64,
    /// The first day on the new basis.
    pub(super) split: Option<(NaiveDate, Ratio)>,
    /// Ranges of days without trade, both ends included.
    pub(super) halts: &'static [(NaiveDate, NaiveDate)],
    /// Chance of a session without trade.
    pub(super) idle: f64,
    /// A day that is served with high and low exchanged.
    pub(super) bad_row: Option<NaiveDate>,
    /// A day whose volume nobody knows.
    pub(super) missing_volume: Option<NaiveDate>,
    /// Yen a share, twice a year.
    pub(super) dividend_yen: Option<f64>,
}

pub(super) const FIRST_DAY: NaiveDate = day(2015, 1, 5);

/// The exchange's systems failed, and no share was traded on this session.
pub(super) const NO_TRADE_AT_ALL: NaiveDate = day(2020, 10, 1);

const PRIME: &str = "プライム(simulated)";
const STANDARD: &str = "スタンダード(simulated)";
const GROWTH: &str = "グロース(simulated)";

/// An ordinary company, from which the others differ.
pub(super) const PLAIN: Spec = Spec {
    code: "1101",
    name: "シミュレーション製造 (simulated)",
    listed_market: PRIME,
    listed_from: FIRST_DAY,
    listed_to: None,
    place: (137.0, 35.1),
    base_yen: 2400.0,
    volatility: 0.014,
    base_volume: 2_400_000.0,
    split: None,
    halts: &[],
    idle: 0.0,
    bad_row: None,
    missing_volume: None,
    dividend_yen: Some(32.0),
};

/// In the order of the codes.
pub(in super::super) const SPECS: [Spec; 13] = [
    Spec {
        code: "100A",
        name: "シミュレーション新興 (simulated)",
        listed_market: GROWTH,
        listed_from: day(2024, 2, 27),
        place: (139.7, 35.7),
        base_yen: 1280.0,
        volatility: 0.031,
        base_volume: 420_000.0,
        dividend_yen: None,
        ..PLAIN
    },
    PLAIN,
    Spec {
        code: "1102",
        name: "シミュレーション電機 (simulated)",
        place: (139.6, 35.5),
        base_yen: 1800.0,
        volatility: 0.018,
        base_volume: 5_200_000.0,
        split: Some((day(2021, 9, 29), Ratio { new: 5, old: 1 })),
        dividend_yen: None,
        ..PLAIN
    },
    Spec {
        code: "1103",
        name: "シミュレーション食品 (simulated)",
        place: (135.5, 34.7),
        base_yen: 1500.0,
        volatility: 0.010,
        base_volume: 800_000.0,
        dividend_yen: Some(18.0),
        ..PLAIN
    },
    Spec {
        code: "1104",
        name: "シミュレーション商事 (simulated)",
        place: (139.8, 35.7),
        base_yen: 2700.0,
        volatility: 0.016,
        base_volume: 3_100_000.0,
        split: Some((day(2023, 3, 30), Ratio { new: 3, old: 1 })),
        dividend_yen: None,
        ..PLAIN
    },
    Spec {
        code: "1105",
        name: "シミュレーション紡績 (simulated)",
        listed_market: STANDARD,
        place: (133.9, 34.7),
        base_yen: 3000.0,
        volatility: 0.015,
        base_volume: 150_000.0,
        split: Some((day(2018, 9, 26), Ratio { new: 1, old: 10 })),
        dividend_yen: None,
        ..PLAIN
    },
    Spec {
        code: "1106",
        name: "シミュレーション通信 (simulated)",
        place: (139.7, 35.6),
        base_yen: 4100.0,
        volatility: 0.009,
        base_volume: 4_000_000.0,
        dividend_yen: None,
        ..PLAIN
    },
    Spec {
        code: "1107",
        name: "シミュレーション小売 (simulated)",
        place: (130.4, 33.6),
        base_yen: 980.0,
        volatility: 0.020,
        base_volume: 600_000.0,
        halts: &[(day(2017, 5, 10), day(2017, 5, 12)), (day(2022, 8, 3), day(2022, 8, 3))],
        dividend_yen: None,
        ..PLAIN
    },
    Spec {
        code: "1108",
        name: "シミュレーション紙業 (simulated)",
        listed_market: STANDARD,
        listed_to: Some(day(2021, 6, 28)),
        place: (138.7, 35.2),
        base_yen: 640.0,
        volatility: 0.019,
        base_volume: 90_000.0,
        dividend_yen: None,
        ..PLAIN
    },
    Spec {
        code: "1109",
        name: "シミュレーション化学 (simulated)",
        place: (136.6, 35.0),
        base_yen: 3400.0,
        volatility: 0.017,
        base_volume: 1_100_000.0,
        bad_row: Some(day(2019, 6, 18)),
        dividend_yen: None,
        ..PLAIN
    },
    Spec {
        code: "1110",
        name: "シミュレーション地方鉄道 (simulated)",
        listed_market: STANDARD,
        place: (132.8, 33.8),
        base_yen: 2050.0,
        volatility: 0.008,
        base_volume: 900.0,
        idle: 0.03,
        dividend_yen: None,
        ..PLAIN
    },
    Spec {
        code: "1111",
        name: "シミュレーション海運 (simulated)",
        place: (135.2, 34.7),
        base_yen: 3900.0,
        volatility: 0.028,
        base_volume: 6_500_000.0,
        dividend_yen: None,
        ..PLAIN
    },
    Spec {
        code: "1112",
        name: "シミュレーション情報 (simulated)",
        listed_market: GROWTH,
        place: (141.4, 43.1),
        base_yen: 760.0,
        volatility: 0.026,
        base_volume: 350_000.0,
        missing_volume: Some(day(2016, 11, 9)),
        dividend_yen: None,
        ..PLAIN
    },
];

/// A day written as a constant: one that does not exist fails the build.
#[expect(clippy::panic, reason = "evaluated at compile time only")]
pub(in super::super) const fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    match NaiveDate::from_ymd_opt(year, month, day) {
        Some(date) => date,
        None => panic!("no such day"),
    }
}
