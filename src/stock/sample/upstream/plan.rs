//! Faults by chance and by script: which request meets which fault, the same for the same seed.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use super::fault::FaultKind;

/// Strikes requests with a chance, and those that its script names. The chances of a request depend on the seed, its
/// source, its company and how many came before it for both, not on what else is asked meanwhile.
#[derive(Clone, Debug, Default)]
pub struct FaultPlan {
    seed: u64,
    rate: f64,
    kinds: Vec<FaultKind>,
    script: Vec<Scripted>,
    asked: HashMap<(&'static str, String), u32>,
    /// Sources whose last request met a fault that counts as a failure.
    failing: HashSet<&'static str>,
}

/// Which requests a line of the script is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// All of a day.
    On(NaiveDate),
    /// The nth to this source for a company, from 1.
    Nth(u32),
}

#[derive(Clone, Debug)]
struct Scripted {
    when: When,
    source: &'static str,
    code: Option<String>,
    kind: FaultKind,
}

impl FaultPlan {
    /// Of so many requests, one in `1 / rate`; each kind is as likely as the others, and more so when it is given more
    /// often. Failures of the server and the network never come twice in a row from one source: three would open the
    /// breaker.
    #[must_use]
    pub fn rate(seed: u64, rate: f64, kinds: &[FaultKind]) -> Self {
        Self { seed, rate, kinds: kinds.to_vec(), ..Self::default() }
    }

    /// Adds a line to the script, which comes before chance; any company when no code is given.
    #[must_use]
    pub fn scripted(mut self, when: When, source: &'static str, code: Option<&str>, kind: FaultKind) -> Self {
        self.script.push(Scripted { when, source, code: code.map(str::to_owned), kind });
        self
    }

    /// Which fault the request meets; counts it.
    pub(super) fn strikes(&mut self, source: &'static str, code: &str, as_of: NaiveDate) -> Option<FaultKind> {
        let count = self.asked.entry((source, code.to_owned())).or_default();
        *count += 1;
        let nth = *count;
        let meets = |line: &&Scripted| {
            let now = match line.when {
                When::On(day) => day == as_of,
                When::Nth(n) => n == nth,
            };
            now && line.source == source && line.code.as_deref().is_none_or(|only| only == code)
        };
        let fault = self.script.iter().find(meets).map(|line| line.kind).or_else(|| self.by_chance(source, code, nth));
        if fault.is_some_and(FaultKind::is_failure) {
            self.failing.insert(source);
        } else {
            self.failing.remove(source);
        }
        fault
    }

    fn by_chance(&self, source: &'static str, code: &str, nth: u32) -> Option<FaultKind> {
        let mut chances = fastrand::Rng::with_seed(hash(&format!("{} {source} {code} {nth}", self.seed)));
        if chances.f64() >= self.rate {
            return None;
        }
        let again = self.failing.contains(source);
        let fitting: Vec<FaultKind> = self.kinds.iter().copied().filter(|kind| !(again && kind.is_failure())).collect();
        fitting.get(chances.usize(..fitting.len().max(1))).copied()
    }
}

/// FNV-1a.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [FaultKind; 3] = [FaultKind::Status(500), FaultKind::EmptyBody, FaultKind::CutOff];

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// What so many requests for each of some companies meet.
    fn struck(mut plan: FaultPlan, companies: u32, requests: u32) -> Vec<Option<FaultKind>> {
        let all = (0..requests).flat_map(|_| 0..companies);
        all.map(|company| plan.strikes("yahoo", &company.to_string(), day("2024-05-31"))).collect()
    }

    #[test]
    fn the_rate_is_kept_and_the_seed_decides_whom_it_strikes() {
        let struck_by = |seed| struck(FaultPlan::rate(seed, 0.1, &KINDS), 50, 100);
        let faults = struck_by(1).iter().flatten().count();
        assert!((400..600).contains(&faults), "{faults} of 5000");
        assert_eq!(struck_by(1), struck_by(1));
        assert_ne!(struck_by(1), struck_by(2));
        assert!(KINDS.iter().all(|kind| struck_by(1).contains(&Some(*kind))));
    }

    #[test]
    fn failures_never_come_twice_in_a_row_from_one_source() {
        let all = struck(FaultPlan::rate(7, 0.9, &KINDS), 10, 100);
        assert!(!all.windows(2).any(|pair| pair.iter().flatten().filter(|kind| kind.is_failure()).count() == 2));
        assert_eq!(struck(FaultPlan::rate(7, 1.0, &[FaultKind::CutOff]), 1, 3)[1], None, "no other kind is left");
    }

    #[test]
    fn the_script_names_a_day_or_the_nth_request_of_a_company_or_of_all() {
        let blocked = Some(FaultKind::BlockPage);
        let mut plan = FaultPlan::default()
            .scripted(When::On(day("2024-05-30")), "kabutan", None, FaultKind::BlockPage)
            .scripted(When::Nth(2), "yahoo", Some("1101"), FaultKind::BlockPage);
        assert_eq!(plan.strikes("kabutan", "1101", day("2024-05-30")), blocked);
        assert_eq!(plan.strikes("kabutan", "1101", day("2024-05-31")), None);
        let mut yahoo = |code| plan.strikes("yahoo", code, day("2024-05-30"));
        assert_eq!([yahoo("1101"), yahoo("1102"), yahoo("1102")], [None; 3]);
        assert_eq!([yahoo("1101"), yahoo("1101")], [blocked, None]);
    }
}
