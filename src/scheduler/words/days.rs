//! Days and months in words.

use croner::CronPattern;

use super::{list, progression, runs};

const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WORKING_DAY: &str = "working day (Monday to Friday)";

/// None of them: every day. The days have named the months already when `months` has none.
pub struct Days {
    pub days: Option<String>,
    pub months: Option<String>,
}

/// The weekdays in words.
struct Weekdays {
    /// Ready for a list, or a range that starts with `from`.
    phrase: String,
    /// Some are counted within the month, so that it has to be said which.
    counted: bool,
    /// Some are not.
    plain: bool,
}

pub fn in_words(pattern: &CronPattern) -> Days {
    let fields: Vec<&str> = pattern.as_str().split_ascii_whitespace().collect();
    let from_end = |at: usize| fields.len().checked_sub(at).and_then(|at| fields.get(at)).copied().unwrap_or("*");
    let (day_values, weekday_values) = (pattern.days.values(), pattern.days_of_week.values());
    let (all_days, all_weekdays) = (day_values.len() == 31, weekday_values.len() == 7);
    let both = pattern.matches_dom_and_dow();
    let either = !both && !pattern.is_dom_wildcard() && !pattern.is_dow_wildcard();
    let months = &pattern.months.values();
    if either && (all_days || all_weekdays) || all_days && all_weekdays {
        return Days { days: None, months: in_months(months) };
    }
    let of = of_months(months);
    let link = if both { "or" } else { "and" };
    let day = (!all_days).then(|| list_days(&day_values, from_end(3)));
    let weekday = (!all_weekdays).then(|| list_weekdays(&weekday_values, from_end(1), link));
    let (days, months) = match (day, weekday) {
        (Some(day), Some(weekday)) if either => {
            (Some(format!("{day} of the month or {}{}", weekday.standing(), weekday.of_month())), in_months(months))
        }
        (Some(day), Some(weekday)) => {
            let that = weekday.phrase.trim_start_matches("from ");
            (Some(format!("{day} of {of}, if that is {that}{}", weekday.of_month())), None)
        }
        (Some(day), None) => (Some(format!("{day} of {of}")), None),
        (None, Some(weekday)) if weekday.counted && !weekday.plain => {
            (Some(format!("{} of {of}", weekday.standing())), None)
        }
        (None, Some(weekday)) => (Some(format!("{}{}", weekday.standing(), weekday.of_month())), in_months(months)),
        (None, None) => (None, in_months(months)),
    };
    Days { days, months }
}

impl Weekdays {
    fn standing(&self) -> String {
        if self.phrase.starts_with("from ") { self.phrase.clone() } else { format!("on {}", self.phrase) }
    }

    const fn of_month(&self) -> &'static str {
        if self.counted { " of the month" } else { "" }
    }
}

/// `on the 1st and the 15th`, `from the 1st to the 7th`, `on every 2nd day from the 1st to the 31st`.
fn list_days(values: &[u16], field: &str) -> String {
    let mut items: Vec<String> = match progression(values) {
        Some((first, step, last)) if step > 1 => {
            vec![format!("every {} day from the {} to the {}", ordinal(step), ordinal(first), ordinal(last))]
        }
        _ => runs(values).into_iter().map(|(first, last)| the_days(first, last)).collect(),
    };
    let range = matches!(runs(values)[..], [(first, last)] if first < last);
    let specials: Vec<String> = field
        .split(',')
        .filter_map(|item| match (item, item.strip_suffix('W')) {
            ("L", _) => Some("the last day".to_owned()),
            ("LW", _) => Some(format!("the last {WORKING_DAY}")),
            (_, Some(day)) => Some(format!("the {WORKING_DAY} nearest the {}", ordinal(day.parse().ok()?))),
            _ => None,
        })
        .collect();
    if range && specials.is_empty() {
        return format!("from {}", items.concat());
    }
    items.extend(specials);
    format!("on {}", list(&items, "and"))
}

fn the_days(first: u16, last: u16) -> String {
    match first == last {
        true => format!("the {}", ordinal(first)),
        false => format!("the {} to the {}", ordinal(first), ordinal(last)),
    }
}

/// `Monday and Friday`, `from Monday to Friday`, `the second Monday and the last Friday`.
fn list_weekdays(values: &[u16], field: &str, link: &str) -> Weekdays {
    let named = |day: u16| WEEKDAYS[usize::from(day % 7)];
    let counted = counted_weekdays(field);
    // A week may begin on Sunday or on Monday.
    let mut from_monday: Vec<u16> = values.iter().map(|day| if *day == 0 { 7 } else { *day }).collect();
    from_monday.sort_unstable();
    let range = [values, &from_monday].into_iter().find_map(|week| match runs(week)[..] {
        [(first, last)] if first < last => Some(format!("from {} to {}", named(first), named(last))),
        _ => None,
    });
    if let Some(phrase) = range.filter(|_| counted.is_empty()) {
        return Weekdays { phrase, counted: false, plain: true };
    }
    let (is_counted, plain) = (!counted.is_empty(), !values.is_empty());
    let names = from_monday.iter().map(|day| named(*day).to_owned());
    Weekdays { phrase: list(&names.chain(counted).collect::<Vec<_>>(), link), counted: is_counted, plain }
}

/// The weekdays counted within the month: `1#2`, `1-5#L`, `5L`.
fn counted_weekdays(field: &str) -> Vec<String> {
    let mut found = Vec::new();
    for item in field.trim_start_matches('+').split(',') {
        let counted = item.split_once('#').or_else(|| item.strip_suffix('L').map(|days| (days, "L")));
        let Some((days, count)) = counted else { continue };
        let count = match count {
            "1" => "first",
            "2" => "second",
            "3" => "third",
            "4" => "fourth",
            "5" => "fifth",
            _ => "last",
        };
        for day in expanded(days) {
            found.push(format!("the {count} {}", WEEKDAYS[usize::from(day % 7)]));
        }
    }
    found
}

/// The numbers of `5`, `1-5`, `*/2`, `1-5/2`, which croner has accepted before.
fn expanded(days: &str) -> Vec<u16> {
    let (range, step) = days.split_once('/').unwrap_or((days, "1"));
    let (first, last) = if range == "*" { ("0", "6") } else { range.split_once('-').unwrap_or((range, range)) };
    match (first.parse::<u16>(), last.parse::<u16>(), step.parse()) {
        (Ok(first), Ok(last), Ok(step)) if step > 0 => (first..=last).step_by(step).collect(),
        _ => Vec::new(),
    }
}

/// `the month`, `January and July`, `each month from June to August`.
fn of_months(months: &[u16]) -> String {
    match runs(months)[..] {
        [(1, 12)] => "the month".to_owned(),
        [(first, last)] if first < last => format!("each month from {} to {}", month(first), month(last)),
        _ => names(months),
    }
}

fn in_months(months: &[u16]) -> Option<String> {
    match runs(months)[..] {
        [(1, 12)] => None,
        [(first, last)] if first < last => Some(format!("from {} to {}", month(first), month(last))),
        _ => Some(format!("in {}", names(months))),
    }
}

fn names(months: &[u16]) -> String {
    list(&months.iter().map(|one| month(*one).to_owned()).collect::<Vec<_>>(), "and")
}

fn month(number: u16) -> &'static str {
    MONTHS[usize::from(number.saturating_sub(1) % 12)]
}

fn ordinal(number: u16) -> String {
    let ending = match (number % 10, number / 10 % 10) {
        (1, tens) if tens != 1 => "st",
        (2, tens) if tens != 1 => "nd",
        (3, tens) if tens != 1 => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}
