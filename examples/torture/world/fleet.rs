//! The daemons: each slot has a proxy of its own before the database, and one process after the other.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use anyhow::Context as _;
use tokio::time::{Instant, sleep, timeout};

use super::{
    guard::Guard,
    http,
    market::Market,
    process::{self, Names, Process},
    proxy::{Link, Proxy},
};

pub struct Fleet {
    slots: Vec<Slot>,
    upstream: String,
    market: Arc<Market>,
    reload: u64,
    /// Refused writes by process, as last scraped.
    pub refused: BTreeMap<String, u64>,
    /// Processes that ended though nobody told them to.
    pub died: Vec<String>,
}

struct Slot {
    proxy: Proxy,
    /// The last one is the current one; those before are on their way out.
    processes: Vec<Process>,
    started: u32,
    stopped: bool,
}

impl Fleet {
    pub async fn new(daemons: usize, guard: &Guard, upstream: String, market: Arc<Market>) -> anyhow::Result<Self> {
        let mut slots = Vec::new();
        for _ in 0..daemons {
            let proxy = Proxy::before(guard.port()).await?;
            slots.push(Slot { proxy, processes: Vec::new(), started: 0, stopped: false });
        }
        Ok(Self { slots, upstream, market, reload: 0, refused: BTreeMap::new(), died: Vec::new() })
    }

    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Starts the next process of the slot; gives its name.
    pub async fn start(&mut self, at: usize, guard: &Guard) -> anyhow::Result<String> {
        let slot = &mut self.slots[at];
        slot.started += 1;
        slot.stopped = false;
        let name = Names { slot: at, number: slot.started };
        let process = Process::start(
            guard.folder(),
            &name,
            slot.proxy.port,
            &self.upstream,
            &self.market.configuration(self.reload),
        )?;
        guard.tell(&format!("watch {}", process.pid)).await?;
        slot.processes.push(process);
        Ok(name.to_string())
    }

    /// The name of the slot's current process.
    pub fn name(&self, at: usize) -> String {
        self.slots[at].processes.last().map_or_else(String::new, |process| process.name.clone())
    }

    /// Signals the slot's current process.
    pub fn signal(&mut self, at: usize, signal: &str) {
        let slot = &mut self.slots[at];
        match signal {
            "STOP" => slot.stopped = true,
            "CONT" => slot.stopped = false,
            _ => {}
        }
        if let Some(process) = slot.processes.last_mut() {
            process.expected_to_end |= matches!(signal, "KILL" | "TERM");
            process.signal(signal);
        }
    }

    /// How the slot reaches the database; all slots without one.
    pub fn link(&self, at: Option<usize>, link: Link) {
        for (number, slot) in self.slots.iter().enumerate() {
            if at.is_none_or(|at| at == number) {
                slot.proxy.set(link);
            }
        }
    }

    /// Another configuration for all, and the signal to read it.
    pub fn reload(&mut self, folder: &std::path::Path) -> anyhow::Result<()> {
        self.reload += 1;
        for slot in &self.slots {
            let Some(process) = slot.processes.last().filter(|process| !process.expected_to_end) else { continue };
            let file = folder.join(format!("{}.toml", process.name));
            std::fs::write(
                file,
                process::configuration(process.port, slot.proxy.port, &self.market.configuration(self.reload)),
            )?;
            process.signal("HUP");
        }
        Ok(())
    }

    /// Asks any daemon that answers for a run of the stock job over the whole range.
    pub async fn run_stock(&self) -> anyhow::Result<()> {
        self.post("/jobs/stock/run", "{\"mode\":\"full\"}").await
    }

    /// Asks any daemon that answers, until one did as told.
    pub async fn post(&self, path: &str, body: &str) -> anyhow::Result<()> {
        let patience = Instant::now() + Duration::from_secs(20);
        while Instant::now() < patience {
            for process in self.answering() {
                if http::ask(process.port, "POST", path, body)
                    .await
                    .is_ok_and(|(status, _)| matches!(status, 200..=202))
                {
                    return Ok(());
                }
            }
            sleep(Duration::from_millis(100)).await;
        }
        anyhow::bail!("no daemon obeyed POST {path}")
    }

    fn answering(&self) -> impl Iterator<Item = &Process> {
        let slots = self.slots.iter().filter(|slot| !slot.stopped);
        slots.filter_map(|slot| slot.processes.last().filter(|process| !process.expected_to_end))
    }

    /// Waits until every slot's current process is ready.
    pub async fn ready(&self, patience: Duration) -> anyhow::Result<()> {
        let until = Instant::now() + patience;
        for slot in &self.slots {
            let process = slot.processes.last().context("a slot without a process")?;
            loop {
                let answer = http::ask(process.port, "GET", "/readyz", "").await;
                if matches!(&answer, Ok((200, _))) {
                    break;
                }
                anyhow::ensure!(Instant::now() < until, "{} is not ready: {answer:?}", process.name);
                sleep(Duration::from_millis(100)).await;
            }
        }
        Ok(())
    }

    /// Reads a series of every daemon that answers: process, labels, value.
    pub async fn scrape(&self, series: &str) -> Vec<(String, String, f64)> {
        let mut found = Vec::new();
        for process in self.answering() {
            let asked = timeout(Duration::from_millis(500), http::ask(process.port, "GET", "/metrics", "")).await;
            let Ok(Ok((200, text))) = asked else { continue };
            for line in text.lines() {
                let Some(rest) = line.strip_prefix(series).filter(|rest| rest.starts_with(['{', ' '])) else {
                    continue;
                };
                let Some((labels, value)) = rest.rsplit_once(' ') else { continue };
                found.push((process.name.clone(), labels.to_owned(), value.parse().unwrap_or(f64::NAN)));
            }
        }
        found
    }

    /// Notes what would be lost with a process, and which ones are gone.
    pub async fn look(&mut self) {
        let mut refused = BTreeMap::new();
        for (name, _, value) in self.scrape("datainfra_job_fence_rejections_total").await {
            *refused.entry(name).or_insert(0) += value as u64;
        }
        self.refused.extend(refused);
        for slot in &mut self.slots {
            for process in &mut slot.processes {
                if let Some(status) = process.ended().filter(|_| !process.expected_to_end) {
                    self.died.push(format!("{} ended by itself: {status}", process.name));
                    process.expected_to_end = true;
                }
            }
        }
    }

    /// Whether the slot has a process that nobody told to end.
    pub fn serves(&self, at: usize) -> bool {
        self.slots[at].processes.last().is_some_and(|process| !process.expected_to_end)
    }

    /// Tells all to end; gives the names of those that did not in time.
    pub async fn end(&mut self) -> Vec<String> {
        for at in 0..self.slots.len() {
            self.signal(at, "TERM");
        }
        let until = Instant::now() + process::GRACE + Duration::from_secs(10);
        let mut late = Vec::new();
        for process in self.slots.iter_mut().flat_map(|slot| &mut slot.processes) {
            while process.ended().is_none() {
                if Instant::now() > until {
                    late.push(process.name.clone());
                    break;
                }
                sleep(Duration::from_millis(50)).await;
            }
        }
        late
    }
}
