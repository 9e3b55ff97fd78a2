//! A gate in this process's memory: for tests and for a single command. It forgets at exit.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::Instant;

use super::gate::{Closed, Gate, GateError, Slot};

/// See [`Gate`]. Time comes from the clock given, tokio's by default.
pub struct MemoryGate {
    clock: Box<dyn Fn() -> Instant + Send + Sync>,
    sources: Mutex<HashMap<String, State>>,
}

#[derive(Default)]
struct State {
    /// The first instant not yet promised to anyone.
    free_at: Option<Instant>,
    open_until: Option<(Instant, String)>,
    failures: u32,
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
        let (until, reason) = self.open_until.as_ref()?;
        let retry_after = until.saturating_duration_since(now);
        (!retry_after.is_zero()).then(|| Closed { retry_after, reason: reason.clone() })
    }

    fn take(&mut self, now: Instant, min_interval: Duration) -> Duration {
        let at = self.free_at.map_or(now, |free| free.max(now));
        self.free_at = Some(at + min_interval);
        at.saturating_duration_since(now)
    }
}

#[async_trait]
impl Gate for MemoryGate {
    async fn reserve(&self, source: &str, min_interval: Duration) -> Result<Slot, GateError> {
        let now = (self.clock)();
        let mut sources = self.sources();
        let state = sources.entry(source.to_owned()).or_default();
        Ok(match state.closed(now) {
            Some(closed) => Slot::Closed(closed),
            None => Slot::Wait(state.take(now, min_interval)),
        })
    }

    async fn closed(&self, source: &str) -> Result<Option<Closed>, GateError> {
        let now = (self.clock)();
        Ok(self.sources().get(source).and_then(|state| state.closed(now)))
    }

    async fn trip(&self, source: &str, open_for: Duration, reason: &str) -> Result<(), GateError> {
        let until = (self.clock)() + open_for;
        let mut sources = self.sources();
        let state = sources.entry(source.to_owned()).or_default();
        if state.open_until.as_ref().is_none_or(|(set, _)| *set < until) {
            state.open_until = Some((until, reason.to_owned()));
        }
        Ok(())
    }

    async fn succeeded(&self, source: &str) -> Result<(), GateError> {
        if let Some(state) = self.sources().get_mut(source) {
            state.failures = 0;
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
            assert_eq!(gate.reserve("a", SECOND).await.unwrap(), Slot::Wait(SECOND * n));
        }
        assert_eq!(gate.reserve("b", SECOND).await.unwrap(), Slot::Wait(Duration::ZERO));
    }

    #[tokio::test]
    async fn a_place_is_free_at_once_after_the_interval_has_passed_unused() {
        let (gate, hand) = gate();
        gate.reserve("a", SECOND).await.unwrap();
        *hand.lock().unwrap() = SECOND * 5;
        assert_eq!(gate.reserve("a", SECOND).await.unwrap(), Slot::Wait(Duration::ZERO));
    }

    #[tokio::test]
    async fn an_open_breaker_refuses_until_its_time_and_is_never_shortened() {
        let (gate, hand) = gate();
        gate.trip("a", SECOND * 60, "block page").await.unwrap();
        gate.trip("a", SECOND, "429").await.unwrap();
        let closed = Closed { retry_after: SECOND * 60, reason: "block page".to_owned() };
        assert_eq!(gate.reserve("a", SECOND).await.unwrap(), Slot::Closed(closed.clone()));
        assert_eq!(gate.closed("a").await.unwrap(), Some(closed));
        *hand.lock().unwrap() = SECOND * 60;
        assert_eq!(gate.closed("a").await.unwrap(), None);
        assert_eq!(gate.reserve("a", SECOND).await.unwrap(), Slot::Wait(Duration::ZERO));
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
