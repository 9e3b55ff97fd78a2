//! Ticks by definition: a parser and a walk of their own, which share nothing with the product but chrono-tz.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;

use super::zones::offset_seconds;

/// An expression, field by field.
pub struct Reference {
    seconds: Vec<u32>,
    minutes: Vec<u32>,
    hours: Vec<u32>,
    days: Vec<Day>,
    months: Vec<u32>,
    weekdays: Vec<Day>,
    /// Of the two fields that choose days, neither is a star.
    both_given: bool,
    /// A day has to match both.
    and: bool,
    pub interval: bool,
}

/// What a day may be asked to be.
#[derive(Debug)]
enum Day {
    OfMonth(u32),
    Last,
    LastWorking,
    NearestWorking(u32),
    OfWeek(u32),
    Counted(u32, u32),
    LastOfWeek(u32),
}

impl Reference {
    pub fn parse(expression: &str) -> Self {
        let lower = expression.to_lowercase();
        let text = match lower.as_str() {
            "@hourly" => "0 * * * *",
            "@daily" => "0 0 * * *",
            "@weekly" => "0 0 * * 0",
            "@monthly" => "0 0 1 * *",
            "@yearly" => "0 0 1 1 *",
            other => other,
        };
        let mut fields: Vec<String> = text.split(' ').map(|field| field.replace('?', "*")).collect();
        if fields.len() == 5 {
            fields.insert(0, "0".to_owned());
        }
        let and = fields[5].starts_with('+');
        let weekday = fields[5].trim_start_matches('+');
        Self {
            seconds: numbers(&fields[0], 0, 59),
            minutes: numbers(&fields[1], 0, 59),
            hours: numbers(&fields[2], 0, 23),
            days: fields[3].split(',').flat_map(days_of_month).collect(),
            months: numbers(&fields[4], 1, 12),
            weekdays: weekday.split(',').flat_map(days_of_week).collect(),
            both_given: fields[3] != "*" && weekday != "*",
            and,
            interval: fields[2].contains('*'),
        }
    }

    pub fn matches(&self, time: NaiveDateTime) -> bool {
        self.minutes.contains(&time.minute())
            && self.hours.contains(&time.hour())
            && self.seconds.contains(&time.second())
            && self.months.contains(&time.month())
            && self.matches_day(time.date())
    }

    fn matches_day(&self, date: NaiveDate) -> bool {
        let by_month = self.days.iter().any(|day| day.is(date));
        let by_week = self.weekdays.iter().any(|day| day.is(date));
        // A star matches every day, so without both given AND leaves the other field alone.
        if self.both_given && !self.and { by_month || by_week } else { by_month && by_week }
    }

    /// The ticks in `(after, until]`. A fixed time is due at the first instant whose local time is it or later.
    pub fn walk(&self, zone: Tz, after: DateTime<Utc>, until: DateTime<Utc>) -> Vec<DateTime<Utc>> {
        let even = [after, until].iter().all(|instant| offset_seconds(zone, *instant) % 60 == 0);
        let step = TimeDelta::seconds(if even && self.seconds == [0] { 60 } else { 1 });
        // No fold is longer; from here on the furthest local time is known.
        let mut instant = after - TimeDelta::hours(4);
        let mut furthest = local(zone, instant);
        let mut ticks = Vec::new();
        while instant < until {
            instant += step;
            let now = local(zone, instant);
            let due = if self.interval { self.matches(now) } else { self.any_matches(furthest, now, step) };
            furthest = furthest.max(now);
            if due && instant > after {
                ticks.push(instant);
            }
        }
        ticks
    }

    /// Whether one of the times in `(from, to]` matches.
    fn any_matches(&self, from: NaiveDateTime, to: NaiveDateTime, step: TimeDelta) -> bool {
        let mut time = from;
        while time < to {
            time += step;
            if self.matches(time) {
                return true;
            }
        }
        false
    }
}

pub fn local(zone: Tz, instant: DateTime<Utc>) -> NaiveDateTime {
    instant.naive_utc() + TimeDelta::seconds(i64::from(offset_seconds(zone, instant)))
}

impl Day {
    fn is(&self, date: NaiveDate) -> bool {
        let in_month = |day: u32| date.with_day(day);
        let last = (28..=31).rev().find_map(in_month).unwrap();
        let weekday = date.weekday().num_days_from_sunday();
        match *self {
            Self::OfMonth(day) => date.day() == day,
            Self::Last => date == last,
            Self::LastWorking => last.iter_days().rev().find(|day| is_working(*day)) == Some(date),
            Self::NearestWorking(day) => in_month(day).is_some_and(|wanted| {
                let working = (1..=31).filter_map(in_month).filter(|day| is_working(*day));
                working.min_by_key(|day| (*day - wanted).num_days().abs()) == Some(date)
            }),
            Self::OfWeek(day) => weekday == day,
            Self::Counted(day, count) => weekday == day && (date.day() - 1) / 7 + 1 == count,
            Self::LastOfWeek(day) => weekday == day && date + TimeDelta::days(7) > last,
        }
    }
}

fn is_working(date: NaiveDate) -> bool {
    (1..=5).contains(&date.weekday().num_days_from_sunday())
}

fn days_of_month(item: &str) -> Vec<Day> {
    match (item, item.strip_suffix('w')) {
        ("l", _) => vec![Day::Last],
        ("lw", _) => vec![Day::LastWorking],
        (_, Some(day)) => vec![Day::NearestWorking(day.parse().unwrap())],
        _ => numbers(item, 1, 31).into_iter().map(Day::OfMonth).collect(),
    }
}

fn days_of_week(item: &str) -> Vec<Day> {
    let (days, count) = match item.split_once('#') {
        Some((days, count)) => (days, count),
        None => item.strip_suffix('l').map_or((item, ""), |days| (days, "l")),
    };
    let days = numbers(days, 0, 7).into_iter().map(|day| day % 7);
    days.map(|day| match count {
        "" => Day::OfWeek(day),
        "l" => Day::LastOfWeek(day),
        count => Day::Counted(day, count.parse().unwrap()),
    })
    .collect()
}

/// Lists of numbers, names, ranges and steps.
fn numbers(field: &str, least: u32, most: u32) -> Vec<u32> {
    let mut found = Vec::new();
    for item in field.split(',') {
        let (range, step) = item.split_once('/').unwrap_or((item, "1"));
        let (first, last) = match range.split_once('-') {
            _ if range == "*" => (least, most),
            Some((first, last)) => (number(first), number(last)),
            None => (number(range), number(range)),
        };
        // Sunday ends a range as well as it begins one.
        let last = if most == 7 && last < first { 7 } else { last };
        found.extend((first..=last).step_by(step.parse().unwrap()));
    }
    found
}

fn number(word: &str) -> u32 {
    let months = ["", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
    let named = [&months[..], &weekdays[..]].into_iter().find_map(|names| names.iter().position(|name| *name == word));
    named.map_or_else(|| word.parse().unwrap(), |number| number.try_into().unwrap())
}
