//! The words with which J-Quants says no, and what the user can do about it. Pure.

use chrono::NaiveDate;

use crate::crawl::answer::Refusal;
use crate::stock::bar::Days;
use crate::stock::sources::body::{blocked, mentions};

/// One status stands for a wrong key, a plan without the endpoint, and a path that does not exist.
pub(super) fn forbidden(message: &str) -> Refusal {
    let remedy = if mentions(message, &["api key", "apikey", "api_key", "token", "unauthorized"]) {
        "give the key of your account (sources.jquants.api_key or api_key_file); keys of the first version are no \
         longer valid"
    } else {
        "check sources.jquants.api_key, that the plan includes the data, and sources.jquants.base_url"
    };
    blocked(format!("J-Quants refuses: {message}; {remedy}"))
}

/// Whether a message says that the plan, and not the key, is in the way.
pub(super) fn is_about_the_plan(message: &str) -> bool {
    mentions(message, &["subscription", "your plan", "other plans"])
}

/// The days of "Your subscription covers the following dates: 2022-08-30 ~ 2024-08-30."; the end may be open.
pub(super) fn covered(message: &str) -> Option<Days> {
    if !mentions(message, &["subscription covers", "plan covers"]) {
        return None;
    }
    let is_part = |c: char| c.is_ascii_digit() || c == '-';
    let mut dates = message.split(|c| !is_part(c)).filter_map(|word| word.parse::<NaiveDate>().ok());
    let from = dates.next()?;
    let to = dates.next().unwrap_or(NaiveDate::MAX);
    (from <= to).then_some(Days { from, to })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_days_of_a_plan_are_read_from_its_refusal() {
        let days = |from: &str, to: &str| Some(Days { from: from.parse().unwrap(), to: to.parse().unwrap() });
        let told = "Your subscription covers the following dates: 2022-08-30 ~ 2024-08-30. If you want more data, \
                    please check other plans: https://jpx-jquants.com/";
        assert_eq!(covered(told), days("2022-08-30", "2024-08-30"));
        let open = covered("Your subscription covers the following dates: 2008-05-07 ~ .").unwrap();
        assert_eq!((open.from.to_string().as_str(), open.to), ("2008-05-07", NaiveDate::MAX));
        assert_eq!(covered("Your subscription covers the following dates: 2024-08-30 ~ 2022-08-30"), None);
        assert_eq!(covered("'date' must be a date such as 2024-08-30"), None);
        assert_eq!(covered("Your subscription covers nothing"), None);
    }
}
