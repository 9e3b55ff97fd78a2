//! What was found: counts, and violations by kind with the first of each.

use std::collections::BTreeMap;

/// Shown of each kind.
const SHOWN: usize = 5;

#[derive(Default)]
pub struct Report {
    counts: Vec<(String, String)>,
    violations: BTreeMap<&'static str, Vec<String>>,
}

impl Report {
    pub fn count(&mut self, what: impl Into<String>, value: impl ToString) {
        self.counts.push((what.into(), value.to_string()));
    }

    pub fn violation(&mut self, kind: &'static str, what: impl Into<String>) {
        self.violations.entry(kind).or_default().push(what.into());
    }

    pub fn is_clean(&self) -> bool {
        self.violations.is_empty()
    }

    pub fn print(&self) {
        for (what, value) in &self.counts {
            println!("{what:<44} {value}");
        }
        for (kind, all) in &self.violations {
            println!("VIOLATED {kind}: {} times", all.len());
            for one in all.iter().take(SHOWN) {
                println!("    {one}");
            }
        }
        println!("{}", if self.is_clean() { "no violations" } else { "violations found" });
    }
}

/// p50, p99 and the greatest, in milliseconds.
pub fn spread(mut values: Vec<i64>) -> String {
    values.sort_unstable();
    let Some(most) = values.last() else { return "none".to_owned() };
    format!("p50 {} p99 {} max {} ms of {}", at(&values, 50), at(&values, 99), most, values.len())
}

/// The value that so many of a hundred do not exceed; the values are sorted.
pub fn at(sorted: &[i64], percent: usize) -> i64 {
    sorted.get((sorted.len() * percent).div_ceil(100).saturating_sub(1)).copied().unwrap_or(0)
}
