//! Random expressions that are likely to have ticks near a given local time.

use chrono::{Datelike, NaiveDateTime, Timelike};
use fastrand::Rng;

const MONTHS: [&str; 13] = ["", "Jan", "FEB", "mar", "apr", "May", "JUN", "jul", "aug", "SEP", "Oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["Sun", "mon", "TUE", "Wed", "thu", "FRI", "sat"];

/// Five fields, or a nickname.
pub fn of_five(rng: &mut Rng, near: NaiveDateTime) -> String {
    if rng.u8(0..25) == 0 {
        let nicknames = ["@hourly", "@Daily", "@WEEKLY", "@monthly", "@yearly"];
        return nicknames[rng.usize(0..nicknames.len())].to_owned();
    }
    format!("{} {} {}", minute(rng, near), hour(rng, near), date(rng, near))
}

/// Six fields, with seconds first.
pub fn of_six(rng: &mut Rng, near: NaiveDateTime) -> String {
    let second = values(rng, near.second(), 0, 59);
    format!("{second} {} {} {}", minute(rng, near), hour(rng, near), date(rng, near))
}

/// Five fields of which the first two name a few times of the day.
pub fn sparse(rng: &mut Rng, near: NaiveDateTime) -> String {
    let times = ["30 2", "0 0", "15 1,23", "0 */12", "59 23"][rng.usize(0..5)];
    format!("{times} {}", date(rng, near))
}

fn minute(rng: &mut Rng, near: NaiveDateTime) -> String {
    match rng.u8(0..8) {
        0 => "*".to_owned(),
        1 | 2 => ["0", "30", "59", "15", "45"][rng.usize(0..5)].to_owned(),
        3 => ["*/10", "*/15", "*/7", "*/30", "*/45", "*/1"][rng.usize(0..6)].to_owned(),
        _ => values(rng, near.minute(), 0, 59),
    }
}

fn hour(rng: &mut Rng, near: NaiveDateTime) -> String {
    // Folds and gaps lie within two hours of the change.
    let near = (near.hour() + 24 + rng.u32(0..5) - 2) % 24;
    match rng.u8(0..10) {
        0 => "*".to_owned(),
        1 => format!("*/{}", rng.u32(1..13)),
        2..=5 => near.to_string(),
        _ => values(rng, near, 0, 23),
    }
}

fn date(rng: &mut Rng, near: NaiveDateTime) -> String {
    let (first, last) = (1, 31);
    let today = near.day();
    let day = match rng.u8(0..12) {
        0 => "?".to_owned(),
        1 => "L".to_owned(),
        2 => "LW".to_owned(),
        3 => format!("{}W", (today + rng.u32(0..3)).clamp(first, last)),
        4 => format!("{},L", values(rng, today, first, last)),
        5..=7 => values(rng, today, first, last),
        _ => "*".to_owned(),
    };
    let named = |month: u32| MONTHS[month as usize];
    let month = match rng.u8(0..10) {
        0 => named(near.month()).to_owned(),
        1 => format!("{}-dec", named(near.month())),
        2 => values(rng, near.month(), 1, 12),
        _ => "*".to_owned(),
    };
    let today = near.weekday().num_days_from_sunday();
    let name = WEEKDAYS[today as usize];
    let weekday = match rng.u8(0..14) {
        0 => "?".to_owned(),
        1 => format!("{name}#{}", rng.u32(1..6)),
        2 => format!("{today}L"),
        3 => format!("{name}#L,{}", rng.u32(0..8)),
        4 => "Mon-Fri".to_owned(),
        5 => "fri-SUN".to_owned(),
        6 => format!("1-5#{}", rng.u32(1..6)),
        7 => values(rng, today, 0, 7),
        8 => name.to_owned(),
        _ => "*".to_owned(),
    };
    let and = if rng.u8(0..8) == 0 { "+" } else { "" };
    format!("{day} {month} {and}{weekday}")
}

/// A number, a list, a range or steps, often with `near` among them.
fn values(rng: &mut Rng, near: u32, least: u32, most: u32) -> String {
    let any = rng.u32(least..=most);
    let (low, high) = (near.min(any), near.max(any));
    match rng.u8(0..7) {
        0 => any.to_string(),
        1 => near.to_string(),
        2 => format!("{near},{any}"),
        3 => format!("{low}-{high}"),
        4 => format!("{low}-{high}/{}", rng.u32(1..8)),
        5 => format!("*/{}", rng.u32(1..=most)),
        _ => format!("{any},{low}-{high}/3,{near}"),
    }
}
