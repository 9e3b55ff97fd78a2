//! Lines on their way to the database. So many and no more: the oldest give way, and are counted.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use chrono::{DateTime, Utc};

use crate::telemetry::run_log::RunLine;

/// Lines of one run, in their order.
pub type Batch = VecDeque<Vec<RunLine>>;

pub struct Waiting {
    lines: VecDeque<RunLine>,
    most: usize,
    /// How many lines of each run gave way, and when the last of them was said.
    lost: BTreeMap<Arc<str>, (u64, DateTime<Utc>)>,
}

impl Waiting {
    pub fn new(most: usize) -> Self {
        Self { lines: VecDeque::new(), most, lost: BTreeMap::new() }
    }

    pub fn len(&self) -> usize {
        self.lines.len()
    }

    pub fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.lost.is_empty()
    }

    pub fn push(&mut self, line: RunLine) {
        if self.lines.len() >= self.most
            && let Some(oldest) = self.lines.pop_front()
        {
            self.lose(&oldest);
        }
        self.lines.push_back(line);
    }

    /// The oldest lines, at most about so many, by run. A run that lost lines is told so first.
    pub fn take(&mut self, most: usize) -> Batch {
        let told = std::mem::take(&mut self.lost);
        let told = told.into_iter().map(|(run, (lines, at))| RunLine::dropped(run, at, lines));
        let mut batch = Batch::new();
        for line in told.chain(self.lines.drain(..most.min(self.lines.len()))) {
            match batch.iter_mut().find(|group| group.first().is_some_and(|first| first.run == line.run)) {
                Some(group) => group.push(line),
                None => batch.push_back(vec![line]),
            }
        }
        batch
    }

    /// Takes back what could not be written. What came meanwhile is newer and has the right of way.
    pub fn put_back(&mut self, batch: Batch) {
        for line in batch.into_iter().flatten().collect::<Vec<_>>().into_iter().rev() {
            if self.lines.len() < self.most {
                self.lines.push_front(line);
            } else {
                self.lose(&line);
            }
        }
    }

    fn lose(&mut self, line: &RunLine) {
        let (lines, at) = self.lost.entry(Arc::clone(&line.run)).or_insert((0, line.at));
        *lines += line.stands_for();
        *at = line.at.max(*at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(run: &str, message: impl ToString) -> RunLine {
        RunLine::note(run.into(), "2026-11-20T09:00:00Z".parse().unwrap(), message.to_string())
    }

    fn told(batch: &Batch) -> Vec<Vec<&str>> {
        batch.iter().map(|group| group.iter().map(|line| line.message.as_str()).collect()).collect()
    }

    #[test]
    fn lines_are_taken_by_run_in_their_order() {
        let mut waiting = Waiting::new(10);
        for (run, message) in [("a", "1"), ("b", "2"), ("a", "3"), ("b", "4")] {
            waiting.push(line(run, message));
        }
        assert_eq!(told(&waiting.take(3)), [vec!["1", "3"], vec!["2"]]);
        assert_eq!(told(&waiting.take(3)), [["4"]]);
        assert!(waiting.is_empty());
    }

    #[test]
    fn the_oldest_give_way_and_are_told_of() {
        let mut waiting = Waiting::new(2);
        waiting.push(line("a", "1"));
        for number in 0..100_000 {
            waiting.push(line("b", number));
        }
        assert_eq!(waiting.len(), 2);
        let batch = waiting.take(10);
        assert_eq!(told(&batch), [vec!["1 line was dropped"], vec!["99998 lines were dropped", "99998", "99999"]]);
        assert!(waiting.is_empty());
    }

    #[test]
    fn what_is_put_back_comes_first_again_and_yields_to_what_is_newer() {
        let mut waiting = Waiting::new(3);
        for number in 1..=3 {
            waiting.push(line("a", number));
        }
        let batch = waiting.take(3);
        waiting.push(line("a", 4));
        waiting.put_back(batch);
        assert_eq!(told(&waiting.take(9)), [vec!["1 line was dropped", "2", "3", "4"]]);

        let mut waiting = Waiting::new(1);
        waiting.push(line("a", 1));
        waiting.push(line("a", 2));
        let batch = waiting.take(9);
        waiting.push(line("a", 3));
        waiting.put_back(batch);
        assert_eq!(told(&waiting.take(9)), [vec!["2 lines were dropped", "3"]]);
    }
}
