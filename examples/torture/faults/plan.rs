//! The sequence of faults: a pure function of the seed and the options.

use std::time::Duration;

use fastrand::Rng;

use super::{Deed, Fault, Kind};
use crate::{
    daemon::{ALL, SOURCES},
    world::{Link, Trouble},
};

/// Faults begin in the given time; some end later.
pub fn plan(seed: u64, seconds: u64, daemons: usize, kinds: &[Kind]) -> Vec<Fault> {
    let mut random = Rng::with_seed(seed);
    let mut busy = Busy { slots: vec![Duration::ZERO; daemons], database: Duration::ZERO };
    let mut faults = Vec::new();
    let mut now = Duration::ZERO;
    while !kinds.is_empty() {
        // Now and then long enough for every recovery to come to its end undisturbed.
        let gap = if random.u8(..100) < 12 { 16_000..22_000 } else { 500..6000 };
        now += Duration::from_millis(random.u64(gap));
        if now >= Duration::from_secs(seconds) {
            break;
        }
        let kind = kinds[random.usize(..kinds.len())];
        if let Some(fault) = draw(kind, now, &mut random, &mut busy) {
            faults.push(fault);
        }
    }
    faults
}

/// Until when something is struck already.
struct Busy {
    slots: Vec<Duration>,
    database: Duration,
}

impl Busy {
    /// A slot that is whole, if another one stays whole beside it.
    fn slot(&self, now: Duration, random: &mut Rng) -> Option<usize> {
        let free: Vec<usize> = (0..self.slots.len()).filter(|slot| self.slots[*slot] <= now).collect();
        let slot = *free.get(random.usize(..free.len().max(1)))?;
        (free.len() > 1 || self.slots.len() == 1).then_some(slot)
    }
}

fn draw(kind: Kind, begins: Duration, random: &mut Rng, busy: &mut Busy) -> Option<Fault> {
    let (brief, moment) = (millis(random, 200, 3000), millis(random, 1000, 6000));
    // Less than a lease, just about one, and more.
    let (least, most) = [(500, 8000), (8000, 14_000), (13_000, 22_000)][random.usize(..3)];
    let long = millis(random, least, most);
    let (deed, lasts) = match kind {
        Kind::Kill => (Deed::Kill { slot: busy.slot(begins, random)? }, moment),
        Kind::Stop => (Deed::Stop { slot: busy.slot(begins, random)? }, long),
        Kind::Term => (Deed::Term { slot: busy.slot(begins, random)? }, brief),
        Kind::DbRestart => (Deed::DbRestart { immediate: random.bool() }, brief),
        Kind::Cut | Kind::Slow => link(kind, random, busy.slots.len(), brief, long),
        Kind::Upstream => (trouble(random), moment),
        Kind::Pause => (Deed::Pause { job: ALL[random.usize(..ALL.len())].name }, moment),
        Kind::Reload => (Deed::Reload, Duration::ZERO),
    };
    match deed {
        Deed::Kill { slot } | Deed::Stop { slot } | Deed::Term { slot } => busy.slots[slot] = begins + lasts,
        Deed::DbRestart { .. } | Deed::Link { .. } if busy.database > begins => return None,
        Deed::DbRestart { .. } | Deed::Link { .. } => busy.database = begins + lasts + Duration::from_secs(1),
        Deed::Upstream { .. } | Deed::Pause { .. } | Deed::Reload => {}
    }
    Some(Fault { kind, deed, begins, lasts })
}

fn millis(random: &mut Rng, least: u64, most: u64) -> Duration {
    Duration::from_millis(random.u64(least..most))
}

fn link(kind: Kind, random: &mut Rng, daemons: usize, brief: Duration, long: Duration) -> (Deed, Duration) {
    let slot = random.bool().then(|| random.usize(..daemons));
    let link = match kind {
        Kind::Slow => Link::Slow(millis(random, 10, 200)),
        _ if random.bool() => Link::Hang,
        _ => Link::Cut,
    };
    let lasts = if slot.is_some() { long } else { brief };
    (Deed::Link { slot, link }, lasts)
}

fn trouble(random: &mut Rng) -> Deed {
    let source = SOURCES[random.usize(..SOURCES.len())];
    let troubles = [Trouble::Fails, Trouble::Hangs, Trouble::Resets, Trouble::Refuses(random.u64(1..4))];
    Deed::Upstream { source, trouble: troubles[random.usize(..troubles.len())] }
}
