//! What a job's schedule may say: cron expressions, read more strictly than croner alone reads them.
//!
//! croner passes over empty parts of a list, letters after a `W`, month names among the minutes and the like; here
//! whatever was probably not meant is refused.

use chrono::{DateTime, Utc};
use croner::{
    Cron,
    parser::{CronParser, Seconds, Year},
};

use crate::settings::shown;

/// Every value of every field written out has fewer characters.
const LONGEST: usize = 1000;
const FIELDS: [&str; 6] = ["second", "minute", "hour", "day", "month", "weekday"];
const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// Five fields (minute, hour, day, month, weekday), six with seconds first, or a nickname such as `@daily`; of day
/// and weekday either suffices when both are given, as POSIX has it.
///
/// # Errors
/// The reason, in words, when the text is no expression or no day ever matches it.
pub fn parse_expression(text: &str) -> Result<Cron, String> {
    if text.len() > LONGEST {
        return Err(format!("it is longer than {LONGEST} characters"));
    }
    if let Some(odd) = text.chars().find(|c| !c.is_ascii_graphic() && !c.is_ascii_whitespace()) {
        return Err(format!("it holds {odd:?}"));
    }
    let parser = CronParser::builder().seconds(Seconds::Optional).year(Year::Disallowed).build();
    let nickname = text.trim_start().starts_with('@');
    if !nickname {
        check_fields(&parser, &text.split_ascii_whitespace().collect::<Vec<_>>())?;
    }
    let cron = parser.parse(text).map_err(|error| match nickname {
        true => "the nickname is unknown".to_owned(),
        false => error.to_string().trim_end_matches('.').to_owned(),
    })?;
    // Any instant serves: an expression without a tick in the years after it has none at all.
    cron.find_next_occurrence(&DateTime::<Utc>::UNIX_EPOCH, false).map_err(|_| "no day ever matches it".to_owned())?;
    Ok(cron)
}

/// Names the first field that does not serve even among stars.
fn check_fields(parser: &CronParser, fields: &[&str]) -> Result<(), String> {
    if !(5..=6).contains(&fields.len()) {
        return Err(format!("it has {} fields", fields.len()));
    }
    for (at, (field, name)) in fields.iter().zip(&FIELDS[FIELDS.len() - fields.len()..]).enumerate() {
        let alone: Vec<&str> = (0..fields.len()).map(|other| if other == at { *field } else { "*" }).collect();
        if !is_well_formed(field, name) || parser.parse(&alone.join(" ")).is_err() {
            return Err(format!("{} is no {name}", shown(field)));
        }
    }
    Ok(())
}

/// Whether a field is made of the words it may be made of; that they stand in order, and in bounds, croner sees to.
fn is_well_formed(field: &str, name: &str) -> bool {
    let lower = field.to_ascii_lowercase();
    let list = if name == "weekday" { lower.strip_prefix('+').unwrap_or(&lower) } else { &lower };
    // croner would take the last working day only.
    let doubled = ["l", "lw"].iter().all(|last| list.split(',').any(|item| item == *last));
    !doubled
        && list.split(',').all(|item| match (name, item) {
            ("day" | "weekday", "?") => list == item,
            ("day", "l" | "lw") => true,
            ("day", _) if item.ends_with('w') => item.strip_suffix('w').is_some_and(is_number),
            ("weekday", _) if is_weekday(item.strip_suffix('l').unwrap_or(item)) => true,
            ("weekday", _) if item.contains('#') => is_counted(item),
            _ => item.split(['-', '/']).all(|word| word == "*" || is_value(word, name)),
        })
}

/// `1#2`, `mon-fri#1`, `5#l`.
fn is_counted(item: &str) -> bool {
    item.split_once('#').is_some_and(|(days, count)| {
        (count == "l" || is_number(count)) && days.split(['-', '/']).all(|word| word == "*" || is_weekday(word))
    })
}

fn is_value(word: &str, name: &str) -> bool {
    match name {
        "month" => is_number(word) || MONTHS.contains(&word),
        "weekday" => is_weekday(word),
        _ => is_number(word),
    }
}

fn is_weekday(word: &str) -> bool {
    is_number(word) || WEEKDAYS.contains(&word)
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_form_is_accepted() {
        for text in [
            "0 18 * * Mon-Fri",
            "*/5 * * * * *",
            " @HOURLY ",
            "@Daily",
            "@weekly",
            "@monthly",
            "@yearly",
            "@annually",
            "0 0 29 2 *",
            "0 9 L * *",
            "0 9 LW * *",
            "0 9 1,15w,l * *",
            "0 9 * * 1#2",
            "0 9 * * MON-FRI#1,6#L",
            "0 9 * * 5L,friL",
            "0 9 13 * +5",
            "0 9 ? * 7",
            "0 9 13 * ?",
            "0\t9  1-7/2,20 jan,JUN-Aug */2",
            "00 09 * * sat-sun",
            "0,30 8-18/2 * * 1-5",
        ] {
            assert!(parse_expression(text).is_ok(), "{text}: {:?}", parse_expression(text));
        }
    }

    fn refuses(table: &[(&str, &str)]) {
        for (text, reason) in table {
            let error = parse_expression(text).unwrap_err();
            assert!(error.contains(reason), "{text:?}: {error}");
        }
    }

    #[test]
    fn other_times_are_refused_with_the_field() {
        refuses(&[
            ("0 25 * * *", "\"25\" is no hour"),
            ("60 * * * *", "\"60\" is no minute"),
            ("60 0 25 * * *", "\"60\" is no second"),
            ("99999999999 * * * *", "is no minute"),
            ("-1 * * * *", "\"-1\" is no minute"),
            ("+5 * * * *", "\"+5\" is no minute"),
            ("1.5 * * * *", "\"1.5\" is no minute"),
            (", * * * *", "\",\" is no minute"),
            ("1,,2 * * * *", "\"1,,2\" is no minute"),
            ("0 9, * * *", "\"9,\" is no hour"),
            ("*/0 * * * *", "\"*/0\" is no minute"),
            ("*/ * * * *", "\"*/\" is no minute"),
            ("/5 * * * *", "\"/5\" is no minute"),
            ("0/10 * * * *", "\"0/10\" is no minute"),
            ("*/5/2 * * * *", "is no minute"),
            ("0 17-9 * * *", "\"17-9\" is no hour"),
            ("0 5- * * *", "\"5-\" is no hour"),
            ("0 -5 * * *", "\"-5\" is no hour"),
            ("0 1-2-3 * * *", "is no hour"),
            ("0 ** * * *", "\"**\" is no hour"),
            ("0 *,5 * * *", "is no hour"),
            ("? * * * *", "\"?\" is no minute"),
            ("L * * * *", "\"L\" is no minute"),
            ("0 L * * *", "\"L\" is no hour"),
            ("feb * * * *", "\"feb\" is no minute"),
        ]);
    }

    #[test]
    fn other_days_and_months_are_refused_with_the_field() {
        refuses(&[
            ("0 0 0 * *", "\"0\" is no day"),
            ("0 0 32 * *", "\"32\" is no day"),
            ("0 0 * 0 *", "\"0\" is no month"),
            ("0 0 * 13 *", "\"13\" is no month"),
            ("0 0 * * 8", "\"8\" is no weekday"),
            ("0 0 * * Fri-Mon", "\"Fri-Mon\" is no weekday"),
            ("0 0 * L *", "\"L\" is no month"),
            ("0 0 1 * L", "\"L\" is no weekday"),
            ("0 0 5L * *", "\"5L\" is no day"),
            ("0 0 L,LW * *", "\"L,LW\" is no day"),
            ("0 0 W * *", "\"W\" is no day"),
            ("0 0 15W3 * *", "\"15W3\" is no day"),
            ("0 0 1-15W * *", "is no day"),
            ("0 0 * * 15W", "is no weekday"),
            ("0 0 * * 1#6", "\"1#6\" is no weekday"),
            ("0 0 * * 1#0", "\"1#0\" is no weekday"),
            ("0 0 * * 1#", "\"1#\" is no weekday"),
            ("0 0 * * #2", "\"#2\" is no weekday"),
            ("0 0 * * 1#2L", "\"1#2L\" is no weekday"),
            ("0 0 1#2 * *", "\"1#2\" is no day"),
            ("0 18 * * Mon-Fry", "\"Mon-Fry\" is no weekday"),
            ("0 0 1 1JAN *", "\"1JAN\" is no month"),
            ("0 0 1 January *", "is no month"),
        ]);
    }

    #[test]
    fn other_texts_are_refused_with_the_reason() {
        let long = format!("{}1 * * * *", "1,".repeat(600));
        refuses(&[
            ("", "0 fields"),
            ("  \t ", "0 fields"),
            ("* * * *", "4 fields"),
            ("0 0 0 1 1 * 2030", "7 fields"),
            ("@fortnightly", "nickname"),
            ("@daily 5", "nickname"),
            ("@", "nickname"),
            ("0 18 * * \u{17f}un", "it holds 'ſ'"),
            ("0\u{3000}18 * * *", "it holds '\\u{3000}'"),
            ("0 18 * * ５", "it holds '５'"),
            ("0 18 * * 5\0", "it holds '\\0'"),
            (&long, "longer than 1000"),
            ("30 2 31 2 *", "no day ever matches"),
            ("0 0 30 2 *", "no day ever matches"),
            ("0 0 31 4,6,9,11 *", "no day ever matches"),
            ("0 0 31W 4 *", "no day ever matches"),
            ("0 0 8 * +1#1", "no day ever matches"),
        ]);
    }
}
