//! The jobs: every overlap, short and long tasks, one that asks the fake sources.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use data_infrastructure::{
    app::JobParts,
    config,
    crawl::{ClientOptions, PoliteClient, observer::Unobserved},
    jobs::{
        Job,
        settings::{JobSettings, Misfire, Overlap},
    },
};
use url::Url;

use super::{SOURCES, task::FakeJob};
use crate::checks::PACE;

/// A job of the checker. Its ticks are the multiples of `every` seconds.
pub struct Spec {
    pub name: &'static str,
    pub every: i64,
    pub overlap: Overlap,
    pub misfire: Misfire,
    pub tasks: usize,
    pub parallel: u32,
    /// Milliseconds that a task works, at least and at most.
    pub works: (u64, u64),
    /// Whether each task asks a fake source.
    pub asks: bool,
}

pub const ALL: [Spec; 8] = [
    Spec {
        name: "t-second",
        every: 1,
        overlap: Overlap::Skip,
        misfire: Misfire::Last,
        tasks: 1,
        parallel: 1,
        works: (10, 300),
        asks: false,
    },
    Spec {
        name: "t-queue",
        every: 2,
        overlap: Overlap::Queue,
        misfire: Misfire::All,
        tasks: 3,
        parallel: 3,
        works: (200, 3000),
        asks: false,
    },
    Spec {
        name: "t-allow",
        every: 1,
        overlap: Overlap::Allow,
        misfire: Misfire::All,
        tasks: 1,
        parallel: 1,
        works: (100, 2500),
        asks: false,
    },
    Spec {
        name: "t-replace",
        every: 5,
        overlap: Overlap::Replace,
        misfire: Misfire::None,
        tasks: 2,
        parallel: 2,
        works: (4000, 8000),
        asks: false,
    },
    Spec {
        name: "t-chain",
        every: 10,
        overlap: Overlap::Queue,
        misfire: Misfire::Last,
        tasks: 12,
        parallel: 1,
        works: (400, 1600),
        asks: false,
    },
    // Tasks longer than it takes to wake after a lease: the work of a stopped owner and of its successor overlap.
    Spec {
        name: "t-slow",
        every: 15,
        overlap: Overlap::Queue,
        misfire: Misfire::Last,
        tasks: 4,
        parallel: 2,
        works: (2500, 9000),
        asks: false,
    },
    // On all daemons at once.
    Spec {
        name: "t-ask",
        every: 2,
        overlap: Overlap::Allow,
        misfire: Misfire::None,
        tasks: 5,
        parallel: 5,
        works: (0, 200),
        asks: true,
    },
    Spec {
        name: "t-long",
        every: 20,
        overlap: Overlap::Queue,
        misfire: Misfire::Last,
        tasks: 20,
        parallel: 6,
        works: (0, 100),
        asks: true,
    },
];

/// The checker's job of this name.
pub fn find(name: &str) -> Option<&'static Spec> {
    ALL.iter().find(|spec| spec.name == name)
}

impl Spec {
    fn schedule(&self) -> String {
        if self.every == 1 { "* * * * * *".to_owned() } else { format!("*/{} * * * * *", self.every) }
    }

    fn settings(&self) -> anyhow::Result<JobSettings> {
        let usual = config::parse(None, &BTreeMap::new())?.stock.job.common;
        Ok(JobSettings {
            schedule: self.schedule(),
            timezone: chrono_tz::Tz::UTC,
            enabled: true,
            overlap: self.overlap,
            misfire: self.misfire,
            misfire_max: 1000,
            timeout: Duration::from_secs(300),
            max_attempts: 5,
            retry_backoff: Duration::from_millis(200),
            parallel: self.parallel,
            ..usual
        })
    }
}

/// Every job with its settings. `name` signs what they write.
pub fn build(parts: &JobParts, name: &str, upstream: &str) -> anyhow::Result<Vec<(Arc<dyn Job>, JobSettings)>> {
    let sources = SOURCES.iter().map(|source| Ok(Arc::new(client(parts, source, upstream)?)));
    let sources: Vec<Arc<PoliteClient>> = sources.collect::<anyhow::Result<_>>()?;
    ALL.iter()
        .map(|spec| {
            let job = FakeJob {
                spec,
                database: parts.database.clone(),
                sources: if spec.asks { sources.clone() } else { Vec::new() },
                name: name.to_owned(),
            };
            Ok((Arc::new(job) as Arc<dyn Job>, spec.settings()?))
        })
        .collect()
}

fn client(parts: &JobParts, source: &'static str, upstream: &str) -> anyhow::Result<PoliteClient> {
    let options = ClientOptions {
        min_interval: PACE,
        timeout: Duration::from_secs(2),
        max_retries: 2,
        retry_base: Duration::from_millis(400),
        ..ClientOptions::new(source, Url::parse(&format!("{upstream}/{source}"))?, "torture")
    };
    Ok(PoliteClient::new(options, Arc::clone(&parts.gate), Arc::new(Unobserved))?)
}
