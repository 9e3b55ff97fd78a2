//! `[jobs.NAME]`: when a job runs, and what happens when it cannot.

mod expression;

use std::time::Duration;

use chrono_tz::{TZ_VARIANTS, Tz};

use crate::settings::{Section, Wrong, nearest, shown};

pub use expression::parse_expression;

/// The schedule of a job that runs only when somebody asks for it.
pub const MANUALLY: &str = "@manually";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobSettings {
    /// A cron expression of five or six fields, or a nickname; it has been parsed once and has a next tick. Or
    /// [`MANUALLY`].
    pub schedule: String,
    pub timezone: Tz,
    pub enabled: bool,
    pub overlap: Overlap,
    pub misfire: Misfire,
    /// How old a missed tick may be to be made up for.
    pub misfire_window: Duration,
    /// How many missed ticks are made up for at most.
    pub misfire_max: u32,
    /// The greatest offset of the job's ticks; the offset itself is fixed, from the job's name.
    pub jitter: Duration,
    /// For one run.
    pub timeout: Duration,
    /// Per task, the first attempt included.
    pub max_attempts: u32,
    /// The base of the exponential backoff between attempts.
    pub retry_backoff: Duration,
    /// How long finished runs are kept.
    pub keep_runs: Duration,
    /// Tasks at once within a run.
    pub parallel: u32,
}

/// What differs from job to job before anybody configures anything.
#[derive(Clone, Copy, Debug)]
pub struct JobDefaults {
    pub schedule: &'static str,
    pub timezone: Tz,
    pub enabled: bool,
}

/// What a tick does while an earlier run of the job is active.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlap {
    Skip,
    Queue,
    Replace,
    Allow,
}

impl Overlap {
    pub const ALL: [Self; 4] = [Self::Skip, Self::Queue, Self::Replace, Self::Allow];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Queue => "queue",
            Self::Replace => "replace",
            Self::Allow => "allow",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == name)
    }
}

/// Which of the ticks missed within the window are made up for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misfire {
    None,
    Last,
    All,
}

impl Misfire {
    pub const ALL: [Self; 3] = [Self::None, Self::Last, Self::All];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Last => "last",
            Self::All => "all",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == name)
    }
}

impl JobSettings {
    pub fn read(section: &mut Section, defaults: JobDefaults) -> Self {
        let (instant, second) = (Duration::from_millis(1), Duration::from_secs(1));
        let (day, year) = (Duration::from_hours(24), Duration::from_hours(366 * 24));
        Self {
            schedule: section.parsed("schedule", defaults.schedule.to_owned(), parse_schedule),
            timezone: section.parsed("timezone", defaults.timezone, parse_timezone),
            enabled: section.boolean("enabled", defaults.enabled),
            overlap: section.choice("overlap", Overlap::Queue, &Overlap::ALL, Overlap::as_str),
            misfire: section.choice("misfire", Misfire::Last, &Misfire::ALL, Misfire::as_str),
            misfire_window: section.duration("misfire_window", day, Duration::ZERO..=year),
            misfire_max: section.integer("misfire_max", 10, 1..=1000),
            jitter: section.duration("jitter", Duration::ZERO, Duration::ZERO..=day),
            timeout: section.duration("timeout", Duration::from_hours(2), instant..=7 * day),
            max_attempts: section.integer("max_attempts", 3, 1..=20),
            retry_backoff: section.duration("retry_backoff", 30 * second, Duration::ZERO..=day),
            keep_runs: section.duration("keep_runs", 90 * day, second..=10 * year),
            parallel: section.integer("parallel", 4, 1..=64),
        }
    }
}

fn parse_schedule(text: &str) -> Result<String, Wrong> {
    if text.trim().eq_ignore_ascii_case(MANUALLY) {
        return Ok(MANUALLY.to_owned());
    }
    parse_expression(text).map(|_| text.trim().to_owned()).map_err(|reason| {
        Wrong::new(
            format!("{} is no schedule: {reason}", shown(text)),
            "write five cron fields (minute hour day month weekday), six with seconds first, or @hourly, @daily, \
             @weekly, @monthly, @yearly, such as \"0 18 * * Mon-Fri\"; or @manually for never by itself",
        )
    })
}

fn parse_timezone(text: &str) -> Result<Tz, Wrong> {
    text.parse().map_err(|_| {
        let meant = if text.len() <= ABBREVIATION {
            abbreviated(text)
        } else {
            nearest(text, TZ_VARIANTS.iter().map(|zone| zone.name()))
        };
        let meant = meant.or_else(|| city(text));
        let right = meant.map_or_else(
            || "write a name of the IANA database, such as \"Asia/Tokyo\" or \"UTC\"".to_owned(),
            |meant| format!("did you mean \"{meant}\"?"),
        );
        Wrong::new(format!("{} is no time zone", shown(text)), right)
    })
}

/// The letters of an abbreviation, at most: one differs from the next by a letter and by half the world, so that the
/// nearest is not what was meant.
const ABBREVIATION: usize = 4;

fn abbreviated(text: &str) -> Option<&'static str> {
    if text.eq_ignore_ascii_case("JST") {
        return Some("Asia/Tokyo");
    }
    TZ_VARIANTS.iter().map(|zone| zone.name()).find(|name| name.eq_ignore_ascii_case(text))
}

/// The zone of a city given alone: `Tokyo`.
fn city(text: &str) -> Option<&'static str> {
    let name = |zone: &Tz| zone.name().rsplit('/').next().unwrap_or_default();
    TZ_VARIANTS.iter().find(|zone| name(zone).eq_ignore_ascii_case(text)).map(|zone| zone.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_of_five_and_six_fields_and_nicknames_are_accepted() {
        for text in
            ["0 18 * * Mon-Fri", "*/5 * * * * *", "@daily", " @HOURLY ", "0 0 29 2 *", "0 9 L * *", "0 9 * * 1#2"]
        {
            assert_eq!(parse_schedule(text).unwrap(), text.trim());
        }
    }

    #[test]
    fn a_job_may_run_only_when_asked_for() {
        assert_eq!(parse_schedule(" @Manually ").unwrap(), MANUALLY);
    }

    #[test]
    fn other_schedules_are_refused_with_the_reason_and_what_would_be_right() {
        for (text, reason) in [
            ("", "0 fields"),
            ("60 0 25 * * *", "\"60\" is no second"),
            ("0 18 * * Mon-Fry", "\"Mon-Fry\" is no weekday"),
            ("@fortnightly", "nickname"),
            ("30 2 31 2 *", "no day ever matches"),
            ("0 0 31 4,6,9,11 *", "no day ever matches"),
        ] {
            let wrong = parse_schedule(text).unwrap_err();
            assert!(wrong.wrong.contains(reason), "{text}: {wrong:?}");
            assert!(wrong.right.contains("0 18 * * Mon-Fri"));
        }
    }

    #[test]
    fn a_mistyped_zone_is_answered_with_the_nearest() {
        for (text, meant) in [
            ("Asia/Tokio", "Asia/Tokyo"),
            ("Tokyo", "Asia/Tokyo"),
            ("asia/tokyo", "Asia/Tokyo"),
            ("utc", "UTC"),
            ("JST", "Asia/Tokyo"),
            ("rome", "Europe/Rome"),
        ] {
            let wrong = parse_timezone(text).unwrap_err();
            assert!(wrong.right.contains(meant), "{text}: {wrong:?}");
        }
        for unknown in ["Moon/Tranquility", "IST", "XST"] {
            assert!(parse_timezone(unknown).unwrap_err().right.contains("IANA"), "{unknown}");
        }
    }

    #[test]
    fn every_choice_has_its_name_and_back() {
        assert!(Overlap::ALL.into_iter().all(|one| Overlap::parse(one.as_str()) == Some(one)));
        assert!(Misfire::ALL.into_iter().all(|one| Misfire::parse(one.as_str()) == Some(one)));
        assert_eq!(Overlap::parse("often"), None);
    }
}
