//! The stock domain's sections: `[sources.*]` and `[jobs.*]`.

pub mod jquants;
mod reconcile;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::NaiveDate;
use chrono_tz::Tz;

use crate::crawl::settings::{BaseUrl, SourceDefaults, SourceSettings};
use crate::jobs::settings::{JobDefaults, JobSettings, MANUALLY};
use crate::settings::{Section, Wrong, nearest, shown};

use self::jquants::Plan;
pub use reconcile::{ReconcileSettings, Tolerance};

/// The sources there are, in the default order of preference.
pub const SOURCES: [&str; 4] = ["jquants", "yahoo", "kabutan", "stooq"];

#[derive(Clone, Debug)]
pub struct StockSettings {
    /// One for each of [`SOURCES`], by name.
    pub sources: BTreeMap<&'static str, SourceSettings>,
    /// What is subscribed to at J-Quants.
    pub jquants_plan: Plan,
    pub job: StockJobSettings,
    pub replay: JobSettings,
    /// `[jobs.import]`
    pub import: JobSettings,
    /// `[jobs.company]`
    pub company_job: JobSettings,
    pub reconcile: ReconcileSettings,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StockJobSettings {
    pub common: JobSettings,
    /// Names of [`SOURCES`] in order of preference, each at most once, at least one.
    pub sources: Vec<String>,
    /// The first day asked for a company without bars.
    pub history_from: NaiveDate,
    /// Stored sessions that each fetch reads again to compare.
    pub overlap_sessions: u32,
    /// The spans of the moving averages, in sessions, each at most once.
    pub ma_spans: Vec<u16>,
}

impl StockSettings {
    /// Reads the domain's sections from the root.
    pub fn read(root: &mut Section) -> Self {
        let mut tables = root.table("sources");
        let jquants_plan = Plan::read(&mut tables.table("jquants"));
        let sources = SOURCES.into_iter().map(|name| (name, read_source(&mut tables, name, jquants_plan))).collect();
        let mut jobs = root.table("jobs");
        let tokyo = |schedule| JobDefaults { schedule, timezone: Tz::Asia__Tokyo, enabled: true };
        Self {
            sources,
            jquants_plan,
            job: StockJobSettings::read(&mut jobs.table("stock")),
            replay: JobSettings::read(&mut jobs.table("replay"), tokyo(MANUALLY)),
            import: JobSettings::read(&mut jobs.table("import"), tokyo(MANUALLY)),
            // Before the markets open again, when nobody waits for bars.
            company_job: JobSettings::read(&mut jobs.table("company"), tokyo("0 6 * * Sat")),
            reconcile: ReconcileSettings::read(&mut jobs.table("reconcile")),
        }
    }
}

fn read_source(sources: &mut Section, name: &'static str, plan: Plan) -> SourceSettings {
    let mut section = sources.table(name);
    let settings = SourceSettings::read(&mut section, source_defaults(name, plan));
    if name == "jquants" {
        jquants::require_key(&mut section, &settings);
    }
    settings
}

/// Addresses and paces as the sources document them. Kabutan's robots.txt: `Crawl-delay: 3`.
fn source_defaults(name: &str, plan: Plan) -> SourceDefaults {
    let (second, nothing) = (Duration::from_secs(1), Duration::ZERO);
    let (base_url, min_interval, floor, enabled) = match name {
        "jquants" => ("https://api.jquants.com/v2", plan.min_interval(), plan.min_interval(), false),
        "yahoo" => ("https://query1.finance.yahoo.com", second, nothing, true),
        "kabutan" => ("https://kabutan.jp", 3 * second, 3 * second, true),
        _ => ("https://stooq.com", second, nothing, true),
    };
    SourceDefaults { base_url: BaseUrl::built_in(base_url), min_interval, floor, enabled }
}

impl StockJobSettings {
    /// Reads `[jobs.stock]`. The default schedule is after Tokyo's close, when final bars are published.
    pub fn read(section: &mut Section) -> Self {
        let defaults = JobDefaults { schedule: "0 18 * * Mon-Fri", timezone: Tz::Asia__Tokyo, enabled: true };
        let settings = Self {
            common: JobSettings::read(section, defaults),
            sources: section.texts("sources", &SOURCES),
            history_from: section.parsed("history_from", first_day(2000), parse_day),
            overlap_sessions: section.integer("overlap_sessions", 10, 1..=250),
            ma_spans: section.integers("ma_spans", &[5, 25, 75], 1..=400),
        };
        check_sources(section, &settings.sources);
        check_spans(section, &settings.ma_spans);
        settings
    }
}

fn check_sources(section: &mut Section, names: &[String]) {
    let right = format!("write each of {} at most once, in order of preference", SOURCES.join(", "));
    if names.is_empty() {
        section.refuse("sources", Wrong::new("no source is named", right.clone()));
    }
    let mut seen = BTreeSet::new();
    for name in names {
        if !SOURCES.contains(&name.as_str()) {
            let meant = nearest(name, SOURCES).map_or(String::new(), |meant| format!(" (did you mean {meant}?)"));
            section.refuse("sources", Wrong::new(format!("{} is no source", shown(name)), format!("{right}{meant}")));
        } else if !seen.insert(name) {
            section.refuse("sources", Wrong::new(format!("{name} is named twice"), right.clone()));
        }
    }
}

fn check_spans(section: &mut Section, spans: &[u16]) {
    let right = "write 1 to 12 different numbers of sessions, such as [5, 25, 75]";
    if !(1..=12).contains(&spans.len()) {
        section.refuse("ma_spans", Wrong::new(format!("{} spans are given", spans.len()), right));
    }
    let mut seen = BTreeSet::new();
    for span in spans {
        if !seen.insert(span) {
            section.refuse("ma_spans", Wrong::new(format!("{span} is given twice"), right));
        }
    }
}

/// A day from 1949 on, when Tokyo's exchange reopened: older dates are refused in bars as well.
fn parse_day(text: &str) -> Result<NaiveDate, Wrong> {
    let right = "write a day as YYYY-MM-DD, from 1949-01-01 on";
    let day: NaiveDate = text.parse().map_err(|_| Wrong::new(format!("{} is no day", shown(text)), right))?;
    if day < first_day(1949) {
        return Err(Wrong::new(format!("{day} is before 1949"), right));
    }
    Ok(day)
}

fn first_day(year: i32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_addresses_in_the_program_are_base_urls() {
        for name in SOURCES {
            let url = source_defaults(name, Plan::Free).base_url;
            assert_eq!(BaseUrl::parse(url.as_str()).unwrap(), url);
        }
    }

    #[test]
    fn days_are_iso_days_from_1949_on() {
        assert_eq!(parse_day("2000-01-01").unwrap(), first_day(2000));
        for text in ["", "2000-13-01", "01.01.2000", "1948-12-31", "yesterday"] {
            assert!(parse_day(text).is_err(), "{text}");
        }
    }
}
