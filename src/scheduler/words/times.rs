//! Seconds, minutes and hours in words.

use croner::{CronComponent, CronPattern};

use super::{list, progression, runs};

/// More times of the day than these are described rather than listed; half of them are listed in any case.
const LISTED: usize = 6;

/// The times of a day.
pub struct Times {
    pub words: String,
    /// They read as times of a day, so that it has to be said of which days.
    pub daily: bool,
    /// It matters whose clock shows them.
    pub zoned: bool,
}

/// The values of one field.
struct Field {
    values: Vec<u16>,
    /// How many there could be.
    most: u16,
}

impl Field {
    fn of(component: &CronComponent) -> Self {
        Self { values: component.values(), most: component.max + 1 }
    }

    /// One value of sixty.
    fn only(value: u16) -> Self {
        Self { values: vec![value], most: 60 }
    }

    /// The distance of values that recur evenly, over the turn of the hour or the day too; 1 when there are all.
    fn even(&self) -> Option<u16> {
        let count = u16::try_from(self.values.len()).ok().filter(|count| self.most.is_multiple_of(*count))?;
        let step = self.most / count;
        let even = count > 1 && self.values.iter().zip(0..).all(|(value, at)| *value == at * step);
        even.then_some(step)
    }

    fn is_all(&self) -> bool {
        self.even() == Some(1)
    }

    /// `30`, `0, 5 and 10 to 20`.
    fn numbers(&self) -> String {
        let items = runs(&self.values).into_iter().map(|(first, last)| match first == last {
            true => first.to_string(),
            false => format!("{first} to {last}"),
        });
        list(&items.collect::<Vec<_>>(), "and")
    }
}

impl Times {
    pub fn of(pattern: &CronPattern) -> Self {
        let [seconds, minutes, hours] = [&pattern.seconds, &pattern.minutes, &pattern.hours].map(Field::of);
        let count = seconds.values.len() * minutes.values.len() * hours.values.len();
        let sharp = seconds.values == [0];
        match (seconds.even(), minutes.even()) {
            _ if sharp && minutes.values.len() == 1 => hourly(minutes.values[0], &hours),
            _ if count <= LISTED / 2 => listed(&seconds, &minutes, &hours),
            (Some(step), Some(1)) => through(every(step, "second"), &hours),
            (None, Some(step)) if sharp => through(every(step, "minute"), &hours),
            _ if count <= LISTED => listed(&seconds, &minutes, &hours),
            _ if sharp => {
                let past = if hours.is_all() { "every hour".to_owned() } else { the_hours(&hours) };
                told(format!("at {} minutes past {past}", minutes.numbers()), !hours.is_all())
            }
            _ => composed(&seconds, &minutes, &hours),
        }
    }
}

fn told(words: String, daily: bool) -> Times {
    Times { words, daily, zoned: true }
}

/// One minute of some hours.
fn hourly(minute: u16, hours: &Field) -> Times {
    match (hours.even(), progression(&hours.values)) {
        (Some(1), _) if minute == 0 => told("every hour, on the hour".to_owned(), false),
        (Some(1), _) => {
            let plural = if minute == 1 { "" } else { "s" };
            told(format!("at {minute} minute{plural} past every hour"), false)
        }
        (Some(step), Some(_)) if minute == 0 => told(every(step, "hour"), false),
        (Some(step), Some(_)) => told(format!("{} from 00:{minute:02}", every(step, "hour")), false),
        (None, Some((first, step, last))) => {
            told(format!("{} from {first:02}:{minute:02} to {last:02}:{minute:02}", every(step, "hour")), true)
        }
        (_, None) => listed(&Field::only(0), &Field::only(minute), hours),
    }
}

/// What recurs all through some hours.
fn through(every: String, hours: &Field) -> Times {
    if hours.is_all() {
        return Times { words: every, daily: false, zoned: false };
    }
    let words = match runs_of(hours) {
        Some((first, last)) => format!("{every} from {first:02}:00 to {last:02}:59"),
        None => format!("{every} during {}", the_hours(hours)),
    };
    told(words, true)
}

/// Every time by itself.
fn listed(seconds: &Field, minutes: &Field, hours: &Field) -> Times {
    let sharp = seconds.values == [0];
    let mut times = Vec::new();
    for hour in &hours.values {
        for minute in &minutes.values {
            times.extend(seconds.values.iter().map(|second| match sharp {
                true => format!("{hour:02}:{minute:02}"),
                false => format!("{hour:02}:{minute:02}:{second:02}"),
            }));
        }
    }
    told(format!("at {}", list(&times, "and")), true)
}

/// Field by field, for what has no better words.
fn composed(seconds: &Field, minutes: &Field, hours: &Field) -> Times {
    let second = match seconds.even() {
        Some(step) => every(step, "second"),
        None => format!("at {} {}", plural("second", seconds), seconds.numbers()),
    };
    let minute = match minutes.is_all() {
        true => "every minute".to_owned(),
        false => format!("{} {}", plural("minute", minutes), minutes.numbers()),
    };
    let hour = if hours.is_all() { "every hour".to_owned() } else { the_hours(hours) };
    // Every minute of every hour goes without saying.
    let rest = if hours.is_all() && minutes.is_all() { minute } else { format!("{minute} of {hour}") };
    told(format!("{second} of {rest}"), !hours.is_all())
}

/// `every minute`, `every 10 minutes`.
fn every(step: u16, unit: &str) -> String {
    if step == 1 { format!("every {unit}") } else { format!("every {step} {unit}s") }
}

fn plural(unit: &str, field: &Field) -> String {
    if field.values.len() == 1 { unit.to_owned() } else { format!("{unit}s") }
}

/// The first and last of hours that follow one another.
fn runs_of(hours: &Field) -> Option<(u16, u16)> {
    let (first, last) = (*hours.values.first()?, *hours.values.last()?);
    (usize::from(last - first) + 1 == hours.values.len()).then_some((first, last))
}

/// `the hour 9`, `the hours 9 to 17 and 20`.
fn the_hours(hours: &Field) -> String {
    format!("the {} {}", plural("hour", hours), hours.numbers())
}
