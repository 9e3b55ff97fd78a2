//! The days a plan gives.

use std::sync::{Mutex, PoisonError};

use chrono::{Months, NaiveDate};

use crate::clock::Clock;
use crate::crawl::answer::Refusal;
use crate::stock::bar::Days;
use crate::stock::calendar::Market;
use crate::stock::settings::jquants::Plan;
use crate::stock::sources::body::blocked;

/// The free plan goes back so far from its newest day.
const FREE_YEARS: Months = Months::new(24);

/// What is known of it without asking, and what J-Quants itself has told today.
pub(super) struct Coverage {
    plan: Plan,
    clock: Clock,
    told: Mutex<Option<(NaiveDate, Days)>>,
}

impl Coverage {
    pub(super) fn new(plan: Plan, clock: Clock) -> Self {
        Self { plan, clock, told: Mutex::new(None) }
    }

    /// The days of these that the plan gives.
    ///
    /// # Errors
    /// When it gives none of them: that nobody need be asked for.
    pub(super) fn clip(&self, days: Days) -> Result<Days, Refusal> {
        let Some(window) = self.window() else { return Ok(days) };
        clip(days, window).ok_or_else(|| self.refusal(days))
    }

    /// Why days are not to be had.
    pub(super) fn refusal(&self, days: Days) -> Refusal {
        let plan = self.plan.as_str();
        let window =
            self.window().map_or_else(String::new, |window| format!(" covers {} to {} only:", window.from, window.to));
        blocked(format!(
            "the {plan} plan{window} nothing of {} to {}; a larger plan (sources.jquants.plan) or another source has it",
            days.from, days.to
        ))
    }

    /// Believes what J-Quants says of the plan until tomorrow, when the days move on.
    pub(super) fn learn(&self, window: Days) {
        tracing::info!(from = %window.from, to = %window.to, "J-Quants says which days the plan covers");
        *self.told.lock().unwrap_or_else(PoisonError::into_inner) = Some((self.today(), window));
    }

    fn window(&self) -> Option<Days> {
        let today = self.today();
        let told = *self.told.lock().unwrap_or_else(PoisonError::into_inner);
        match told {
            Some((day, window)) if day == today => Some(window),
            _ => window(self.plan, today),
        }
    }

    fn today(&self) -> NaiveDate {
        self.clock.now().with_timezone(&Market::Tokyo.zone()).date_naive()
    }
}

/// What a plan documents. The larger ones go back five years or more and up to today; how far exactly, J-Quants tells
/// when asked for more.
fn window(plan: Plan, today: NaiveDate) -> Option<Days> {
    let to = today - plan.delay();
    match plan {
        Plan::Free => Some(Days { from: to - FREE_YEARS, to }),
        Plan::Light | Plan::Standard | Plan::Premium => None,
    }
}

fn clip(days: Days, window: Days) -> Option<Days> {
    let (from, to) = (days.from.max(window.from), days.to.min(window.to));
    (from <= to).then_some(Days { from, to })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(from: &str, to: &str) -> Days {
        Days { from: from.parse().unwrap(), to: to.parse().unwrap() }
    }

    fn coverage(plan: Plan) -> Coverage {
        // The twentieth in London, the twenty-first in Tokyo.
        Coverage::new(plan, Clock::fixed("2026-11-20T22:00:00Z".parse().unwrap()))
    }

    #[test]
    fn the_free_plan_covers_two_years_up_to_twelve_weeks_ago() {
        let free = coverage(Plan::Free);
        let clipped = free.clip(days("2000-01-01", "2026-11-20"));
        assert_eq!(clipped, Ok(days("2024-08-29", "2026-08-29")));
        assert_eq!(free.clip(days("2026-08-01", "2026-08-07")), Ok(days("2026-08-01", "2026-08-07")));
        let Err(Refusal::Blocked { reason }) = free.clip(days("2026-11-09", "2026-11-20")) else { panic!("refused") };
        let told = "the free plan covers 2024-08-29 to 2026-08-29 only: nothing of 2026-11-09 to 2026-11-20";
        assert!(reason.starts_with(told), "{reason}");
    }

    #[test]
    fn what_j_quants_says_of_a_plan_is_believed() {
        let light = coverage(Plan::Light);
        assert_eq!(light.clip(days("2000-01-01", "2026-11-20")), Ok(days("2000-01-01", "2026-11-20")));
        light.learn(days("2021-11-21", "2026-11-21"));
        assert_eq!(light.clip(days("2000-01-01", "2026-11-20")), Ok(days("2021-11-21", "2026-11-20")));
    }
}
