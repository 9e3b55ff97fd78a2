//! A gate in this process's memory: for tests and for a single command. It forgets at exit.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::Instant;

use super::breaker::after_blocks;
use super::gate::{Cause, Closed, Gate, GateError, Pace, Slot};
use super::quota;

/// See [`Gate`]. Time comes from the clock given, tokio's by default.
pub struct MemoryGate {
    clock: Box<dyn Fn() -> Instant + Send + Sync>,
    sources: Mutex<HashMap<String, State>>,
}

#[derive(Default)]
struct State {
    /// The first instant not yet promised to anyone.
    free_at: Option<Instant>,
    open_until: Option<(Instant, Cause, String)>,
    failures: u32,
    blocks: u32,
    /// When the day began whose requests are counted, and how many there were.
    day: Option<(Instant, u32)>,
}

impl Default for MemoryGate {
    fn default() -> Self {
        Self::new(Instant::now)
    }
}

impl MemoryGate {
    #[must_use]
    pub fn new(clock: impl Fn() -> Instant + Send + Sync + 'static) -> Self {
        Self { clock: Box::new(clock), sources: Mutex::default() }
    }

    fn sources(&self) -> MutexGuard<'_, HashMap<String, State>> {
        self.sources.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn closed(&self, now: Instant) -> Option<Closed> {
        let (until, _, reason) = self.open_until.as_ref()?;
        let retry_after = until.saturating_duration_since(now);
        (!retry_after.is_zero()).then(|| Closed { retry_after, reason: reason.clone() })
    }

    fn take(&mut self, now: Instant, pace: Pace) -> Slot {
        let (began, used) = self.day.filter(|(began, _)| now < *began + quota::DAY).unwrap_or((now, 0));
        if quota::is_used_up(pace.daily_limit, used) {
            let retry_after = (began + quota::DAY).saturating_duration_since(now);
            return Slot::Closed(Closed { retry_after, reason: quota::reason(pace.daily_limit) });
        }
        self.day = Some((began, used.saturating_add(1)));
        let at = self.free_at.map_or(now, |free| free.max(now));
        self.free_at = Some(at + pace.min_interval);
        Slot::Wait(at.saturating_duration_since(now))
    }

    fn open(&mut self, until: Instant, cause: Cause, reason: &str) {
        if self.open_until.as_ref().is_none_or(|(set, ..)| *set < until) {
            self.open_until = Some((until, cause, reason.to_owned()));
        }
    }
}

#[async_trait]
impl Gate for MemoryGate {
    async fn reserve(&self, source: &str, pace: Pace) -> Result<Slot, GateError> {
        let now = (self.clock)();
        let mut sources = self.sources();
        let state = sources.entry(source.to_owned()).or_default();
        Ok(match state.closed(now) {
            Some(closed) => Slot::Closed(closed),
            None => state.take(now, pace),
        })
    }

    async fn closed(&self, source: &str) -> Result<Option<Closed>, GateError> {
        let now = (self.clock)();
        Ok(self.sources().get(source).and_then(|state| state.closed(now)))
    }

    async fn trip(&self, source: &str, open_for: Duration, cause: Cause, reason: &str) -> Result<(), GateError> {
        let until = (self.clock)() + open_for;
        self.sources().entry(source.to_owned()).or_default().open(until, cause, reason);
        Ok(())
    }

    async fn block(&self, source: &str, reason: &str) -> Result<(), GateError> {
        let now = (self.clock)();
        let mut sources = self.sources();
        let state = sources.entry(source.to_owned()).or_default();
        let known = state.open_until.as_ref().is_some_and(|(until, cause, _)| *until > now && *cause == Cause::Blocked);
        if !known {
            state.blocks = state.blocks.saturating_add(1);
        }
        let until = now + after_blocks(state.blocks);
        state.open(until, Cause::Blocked, reason);
        Ok(())
    }

    async fn succeeded(&self, source: &str) -> Result<(), GateError> {
        if let Some(state) = self.sources().get_mut(source) {
            (state.failures, state.blocks) = (0, 0);
        }
        Ok(())
    }

    async fn failed(&self, source: &str) -> Result<u32, GateError> {
        let mut sources = self.sources();
        let state = sources.entry(source.to_owned()).or_default();
        state.failures = state.failures.saturating_add(1);
        Ok(state.failures)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// A gate and the hand of its clock.
    fn gate() -> (MemoryGate, Arc<Mutex<Duration>>) {
        let (start, hand) = (Instant::now(), Arc::new(Mutex::new(Duration::ZERO)));
        let clock = hand.clone();
        (MemoryGate::new(move || start + *clock.lock().unwrap()), hand)
    }

    #[tokio::test]
    async fn places_of_one_source_are_an_interval_apart_and_others_do_not_wait() {
        let (gate, _) = gate();
        for n in 0..3 {
            assert_eq!(gate.reserve("a", SECOND.into()).await.unwrap(), Slot::Wait(SECOND * n));
        }
        assert_eq!(gate.reserve("b", SECOND.into()).await.unwrap(), Slot::Wait(Duration::ZERO));
    }

    #[tokio::test]
    async fn a_place_is_free_at_once_after_the_interval_has_passed_unused() {
        let (gate, hand) = gate();
        gate.reserve("a", SECOND.into()).await.unwrap();
        *hand.lock().unwrap() = SECOND * 5;
        assert_eq!(gate.reserve("a", SECOND.into()).await.unwrap(), Slot::Wait(Duration::ZERO));
    }

    #[tokio::test]
    async fn an_open_breaker_refuses_until_its_time_and_is_never_shortened() {
        let (gate, hand) = gate();
        gate.trip("a", SECOND * 60, Cause::Down, "block page").await.unwrap();
        gate.trip("a", SECOND, Cause::Quota, "429").await.unwrap();
        let closed = Closed { retry_after: SECOND * 60, reason: "block page".to_owned() };
        assert_eq!(gate.reserve("a", SECOND.into()).await.unwrap(), Slot::Closed(closed.clone()));
        assert_eq!(gate.closed("a").await.unwrap(), Some(closed));
        *hand.lock().unwrap() = SECOND * 60;
        assert_eq!(gate.closed("a").await.unwrap(), None);
        assert_eq!(gate.reserve("a", SECOND.into()).await.unwrap(), Slot::Wait(Duration::ZERO));
    }

    #[tokio::test]
    async fn blocks_in_a_row_double_the_time_and_an_answer_ends_the_row() {
        let (gate, hand) = gate();
        let hours = async || gate.closed("a").await.unwrap().unwrap().retry_after.as_secs() / 3600;
        for expected in [6, 12, 24, 24] {
            gate.block("a", "a page for browsers").await.unwrap();
            gate.block("a", "the same, told to another request").await.unwrap();
            assert_eq!(hours().await, expected);
            *hand.lock().unwrap() += Duration::from_hours(24);
        }
        gate.succeeded("a").await.unwrap();
        gate.block("a", "again").await.unwrap();
        assert_eq!(hours().await, 6);
    }

    #[tokio::test]
    async fn a_day_has_no_more_requests_than_its_limit() {
        let (gate, hand) = gate();
        let pace = Pace { min_interval: Duration::ZERO, daily_limit: 2 };
        for _ in 0..2 {
            assert_eq!(gate.reserve("a", pace).await.unwrap(), Slot::Wait(Duration::ZERO));
        }
        let Slot::Closed(closed) = gate.reserve("a", pace).await.unwrap() else { panic!("used up") };
        assert_eq!((closed.retry_after, closed.reason.contains("2 requests")), (quota::DAY, true), "{closed:?}");
        *hand.lock().unwrap() = quota::DAY;
        assert_eq!(gate.reserve("a", pace).await.unwrap(), Slot::Wait(Duration::ZERO));
    }

    #[tokio::test]
    async fn an_answer_starts_the_count_of_failures_again() {
        let (gate, _) = gate();
        assert_eq!(gate.failed("a").await.unwrap(), 1);
        assert_eq!(gate.failed("a").await.unwrap(), 2);
        gate.succeeded("a").await.unwrap();
        assert_eq!(gate.failed("a").await.unwrap(), 1);
    }
}
