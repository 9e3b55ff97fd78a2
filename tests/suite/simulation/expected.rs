//! The records that must be there, from the upstream's own log of what it did.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use data_infrastructure::{
    jobs::{Task, TaskState},
    stock::{bar::Bar, sample::Series},
};

use super::{
    answers::{Answer, Answers, outcome},
    days::Evening,
    judge::{Reason, judge},
    model::{Change, Finding, Model},
    plan::{Plan, first_day},
};

const SOURCES: [&str; 3] = ["yahoo", "kabutan", "stooq"];

/// A row in quarantine: code, source, day, why.
pub type Quarantined = (String, String, Option<NaiveDate>, Reason);

/// A revision: code, source, day, what changed.
pub type Revised = (String, String, NaiveDate, Change);

#[derive(Default)]
pub struct Expected {
    bars: BTreeMap<&'static str, Vec<Bar>>,
    pub quarantine: BTreeSet<Quarantined>,
    pub revisions: Vec<Revised>,
    failed: usize,
    outages: usize,
}

/// An answer that could be loaded.
struct Usable {
    source: &'static str,
    bars: BTreeMap<NaiveDate, Bar>,
    finding: Finding,
}

impl Expected {
    pub fn of(plan: &Plan, evenings: &[Evening], answers: &Answers) -> Self {
        let mut expected = Self::default();
        for series in plan.market.series() {
            let mut model = Model::new(&plan.market, series, first_day(series).max(plan.history_from()));
            for evening in evenings {
                let answers = answers.on(evening.day, series.code);
                match evening.task(series.code) {
                    Some(task) => expected.evening(&mut model, series, evening.day, answers, task),
                    None => assert!(answers.is_empty(), "{} is not listed on {}", series.code, evening.day),
                }
            }
            expected.bars.insert(series.code, model.stored.into_values().collect());
        }
        expected.outages = evenings.iter().filter(|evening| evening.run.rows.inserted == 0).count();
        expected
    }

    pub fn bars(&self, code: &str) -> Vec<Bar> {
        self.bars[code].clone()
    }

    fn evening(&mut self, model: &mut Model, series: &Series, day: NaiveDate, answers: &[Answer], task: &Task) {
        let code = series.code;
        let usable = self.usable(model, code, day, answers);
        match task.state {
            TaskState::Failed => {
                self.failed += 1;
                assert!(
                    usable.is_empty(),
                    "{code} on {day} had an answer from {} and failed: {task:?}",
                    usable[0].source
                );
                errs_as_it_was_answered(code, day, answers, task);
            }
            TaskState::Succeeded if answers.is_empty() => assert_eq!(task.source, None, "{code} on {day}: {task:?}"),
            TaskState::Succeeded => {
                // The first with the session of the day, else the first.
                let is_fresh = |one: &&Usable| one.bars.contains_key(&day);
                let chosen = usable.iter().find(is_fresh).or(usable.first());
                let Some(chosen) = chosen else { panic!("{code} on {day} had no answer: {task:?} {answers:?}") };
                assert_eq!(task.source.as_deref(), Some(chosen.source), "{code} on {day}: {task:?} {answers:?}");
                for (date, change) in model.load(&chosen.bars, chosen.source, &chosen.finding) {
                    self.revisions.push((code.to_owned(), chosen.source.to_owned(), date, change));
                }
            }
            _ => panic!("{code} on {day} is neither: {task:?}"),
        }
    }

    fn usable(&mut self, model: &Model, code: &str, day: NaiveDate, answers: &[Answer]) -> Vec<Usable> {
        let mut usable = Vec::new();
        // The source that has shown a split and is asked for its whole history.
        let mut rebasing = None;
        for answer in answers {
            let whole = rebasing.take() == Some(answer.source);
            if answer.fault.is_some() || answer.rows.is_empty() {
                continue;
            }
            let from = if whole { model.whole_from() } else { model.asked_from() };
            if !answer.is_whole(from) {
                continue;
            }
            let judged = judge(answer.rows.iter().copied().filter(|row| row.date >= from));
            for (date, reason) in judged.wrong {
                self.quarantine.insert((code.to_owned(), answer.source.to_owned(), Some(date), reason));
            }
            if judged.is_refused {
                continue;
            }
            if model.is_late(answer.source, day) {
                self.quarantine.insert((code.to_owned(), answer.source.to_owned(), None, Reason::NotAdjusted));
                continue;
            }
            let (source, bars) = (answer.source, judged.bars);
            match model.finding(&bars, source, day) {
                Finding::Rebased(_) if !whole => rebasing = Some(source),
                Finding::Contradicts => {
                    self.quarantine.insert((code.to_owned(), source.to_owned(), None, Reason::Contradiction));
                }
                finding => usable.push(Usable { source, bars, finding }),
            }
        }
        usable
    }

    /// A proof about nothing would be none.
    pub fn is_worth_the_name(&self) {
        let reasons = |reason: Reason| self.quarantine.iter().filter(|row| row.3 == reason).count();
        let rebases = self.revisions.iter().filter(|row| matches!(row.3, Change::Rebase { .. })).count();
        let corrections = self.revisions.len() - rebases;
        let (phantoms, duplicates, unsound) =
            (reasons(Reason::NoSession), reasons(Reason::Duplicate), reasons(Reason::Unsound));
        let contradictions = reasons(Reason::Contradiction);
        println!(
            "{corrections} corrections, {rebases} rebases, {phantoms} phantoms, {duplicates} duplicates, {unsound} \
             unsound, {contradictions} contradictions, {} failed tasks, {} evenings without any",
            self.failed, self.outages
        );
        assert!(corrections >= 10 && rebases == 15 && phantoms >= 40, "too little happened");
        assert!(duplicates >= 3 && unsound >= 3 && contradictions >= 3, "too little happened");
        assert!(self.failed > 60 && self.outages >= 1, "too little failed");
    }
}

/// The error of a failed task says of each source what it did.
fn errs_as_it_was_answered(code: &str, day: NaiveDate, answers: &[Answer], task: &Task) {
    let error = task.error.as_deref().unwrap_or_default();
    let mut places: Vec<(usize, &str)> =
        SOURCES.iter().filter_map(|source| Some((error.find(&format!("{source}: "))?, *source))).collect();
    places.sort_unstable();
    let last = answers.last().map(|answer| answer.source);
    // A source that shows a split and then does not give its history has the last word.
    assert!(places.len() == 3 || (places.len() == 1 && Some(places[0].1) == last), "{code} on {day}: {error}");
    for (nth, (place, source)) in places.iter().enumerate() {
        let end = places.get(nth + 1).map_or(error.len(), |(next, _)| *next);
        let told = &error[*place..end];
        let answer = answers.iter().rev().find(|answer| answer.source == *source);
        let words: &[&str] = match answer.map(|answer| (answer.fault, answer.rows.is_empty())) {
            None => &[],
            Some((Some(fault), _)) => match outcome(source, fault) {
                "server" => &["server error"],
                "network" => &["network: "],
                "blocked" => &["blocked: "],
                "quota_exceeded" => &["quota exceeded: "],
                _ => &["unexpected answer: "],
            },
            Some((None, true)) => &["does not know the code", "has none of these days"],
            Some((None, false)) => &["common sessions differ", "rows of", "not adjusted for it"],
        };
        let fits = told.contains("not asked: ") || words.iter().any(|word| told.contains(word));
        assert!(fits, "{code} on {day}: {told:?} although {answer:?}");
    }
}
