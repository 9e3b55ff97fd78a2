//! Random schedules around the changes of clocks agree with their definition.

use std::cell::Cell;

use chrono::{NaiveDateTime, TimeDelta};
use fastrand::Rng;
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

use super::{case::Case, expressions};

/// Checks so many cases, of which most have to be possible and some to have ticks.
fn check(cases: u32, span: TimeDelta, expression: fn(&mut Rng, NaiveDateTime) -> String) {
    let (possible, with_ticks) = (Cell::new(0), Cell::new(0));
    // A seed is as good as another: there is nothing to shrink.
    let config = Config { cases, max_shrink_iters: 0, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&any::<u64>(), |seed| {
        let mut rng = Rng::with_seed(seed);
        let case = Case::random(&mut rng, span, expression);
        if let Some(ticks) = case.check(&mut rng)? {
            possible.set(possible.get() + 1);
            with_ticks.set(with_ticks.get() + u32::from(ticks > 0));
        }
        Ok(())
    });
    outcome.unwrap();
    assert!(possible.get() > cases * 3 / 4 && with_ticks.get() > cases / 8, "{possible:?}, {with_ticks:?}");
}

#[test]
fn five_fields_agree_with_a_walk_from_minute_to_minute() {
    check(600, TimeDelta::days(2), expressions::of_five);
}

#[test]
fn six_fields_agree_with_a_walk_from_second_to_second() {
    check(60, TimeDelta::hours(3), expressions::of_six);
}

#[test]
fn rare_days_agree_with_a_walk_over_months() {
    check(30, TimeDelta::days(45), expressions::sparse);
}
