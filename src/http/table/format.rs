//! JSON or CSV: by `?format=`, else by `Accept`.

use axum::http::{HeaderMap, header};

use crate::{
    http::problem::{Answer, Problem},
    settings::shown,
    told,
};

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Json,
    Csv,
}

impl Format {
    /// The parameter goes before the header.
    ///
    /// # Errors
    /// 400 when `format` is given and neither `json` nor `csv`.
    pub fn of(parameter: Option<&str>, headers: &HeaderMap) -> Answer<Self> {
        match parameter {
            Some("json") => Ok(Self::Json),
            Some("csv") => Ok(Self::Csv),
            Some(other) => {
                let other = shown(other);
                let message = told!(
                    "{other} is no format; write json or csv",
                    "{other} という形式はありません。json か csv を指定してください"
                );
                Err(Problem::bad_request("format", message))
            }
            None if prefers_csv(headers) => Ok(Self::Csv),
            None => Ok(Self::Json),
        }
    }

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
        }
    }
}

/// CSV has to be asked for by name, and more than JSON is: a wildcard means JSON.
fn prefers_csv(headers: &HeaderMap) -> bool {
    let (mut csv, mut json) = (0.0, 0.0);
    let accepted = headers.get_all(header::ACCEPT).into_iter().filter_map(|value| value.to_str().ok());
    for range in accepted.flat_map(|value| value.split(',')) {
        let mut parts = range.split(';').map(str::trim);
        let weight = match parts.next() {
            Some(kind) if kind.eq_ignore_ascii_case("text/csv") => &mut csv,
            Some(kind) if kind.eq_ignore_ascii_case("application/json") => &mut json,
            _ => continue,
        };
        *weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(1.0, |q| q.parse::<f32>().unwrap_or(0.0));
    }
    csv > json
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(parameter: Option<&str>, accept: &str) -> Option<Format> {
        let headers = [(header::ACCEPT, accept.parse().unwrap())].into_iter().collect();
        Format::of(parameter, &headers).ok()
    }

    #[test]
    fn csv_is_given_to_those_who_ask_for_it_by_name() {
        for accept in ["text/csv", "TEXT/CSV; header=present", "text/csv, */*;q=0.1", "application/json;q=0.5,text/csv"]
        {
            assert_eq!(of(None, accept), Some(Format::Csv), "{accept}");
        }
        for accept in ["*/*", "text/*", "", "application/json, text/csv", "text/csv;q=0", "text/html,*/*;q=0.8"] {
            assert_eq!(of(None, accept), Some(Format::Json), "{accept}");
        }
    }

    #[test]
    fn the_parameter_goes_before_the_header() {
        assert_eq!(of(Some("json"), "text/csv"), Some(Format::Json));
        assert_eq!(of(Some("csv"), "*/*"), Some(Format::Csv));
        assert_eq!(of(Some("xml"), "text/csv"), None);
    }
}
