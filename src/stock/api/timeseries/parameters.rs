//! Parameters that are numbers, yes or no, and how the description of the API tells of them.

use std::ops::RangeInclusive;

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type},
};

use crate::{
    http::{Answer, Problem},
    settings::shown,
    told,
};

/// A whole number, none when it is not given; each has one spelling.
///
/// # Errors
/// 400 naming the parameter and the numbers there are.
pub(in crate::stock::api) fn whole(
    param: &str,
    text: Option<&str>,
    range: &RangeInclusive<u16>,
) -> Answer<Option<u16>> {
    let Some(text) = text else { return Ok(None) };
    let number = text.parse().ok().filter(|number: &u16| range.contains(number) && number.to_string() == text);
    let wrong = || {
        let (given, first, last) = (shown(text), range.start(), range.end());
        let message = told!(
            "{given} is no whole number from {first} to {last}",
            "{given} は {first} から {last} までの整数ではありません"
        );
        Problem::bad_request(param, message)
    };
    number.map(Some).ok_or_else(wrong)
}

/// True or false, false when it is not given.
///
/// # Errors
/// 400 naming the parameter.
pub(in crate::stock::api) fn flag(param: &str, text: Option<&str>) -> Answer<bool> {
    match text {
        Some("true" | "1") => Ok(true),
        None | Some("false" | "0") => Ok(false),
        Some(other) => {
            let given = shown(other);
            let message = told!("{given} is neither true nor false", "{given} は true でも false でもありません");
            Err(Problem::bad_request(param, message))
        }
    }
}

/// What [`flag`] accepts, for the description of the API.
pub(in crate::stock::api) enum Flag {}

impl PartialSchema for Flag {
    fn schema() -> RefOr<Schema> {
        words(&["true", "false", "1", "0"], "false")
    }
}

impl ToSchema for Flag {}

pub(in crate::stock::api) fn words(all: &[&'static str], default: &'static str) -> RefOr<Schema> {
    let text = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(all.iter().copied()));
    text.default(Some(default.into())).build().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_one_spelling_and_its_range() {
        assert_eq!(whole("period", None, &(1..=400)).unwrap(), None);
        assert_eq!(whole("period", Some("400"), &(1..=400)).unwrap(), Some(400));
        for wrong in ["0", "401", "-1", "+5", "05", "", " 5", "5.0", "five", "99999999999"] {
            assert!(whole("period", Some(wrong), &(1..=400)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_flag_is_true_or_false() {
        let read = |text| flag("log", text).unwrap();
        assert!(read(Some("true")) && read(Some("1")) && !read(Some("false")) && !read(Some("0")) && !read(None));
        for wrong in ["", "yes", "TRUE", "2"] {
            assert!(flag("log", Some(wrong)).is_err(), "{wrong}");
        }
    }
}
