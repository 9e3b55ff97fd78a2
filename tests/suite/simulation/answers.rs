//! The upstream's own log, read as answers: the pages of one history are one.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use data_infrastructure::stock::{
    bar::Bar,
    sample::{FaultKind, RequestRecord},
};

#[derive(Clone, Debug)]
pub struct Answer {
    pub source: &'static str,
    /// What the rows would have been, had no fault struck.
    pub rows: Vec<Bar>,
    pub fault: Option<FaultKind>,
    /// Its last page had nothing but the newest row, which every page repeats.
    ended: bool,
}

impl Answer {
    /// Whether the pages were turned back to the day asked for. They are not when the source closes meanwhile, because
    /// somebody else was refused.
    pub fn is_whole(&self, from: NaiveDate) -> bool {
        self.source != "kabutan" || self.ended || self.rows.iter().any(|row| row.date <= from)
    }
}

pub struct Answers {
    by_day: BTreeMap<(NaiveDate, String), Vec<Answer>>,
    /// Requests by source and by what their outcome must be; none for those that were answered.
    pub outcomes: BTreeMap<(&'static str, Option<&'static str>), usize>,
}

impl Answers {
    pub fn of(log: &[RequestRecord]) -> Self {
        let mut all = Self { by_day: BTreeMap::new(), outcomes: BTreeMap::new() };
        for record in log {
            let outcome = record.fault.map(|fault| outcome(record.source, fault));
            *all.outcomes.entry((record.source, outcome)).or_default() += 1;
            let answers = all.by_day.entry((record.as_of, record.code.clone())).or_default();
            let follows = record.source == "kabutan" && !record.path.ends_with("page=1");
            match answers.last_mut() {
                Some(last) if follows && last.source == "kabutan" => {
                    last.rows.extend(&record.rows);
                    last.fault = last.fault.or(record.fault);
                    last.ended = record.rows.len() <= 1;
                }
                _ => {
                    assert!(!follows, "a history begins with its first page: {record:?}");
                    let (source, rows) = (record.source, record.rows.clone());
                    answers.push(Answer { source, rows, fault: record.fault, ended: false });
                }
            }
        }
        all
    }

    /// In the order in which they were asked for.
    pub fn on(&self, day: NaiveDate, code: &str) -> &[Answer] {
        self.by_day.get(&(day, code.to_owned())).map_or(&[], Vec::as_slice)
    }
}

/// What the client must make of a fault, by the name of the outcome in the metrics.
pub fn outcome(source: &str, fault: FaultKind) -> &'static str {
    match fault {
        FaultKind::Status(status) if status >= 500 => "server",
        FaultKind::Timeout | FaultKind::CutOff => "network",
        FaultKind::Status(_) | FaultKind::EmptyBody | FaultKind::Truncated | FaultKind::Huge(_) => "schema_changed",
        FaultKind::Html if source == "kabutan" => "schema_changed",
        FaultKind::Html | FaultKind::BlockPage | FaultKind::RedirectElsewhere => "blocked",
        FaultKind::RateLimited { .. } => "quota_exceeded",
    }
}
