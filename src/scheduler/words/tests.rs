use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;

use super::*;

const TOKYO: &str = ", Asia/Tokyo time";

fn words(expression: &str) -> String {
    Schedule::parse(expression, Tz::Asia__Tokyo).unwrap().in_words()
}

#[test]
fn times_of_the_day_read_as_times() {
    for (expression, expected) in [
        ("0 18 * * *", "at 18:00 every day"),
        ("@daily", "at 00:00 every day"),
        ("30 0 18 * * *", "at 18:00:30 every day"),
        ("5,35 9 * * *", "at 09:05 and 09:35 every day"),
        ("30 1,9,17 * * *", "at 01:30, 09:30 and 17:30 every day"),
        ("0,30 9,12 * * *", "every 30 minutes during the hours 9 and 12 every day"),
        ("5,20 9,12 * * *", "at 09:05, 09:20, 12:05 and 12:20 every day"),
        ("0 */8 * * *", "at 00:00, 08:00 and 16:00 every day"),
        ("0 */13 * * *", "at 00:00 and 13:00 every day"),
        ("0 1,2,5,11,20,21,22 * * *", "at 01:00, 02:00, 05:00, 11:00, 20:00, 21:00 and 22:00 every day"),
        ("0 9-17 * * *", "every hour from 09:00 to 17:00 every day"),
        ("15 8-20/2 * * *", "every 2 hours from 08:15 to 20:15 every day"),
        ("0 */5 * * *", "every 5 hours from 00:00 to 20:00 every day"),
        ("*/10 9-17 * * *", "every 10 minutes from 09:00 to 17:59 every day"),
        ("* 9 * * *", "every minute from 09:00 to 09:59 every day"),
        ("5,20,50 9-11,13 * * *", "at 5, 20 and 50 minutes past the hours 9 to 11 and 13 every day"),
        ("*/20 * 9 * * *", "every 20 seconds from 09:00 to 09:59 every day"),
        ("*/20 30 9 * * *", "at 09:30:00, 09:30:20 and 09:30:40 every day"),
        ("30 */10 9,12 * * *", "at second 30 of minutes 0, 10, 20, 30, 40 and 50 of the hours 9 and 12 every day"),
    ] {
        assert_eq!(words(expression), format!("{expected}{TOKYO}"), "{expression}");
    }
}

#[test]
fn intervals_read_as_intervals() {
    for (expression, expected) in [
        ("@hourly", "every hour, on the hour"),
        ("30 * * * *", "at 30 minutes past every hour"),
        ("1 * * * *", "at 1 minute past every hour"),
        ("5,20 * * * *", "at 5 and 20 minutes past every hour"),
        ("*/45 * * * *", "at 0 and 45 minutes past every hour"),
        ("*/20,5 * * * *", "at 0, 5, 20 and 40 minutes past every hour"),
        ("0 */2 * * *", "every 2 hours"),
        ("30 */6 * * *", "every 6 hours from 00:30"),
        ("30 * * * * *", "at second 30 of every minute"),
        ("0 30 * * * *", "at 30 minutes past every hour"),
        ("0,7 30 * * * *", "at seconds 0 and 7 of minute 30 of every hour"),
        ("* 0 * * * *", "every second of minute 0 of every hour"),
        ("*/10 * * * 1-5", "every 10 minutes from Monday to Friday"),
        ("* * * 7 *", "every minute in July"),
    ] {
        assert_eq!(words(expression), format!("{expected}{TOKYO}"), "{expression}");
    }
}

#[test]
fn what_every_clock_shows_alike_needs_no_zone() {
    for (expression, expected) in [
        ("* * * * *", "every minute"),
        ("*/10 * * * *", "every 10 minutes"),
        ("0,30 * * * *", "every 30 minutes"),
        ("* * * * * *", "every second"),
        ("*/20 * * * * *", "every 20 seconds"),
        ("0-59/1 */1 ? 1-12 0-6", "every minute"),
    ] {
        assert_eq!(words(expression), expected, "{expression}");
    }
}

#[test]
fn days_read_as_days() {
    for (days, expected) in [
        ("* * Mon-Fri", "from Monday to Friday"),
        ("* * Fri-Sun", "from Friday to Sunday"),
        ("* * 0-4", "from Sunday to Thursday"),
        ("* * 7", "on Sunday"),
        ("* * 6,0", "on Saturday and Sunday"),
        ("? * 1-5/2", "on Monday, Wednesday and Friday"),
        ("* * 1#2", "on the second Monday of the month"),
        ("* * 5L", "on the last Friday of the month"),
        ("* * Fri#L,1-2#1", "on the last Friday, the first Monday and the first Tuesday of the month"),
        ("* 3 1#2", "on the second Monday of March"),
        ("* 3 3,1#2", "on Wednesday and the second Monday of the month, in March"),
        ("* Jan,jul Mon", "on Monday, in January and July"),
        ("* 6-8 Mon-Fri", "from Monday to Friday, from June to August"),
        ("* */3 *", "every day in January, April, July and October"),
        ("* 6-8 *", "every day from June to August"),
        ("1 * *", "on the 1st of the month"),
        ("1 1 *", "on the 1st of January"),
        ("2,3,15,22 * *", "on the 2nd, the 3rd, the 15th and the 22nd of the month"),
        ("1-7 * *", "from the 1st to the 7th of the month"),
        ("1-7 6-8 *", "from the 1st to the 7th of each month from June to August"),
        ("*/2 * *", "on every 2nd day from the 1st to the 31st of the month"),
        ("11-13,21 * ?", "on the 11th to the 13th and the 21st of the month"),
        ("L * *", "on the last day of the month"),
        ("L 2 *", "on the last day of February"),
        ("LW * *", "on the last working day (Monday to Friday) of the month"),
        ("15W * *", "on the working day (Monday to Friday) nearest the 15th of the month"),
        ("1,15,L * *", "on the 1st, the 15th and the last day of the month"),
        ("13 * 5", "on the 13th of the month or on Friday"),
        ("13 1 5", "on the 13th of the month or on Friday, in January"),
        ("13 * 1-5", "on the 13th of the month or from Monday to Friday"),
        ("13 * 5#1", "on the 13th of the month or on the first Friday of the month"),
        ("13 * +5", "on the 13th of the month, if that is Friday"),
        ("L 3 +1-5", "on the last day of March, if that is Monday to Friday"),
        ("1-14 * +1,5#2", "from the 1st to the 14th of the month, if that is Monday or the second Friday of the month"),
        ("*/1 * 5", "every day"),
        ("13 * 0-6", "every day"),
        ("*/1 * +5", "on Friday"),
        ("13 * +*", "on the 13th of the month"),
    ] {
        assert_eq!(words(&format!("0 9 {days}")), format!("at 09:00 {expected}{TOKYO}"), "{days}");
    }
}

#[test]
fn nicknames_zones_and_jitter_are_told() {
    assert_eq!(words("@WEEKLY"), format!("at 00:00 on Sunday{TOKYO}"));
    assert_eq!(words("@monthly"), format!("at 00:00 on the 1st of the month{TOKYO}"));
    assert_eq!(words("@yearly"), format!("at 00:00 on the 1st of January{TOKYO}"));
    assert_eq!(Schedule::parse("0 18 * * *", Tz::UTC).unwrap().in_words(), "at 18:00 every day, UTC");
    let moved = Schedule::parse("@hourly", Tz::UTC).unwrap().with_jitter("stock", Duration::from_mins(2));
    let offset = moved.next_after(DateTime::UNIX_EPOCH).unwrap() - DateTime::UNIX_EPOCH;
    let told = jitter::in_words(offset);
    assert!(offset < TimeDelta::minutes(2) && told.ends_with('s'), "{told}");
    assert_eq!(moved.in_words(), format!("every hour, on the hour, UTC, plus {told}"));
}

#[test]
fn the_offset_is_told_in_units_people_use() {
    for (millis, expected) in [
        (5, "5 ms"),
        (1_000, "1 s"),
        (12_345, "12.3 s"),
        (60_000, "1 min"),
        (61_050, "1 min 1 s"),
        (3_723_400, "1 h 2 min 3.4 s"),
        (7_200_000, "2 h"),
    ] {
        assert_eq!(jitter::in_words(TimeDelta::milliseconds(millis)), expected);
    }
}

/// Fields that are valid, each by itself.
fn expression() -> impl Strategy<Value = String> {
    let second = "|([0-9]|[1-5][0-9]|\\*|\\*/[1-9]|[0-9]-[1-5][0-9](/[1-9])?|[0-9],[1-5][0-9],[0-9]) ";
    let minute = "[0-9]|[1-5][0-9]|\\*|\\*/([1-9]|[1-5][0-9])|[0-9]-[1-5][0-9](/[1-9])?|[0-9],[1-5][0-9],[0-9]";
    let hour = "[0-9]|1[0-9]|\\*|\\*/[1-9]|[0-9]-(1[0-9]|2[0-3])(/[1-5])?|[0-9],1[0-9],[0-9]";
    let day = "\\*|\\?|L|LW|[1-9]|[12][0-9]|[1-9]W|\\*/[1-9]|[1-9]-1[0-9](/[1-4])?|1,1[0-9],L|5W,2[0-8]";
    let month = "\\*|[1-9]|1[0-2]|jan|Jul|\\*/[1-6]|[1-6]-(7|dec)(/[23])?|FEB,[1-9],1[0-2]";
    let weekday =
        "\\*|\\?|[+]?([0-7]|sun|Fri|1-5|Mon-Sat|FRI-SUN|[0-3]-[4-7](/2)?|[0-7]#[1-5]|[1-5]#L|[0-7]L|1,5L|1-3#2,6)";
    (second, minute, hour, day, month, weekday).prop_map(|(second, minute, hour, day, month, weekday)| {
        format!("{second}{minute} {hour} {day} {month} {weekday}")
    })
}

#[test]
fn equal_words_mean_equal_ticks() {
    type Known = BTreeMap<String, (String, Vec<DateTime<Utc>>)>;
    let known: RefCell<Known> = RefCell::default();
    let accepted = Cell::new(0);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(1500));
    runner
        .run(&expression(), |expression| {
            let Ok(schedule) = Schedule::parse(&expression, Tz::UTC) else { return Ok(()) };
            accepted.set(accepted.get() + 1);
            let words = schedule.in_words();
            prop_assert!(!words.is_empty() && !words.contains("  ") && !words.contains(" ,"), "{expression}: {words}");
            prop_assert!(words.starts_with("at ") || words.starts_with("every "), "{expression}: {words}");
            let ticks = schedule.upcoming("2026-01-31T23:00:00Z".parse().unwrap(), 20);
            let mut known = known.borrow_mut();
            let (other, before) = known.entry(words.clone()).or_insert_with(|| (expression.clone(), ticks.clone()));
            prop_assert_eq!(&ticks, &*before, "{} and {}: {}", expression, other, words);
            Ok(())
        })
        .unwrap();
    assert!(accepted.get() > 1000, "{accepted:?}");
}

proptest! {
    #[test]
    fn whatever_is_accepted_has_words(text in "[0-9*/,LW#@a-z -]{0,24}|([0-9*/,LW-]{1,4} ){4,5}[0-9*/,L#+-]{1,4}") {
        if let Ok(schedule) = Schedule::parse(&text, Tz::UTC) {
            prop_assert!(!schedule.in_words().is_empty());
        }
    }
}
