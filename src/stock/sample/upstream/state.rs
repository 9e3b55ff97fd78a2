//! What the upstream knows and remembers.

use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::{HeaderMap, Uri, header};
use chrono::NaiveDate;
use tokio::time::Instant;

use super::fault::{Fault, FaultKind};
use super::plan::FaultPlan;
use crate::stock::bar::Bar;
use crate::stock::calendar::{Calendar, Market};
use crate::stock::sample::disturbance::provisional;
use crate::stock::sample::{Disturbance, DisturbanceKind, SampleData, Series};

/// Requests remembered; of more, the newest.
const MOST_REQUESTS: usize = 10_000;

/// One request, as it arrived.
#[derive(Clone, Debug)]
pub struct RequestRecord {
    /// `yahoo`, `kabutan` or `stooq`.
    pub source: &'static str,
    /// Without the source's suffix: `1101`. As it was asked for, whether it exists or not.
    pub code: String,
    /// Path below the source's prefix, with the parameters.
    pub path: String,
    pub user_agent: Option<String>,
    pub at: Instant,
    /// The day it was answered as of.
    pub as_of: NaiveDate,
    /// What came instead of the answer.
    pub fault: Option<FaultKind>,
    /// The rows of the answer, also of one that a fault spoiled; only with [`Upstream::keep_rows`](super::Upstream).
    pub rows: Vec<Bar>,
}

#[derive(Debug)]
pub(super) struct State {
    data: SampleData,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    as_of: NaiveDate,
    provisional: bool,
    faults: Vec<Fault>,
    requests: Vec<RequestRecord>,
    /// Source and code of companies that a source does not know.
    unlisted: Vec<(&'static str, String)>,
    /// Sources that have not published the newest session yet.
    late: Vec<&'static str>,
    plan: FaultPlan,
    keeps_rows: bool,
    /// Whether the exchange has said on which days it trades otherwise than the table.
    announced: bool,
}

impl State {
    pub(super) fn new(data: SampleData, as_of: NaiveDate) -> Self {
        let inner = Inner {
            as_of,
            provisional: false,
            faults: Vec::new(),
            requests: Vec::new(),
            unlisted: Vec::new(),
            late: Vec::new(),
            plan: FaultPlan::default(),
            keeps_rows: false,
            announced: false,
        };
        Self { data, inner: Mutex::new(inner) }
    }

    /// Records a request and says which fault it meets.
    pub(super) fn receive(
        &self,
        source: &'static str,
        code: &str,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Option<FaultKind> {
        let path = uri.path_and_query().map_or("", |whole| whole.as_str());
        let mut inner = self.lock();
        let as_of = inner.as_of;
        let injected = inner.faults.iter_mut().find_map(|fault| fault.strikes(source, code).then_some(fault.kind));
        let fault = injected.or_else(|| inner.plan.strikes(source, code, as_of));
        let record = RequestRecord {
            source,
            code: code.to_owned(),
            path: path.strip_prefix('/').and_then(|rest| rest.strip_prefix(source)).unwrap_or(path).to_owned(),
            user_agent: headers.get(header::USER_AGENT).and_then(|text| text.to_str().ok()).map(str::to_owned),
            at: Instant::now(),
            as_of,
            fault,
            rows: Vec::new(),
        };
        if inner.requests.len() == MOST_REQUESTS {
            inner.requests.remove(0);
        }
        inner.requests.push(record);
        fault
    }

    /// Adds to the newest record of a request what was answered, where that is kept.
    pub(super) fn answered(&self, source: &str, code: &str, rows: &[Bar]) {
        let mut inner = self.lock();
        if !inner.keeps_rows {
            return;
        }
        let asked = |record: &&mut RequestRecord| record.source == source && record.code == code;
        if let Some(record) = inner.requests.iter_mut().rev().find(asked) {
            record.rows = rows.to_vec();
        }
    }

    /// The company as the source shows it today; none when unknown there or not listed yet.
    pub(super) fn view(&self, source: &'static str, code: &str) -> Option<View<'_>> {
        let (as_of, provisional) = {
            let inner = self.lock();
            if inner.unlisted.iter().any(|(where_, what)| *where_ == source && what == code) {
                return None;
            }
            let late = inner.late.contains(&source);
            let as_of = if late { self.data.calendar().previous_session(inner.as_of) } else { inner.as_of };
            (as_of, inner.provisional)
        };
        let series = self.data.get(code)?;
        let newest = series.raw_as_of(as_of).last()?.date;
        let view = View { series, as_of, in_session: provisional && newest == as_of, source, data: &self.data };
        view.disturbances().all(|one| one.kind != DisturbanceKind::Forgotten).then_some(view)
    }

    pub(super) fn set_plan(&self, plan: FaultPlan) {
        self.lock().plan = plan;
    }

    pub(super) fn keep_rows(&self) {
        self.lock().keeps_rows = true;
    }

    pub(super) fn announce(&self) {
        self.lock().announced = true;
    }

    /// The calendar as the exchange has published it by now.
    pub(super) fn published(&self) -> Calendar {
        if self.lock().announced { self.data.calendar().clone() } else { Calendar::embedded(Market::Tokyo) }
    }

    /// Every company of a market that the source knows today.
    pub(super) fn views(&self, source: &'static str, market: Market) -> Vec<View<'_>> {
        let codes = self.data.series().filter(|series| series.market == market).map(|series| series.code);
        codes.filter_map(|code| self.view(source, code)).collect()
    }

    /// The day the market is shown on.
    pub(super) fn as_of(&self) -> NaiveDate {
        self.lock().as_of
    }

    pub(super) fn set_as_of(&self, as_of: NaiveDate) {
        self.lock().as_of = as_of;
    }

    pub(super) fn set_provisional(&self, provisional: bool) {
        self.lock().provisional = provisional;
    }

    pub(super) fn inject(&self, fault: Fault) {
        self.lock().faults.push(fault);
    }

    pub(super) fn unlist(&self, source: &'static str, code: &str) {
        self.lock().unlisted.push((source, code.to_owned()));
    }

    pub(super) fn set_late(&self, source: &'static str) {
        self.lock().late.push(source);
    }

    pub(super) fn clear(&self) {
        let mut inner = self.lock();
        inner.faults.clear();
        inner.requests.clear();
    }

    pub(super) fn requests(&self) -> Vec<RequestRecord> {
        self.lock().requests.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One company on one day, as seen from outside.
#[derive(Clone, Copy, Debug)]
pub(super) struct View<'a> {
    pub(super) series: &'a Series,
    pub(super) as_of: NaiveDate,
    /// The newest row belongs to a session that is still open.
    pub(super) in_session: bool,
    pub(super) source: &'static str,
    data: &'a SampleData,
}

impl<'a> View<'a> {
    /// What the source has wrong about the company today.
    fn disturbances(self) -> impl Iterator<Item = &'a Disturbance> {
        self.data.disturbances().iter().filter(move |one| one.is_shown(self.source, self.series.code, self.as_of))
    }

    fn disturbed(self, mut bars: Vec<Bar>) -> Vec<Bar> {
        self.disturbances().for_each(|one| one.spoil(&mut bars, self.series, self.as_of));
        bars
    }

    /// The days on which Tokyo really trades.
    pub(super) fn calendar(self) -> &'a Calendar {
        self.data.calendar()
    }

    pub(super) fn tells_splits(self) -> bool {
        self.disturbances().all(|one| one.kind != DisturbanceKind::Unannounced)
    }

    /// Adjusted for splits and dividends, ascending.
    pub(super) fn total_return_bars(self) -> Vec<Bar> {
        self.disturbed(self.series.total_return_bars_as_of(self.as_of))
    }

    /// Adjusted for splits, ascending; the newest provisional while in session.
    pub(super) fn bars(self) -> Vec<Bar> {
        let mut bars = self.disturbed(self.series.bars_as_of(self.as_of));
        if self.in_session
            && let Some(newest) = bars.last_mut()
        {
            *newest = provisional(newest);
        }
        bars
    }
}
