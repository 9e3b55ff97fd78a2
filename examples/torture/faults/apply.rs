//! Applies the plan to the world, and writes down what happened when.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, sleep_until, timeout};

use super::{Deed, Errands, Fault, Happened};
use crate::{
    daemon::ALL,
    world::{Fleet, Guard, Link, Market, Upstream, now},
};

/// How often the daemons are looked at.
const LOOK: Duration = Duration::from_secs(1);

pub struct Tormentor {
    pub fleet: Fleet,
    pub guard: Guard,
    pub upstream: Upstream,
    pub market: Arc<Market>,
    pub errands: Errands,
    pub happened: Vec<Happened>,
}

impl Tormentor {
    /// Applies all faults to their ends.
    pub async fn torment(&mut self, plan: &[Fault]) -> anyhow::Result<()> {
        let start = Instant::now();
        let begins = plan.iter().enumerate().map(|(at, fault)| (fault.begins, at, true));
        let ends = plan.iter().enumerate().map(|(at, fault)| (fault.begins + fault.lasts, at, false));
        let mut moments: Vec<(Duration, usize, bool)> = begins.chain(ends).collect();
        moments.sort_by_key(|(after, at, begins)| (*after, *at, !begins));
        let mut open = vec![None; plan.len()];
        for (after, at, begins) in moments {
            self.rest(start + after).await;
            if begins {
                open[at] = Some(self.begin(&plan[at], start.elapsed()).await?);
            } else if let Some(mut happened) = open[at].take() {
                self.end(&plan[at], &happened).await?;
                happened.until = now();
                self.happened.push(happened);
            }
        }
        Ok(())
    }

    /// Waits, and looks after the daemons meanwhile.
    pub async fn rest(&mut self, until: Instant) {
        while Instant::now() < until {
            // A look that takes too long must not move the faults.
            let _ = timeout(until.saturating_duration_since(Instant::now()), self.look()).await;
            sleep_until(until.min(Instant::now() + LOOK)).await;
        }
    }

    async fn look(&mut self) {
        self.fleet.look().await;
        self.errands.run(&self.guard.url(), &self.fleet, &self.market).await;
    }

    async fn begin(&mut self, fault: &Fault, elapsed: Duration) -> anyhow::Result<Happened> {
        let who = match fault.deed {
            Deed::Kill { slot } | Deed::Stop { slot } | Deed::Term { slot } | Deed::Link { slot: Some(slot), .. } => {
                Some(self.fleet.name(slot))
            }
            _ => None,
        };
        eprintln!(
            "{:>8.3} s  {} {:?} for {:.1} s {}",
            elapsed.as_secs_f64(),
            now().format("%T%.3f"),
            fault.deed,
            fault.lasts.as_secs_f64(),
            who.as_deref().unwrap_or_default()
        );
        let from = now();
        match fault.deed {
            Deed::Kill { slot } => self.fleet.signal(slot, "KILL"),
            Deed::Stop { slot } => self.fleet.signal(slot, "STOP"),
            Deed::Term { slot } => self.fleet.signal(slot, "TERM"),
            Deed::DbRestart { immediate } => {
                self.guard.tell(if immediate { "stop immediate" } else { "stop fast" }).await?;
            }
            Deed::Link { slot, link } => self.fleet.link(slot, link),
            Deed::Upstream { source, trouble } => self.upstream.set(source, Some(trouble)),
            Deed::Pause { job } => self.post(job, "pause").await,
            Deed::Reload => self.fleet.reload(self.guard.folder())?,
        }
        Ok(Happened { kind: fault.kind, deed: fault.deed, who, from, until: from })
    }

    async fn end(&mut self, fault: &Fault, happened: &Happened) -> anyhow::Result<()> {
        match fault.deed {
            Deed::Kill { slot } | Deed::Term { slot } => drop(self.fleet.start(slot, &self.guard).await?),
            // Not one that has come after it.
            Deed::Stop { slot } if happened.who == Some(self.fleet.name(slot)) => self.fleet.signal(slot, "CONT"),
            Deed::Stop { .. } | Deed::Reload => {}
            Deed::DbRestart { .. } => self.guard.tell("start").await?,
            Deed::Link { slot, .. } => self.fleet.link(slot, Link::Open),
            Deed::Upstream { source, .. } => self.upstream.set(source, None),
            Deed::Pause { job } => self.post(job, "resume").await,
        }
        Ok(())
    }

    async fn post(&self, job: &str, verb: &str) {
        if let Err(error) = self.fleet.post(&format!("/jobs/{job}/{verb}"), "").await {
            eprintln!("{error:#}");
        }
    }

    /// Replaces daemons that ended by themselves: the check goes on, and tells of them.
    pub async fn heal(&mut self) -> anyhow::Result<()> {
        for slot in 0..self.fleet.len() {
            if !self.fleet.serves(slot) {
                self.fleet.start(slot, &self.guard).await?;
            }
        }
        self.fleet.ready(Duration::from_secs(60)).await
    }

    /// A last load of the stock job, and no other new work.
    pub async fn pause_all(&self) -> anyhow::Result<()> {
        for job in ALL.iter().map(|spec| spec.name).chain(["stock"]) {
            self.fleet.post(&format!("/jobs/{job}/pause"), "").await?;
        }
        self.fleet.run_stock().await
    }
}
