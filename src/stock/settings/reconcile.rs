//! `[jobs.reconcile]`: the comparison of what is stored with a second source.

use std::{collections::BTreeSet, fmt};

use chrono_tz::Tz;

use super::SOURCES;
use crate::{
    jobs::settings::{JobDefaults, JobSettings},
    settings::{Section, Wrong, shown},
};

/// Of the sources those whose basis is the one every other can be compared with: splits, not dividends.
const COMPARABLE: [&str; 3] = ["jquants", "yahoo", "kabutan"];

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReconcileSettings {
    pub common: JobSettings,
    /// The sources to compare with, in order of preference; for each company the first that its series is not of.
    pub sources: Vec<String>,
    /// Companies looked at by one run; the next run of another week goes on with the next ones.
    pub companies: u32,
    /// Sessions compared, the newest.
    pub sessions: u32,
    pub tolerance: Tolerance,
}

impl ReconcileSettings {
    /// Reads `[jobs.reconcile]`. The default schedule is on a day without sessions, when the sources are idle.
    pub fn read(section: &mut Section) -> Self {
        let defaults = JobDefaults { schedule: "0 7 * * Sun", timezone: Tz::Asia__Tokyo, enabled: false };
        let settings = Self {
            common: JobSettings::read(section, defaults),
            sources: section.texts("sources", &["yahoo", "kabutan"]),
            companies: section.integer("companies", 20, 1..=10_000),
            sessions: section.integer("sessions", 60, 5..=2_500),
            tolerance: section.parsed("tolerance", Tolerance(500), Tolerance::parse),
        };
        check_sources(section, &settings.sources);
        settings
    }
}

fn check_sources(section: &mut Section, names: &[String]) {
    let right = format!("write each of {} at most once, in order of preference", COMPARABLE.join(", "));
    if names.is_empty() {
        section.refuse("sources", Wrong::new("no source is named", right.clone()));
    }
    let mut seen = BTreeSet::new();
    for name in names {
        let wrong = if COMPARABLE.contains(&name.as_str()) {
            (!seen.insert(name)).then(|| format!("{name} is named twice"))
        } else if SOURCES.contains(&name.as_str()) {
            Some(format!("{name} adjusts for dividends too: its prices differ from all others by that alone"))
        } else {
            Some(format!("{} is no source", shown(name)))
        };
        if let Some(wrong) = wrong {
            section.refuse("sources", Wrong::new(wrong, right.clone()));
        }
    }
}

/// A part of a price, in millionths: `0.05%` are 500.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tolerance(u32);

impl Tolerance {
    /// # Errors
    /// When the text is no percentage from 0 to 5.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let percent = text.trim().strip_suffix('%').and_then(|number| number.trim().parse::<f64>().ok());
        match percent.filter(|percent| (0.0..=5.0).contains(percent)) {
            Some(percent) => Ok(Self((percent * 1e4).round() as u32)),
            None => Err(Wrong::new(
                format!("{} is no percentage from 0% to 5%", shown(text)),
                "write a part of a price such as \"0.05%\"",
            )),
        }
    }

    /// `0.0005`
    #[must_use]
    pub fn part(self) -> f64 {
        f64::from(self.0) / 1e6
    }
}

impl fmt::Display for Tolerance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", f64::from(self.0) / 1e4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stock::{bar::Basis, sources::SourceName};

    #[test]
    fn the_comparable_sources_have_one_basis_and_the_others_another() {
        for name in SourceName::ALL {
            assert_eq!(COMPARABLE.contains(&name.as_str()), name.basis() == Basis::Split, "{name:?}");
        }
    }

    #[test]
    fn a_tolerance_is_a_percentage_and_reads_back() {
        for (text, part) in [("0.05%", 5e-4), ("0%", 0.0), (" 1 % ", 1e-2), ("5%", 5e-2)] {
            let read = Tolerance::parse(text).unwrap();
            assert!((read.part() - part).abs() < 1e-12, "{text}");
            assert_eq!(Tolerance::parse(&read.to_string()).unwrap(), read);
        }
        for text in ["", "0.05", "%", "6%", "-1%", "a%", "NaN%"] {
            assert!(Tolerance::parse(text).is_err(), "{text}");
        }
    }
}
