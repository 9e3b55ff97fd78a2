//! How much of a log is kept.

use std::{borrow::Cow, sync::Arc};

use tracing::Level;

use crate::telemetry::run_log::RunLine;

/// Lines of any level.
const LINES: i64 = 5000;
/// Lines at all; one more says that the log is full.
const MOST: i64 = 6000;

/// The lines that are kept of these, numbered on from the `last` one that is kept already.
#[must_use]
pub fn bounded<'a>(last: i64, lines: &'a [RunLine]) -> Vec<(i64, Cow<'a, RunLine>)> {
    let mut kept = Vec::with_capacity(lines.len());
    let mut seq = last;
    let mut keep = |line: Cow<'a, RunLine>| {
        seq += 1;
        kept.push((seq, line));
        seq
    };
    let mut reached = last;
    for line in lines {
        if reached == LINES {
            let from_here = format!("the log has {LINES} lines: from here on only warnings and errors are kept");
            reached = keep(note(line, from_here));
        }
        if reached == MOST {
            reached = keep(note(line, "the log is full: nothing more is kept".to_owned()));
        }
        if reached < LINES || (reached < MOST && line.level <= Level::WARN) {
            reached = keep(Cow::Borrowed(line));
        }
    }
    kept
}

fn note<'a>(line: &RunLine, message: String) -> Cow<'a, RunLine> {
    Cow::Owned(RunLine::note(Arc::clone(&line.run), line.at, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(count: usize, level: Level) -> Vec<RunLine> {
        let line = RunLine::note("0198".into(), "2026-11-20T09:00:00Z".parse().unwrap(), "said".to_owned());
        vec![RunLine { level, ..line }; count]
    }

    fn messages<'a>(kept: &'a [(i64, Cow<'_, RunLine>)]) -> Vec<(i64, &'a str)> {
        kept.iter().map(|(seq, line)| (*seq, line.message.as_str())).collect()
    }

    #[test]
    fn lines_are_numbered_on() {
        let said = lines(2, Level::INFO);
        assert_eq!(messages(&bounded(7, &said)), [(8, "said"), (9, "said")]);
        assert!(bounded(0, &[]).is_empty());
    }

    #[test]
    fn beyond_five_thousand_only_warnings_and_errors_are_kept() {
        let said = [lines(3, Level::INFO), lines(1, Level::ERROR)].concat();
        let kept = bounded(4999, &said);
        let note = "the log has 5000 lines: from here on only warnings and errors are kept";
        assert_eq!(messages(&kept), [(5000, "said"), (5001, note), (5002, "said")]);
        assert_eq!(kept[2].1.level, Level::ERROR);
        assert!(bounded(5500, &lines(10, Level::INFO)).is_empty());
    }

    #[test]
    fn a_full_log_says_so_once() {
        let said = lines(5, Level::WARN);
        let kept = bounded(5999, &said);
        assert_eq!(messages(&kept), [(6000, "said"), (6001, "the log is full: nothing more is kept")]);
        assert!(bounded(6001, &lines(5, Level::ERROR)).is_empty());
        assert_eq!(bounded(0, &lines(100_000, Level::WARN)).len(), 6001);
    }
}
