use chrono::Days;
use proptest::prelude::*;

use super::*;

fn of(values: &[Option<f64>]) -> String {
    path(values, Scale::of(values.iter()).unwrap(), Area { left: 0.0, top: 0.0, width: 100.0, height: 10.0 })
}

#[test]
fn the_highest_value_is_at_the_top_and_the_newest_at_the_right() {
    assert_eq!(of(&[Some(1.0), Some(2.0), Some(3.0)]), "M0.0 10.0L50.0 5.0L100.0 0.0");
}

#[test]
fn a_session_without_trade_breaks_the_line_and_a_lone_value_is_a_dot() {
    let values = [Some(1.0), Some(2.0), None, Some(1.0), None];
    assert_eq!(of(&values), "M0.0 10.0L25.0 0.0M75.0 10.0h0");
    assert_eq!(of(&[Some(7.0)]), "M50.0 5.0h0");
}

#[test]
fn a_flat_line_runs_through_the_middle() {
    assert_eq!(of(&[Some(7.0), Some(7.0)]), "M0.0 5.0L100.0 5.0");
}

#[test]
fn without_a_value_nothing_is_drawn() {
    for values in [&[][..], &[None, None], &[Some(f64::NAN), Some(f64::INFINITY)]] {
        assert_eq!(sparkline(values, "x").into_string(), "");
    }
    assert_eq!(chart(&[], &[], "x").into_string(), "");
}

#[test]
fn ticks_are_round_and_within_the_scale() {
    assert_eq!(Scale { low: 1_234.0, high: 2_345.0 }.ticks(), [1_500.0, 2_000.0]);
    assert_eq!(Scale { low: 0.17, high: 0.62 }.ticks(), [0.2, 0.3, 0.4, 0.5, 0.6]);
    assert_eq!(Scale { low: 5.0, high: 5.0 }.ticks(), [5.0]);
}

#[test]
fn a_chart_names_its_prices_and_months() {
    let start = NaiveDate::from_ymd_opt(2026, 1, 30).unwrap();
    let dates: Vec<_> = (0..90).map(|n| start + Days::new(n)).collect();
    let closes: Vec<_> = (0..90).map(|n| Some(1_000.0 + f64::from(n))).collect();
    let svg = chart(&dates, &[Line { class: "close", values: &closes }], "closes of <A>").into_string();
    assert!(svg.contains(">1,020<") && svg.contains(">2026-03<") && !svg.contains(">2026-02<"), "{svg}");
    assert!(svg.contains("closes of &lt;A&gt;"));
    for shape in ["line", "path", "text"] {
        assert_eq!(svg.matches(&format!("<{shape} ")).count(), svg.matches(&format!("</{shape}>")).count(), "{shape}");
    }
}

proptest! {
    #[test]
    fn any_values_give_finite_coordinates(values in proptest::collection::vec(proptest::option::of(any::<f64>()), 0..40)) {
        let small = values.iter().map(|v| v.map(|v| v / 4.0)).collect::<Vec<_>>();
        let svg = sparkline(&small, "x").into_string();
        prop_assert!(!svg.contains("NaN") && !svg.contains("inf"), "{}", svg);
        if let Some(scale) = Scale::of(small.iter()) {
            prop_assert!(scale.ticks().len() <= 12);
        }
    }
}
