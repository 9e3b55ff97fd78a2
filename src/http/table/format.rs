//! In which format a table is written: by `?format=`, else by `Accept`.

use axum::{
    body::Body,
    http::{HeaderMap, header},
    response::{IntoResponse as _, Response},
};

use crate::{
    http::problem::{Answer, Problem},
    settings::shown,
    told::Told,
};

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Json,
    Csv,
    /// A JSON object a line.
    Ndjson,
    Parquet,
    /// Arrow's stream format.
    Arrow,
}

/// Whether this build can write Parquet and Arrow.
const COLUMNAR: bool = cfg!(feature = "arrow");

impl Format {
    /// What a series can be written as; the default first.
    pub const ALL: [Self; 5] = [Self::Json, Self::Csv, Self::Ndjson, Self::Parquet, Self::Arrow];
    /// What rows of any shape can be written as.
    pub const TEXTS: [Self; 3] = [Self::Json, Self::Csv, Self::Ndjson];

    /// For a series, which [`send`](super::send) writes in any format. The parameter goes before the header.
    ///
    /// # Errors
    /// 400 when `format` is given and none of them.
    pub fn of(parameter: Option<&str>, headers: &HeaderMap) -> Answer<Self> {
        let offered: &[Self] = if COLUMNAR { &Self::ALL } else { &Self::TEXTS };
        chosen(offered, parameter, headers)
    }

    /// For a list of rows of their own shape: no Parquet, no Arrow.
    ///
    /// # Errors
    /// 400 when `format` is given and none of those.
    pub fn of_list(parameter: Option<&str>, headers: &HeaderMap) -> Answer<Self> {
        chosen(&Self::TEXTS, parameter, headers)
    }

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
            Self::Parquet => "parquet",
            Self::Arrow => "arrow",
        }
    }

    /// As in `Content-Type`.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Ndjson => "application/x-ndjson",
            Self::Parquet => "application/vnd.apache.parquet",
            Self::Arrow => "application/vnd.apache.arrow.stream",
        }
    }

    /// What a file of the format is called after the dot.
    const fn extension(self) -> &'static str {
        match self {
            Self::Arrow => "arrows",
            other => other.as_str(),
        }
    }

    /// The body with its type, and the name to save it under where it is no document to be looked at.
    #[must_use]
    pub fn answer(self, file: &str, body: Body) -> Response {
        let kind = [(header::CONTENT_TYPE, self.content_type())];
        if self == Self::Json {
            return (kind, body).into_response();
        }
        let file = format!("attachment; filename=\"{file}.{}\"", self.extension());
        (kind, [(header::CONTENT_DISPOSITION, file)], body).into_response()
    }

    /// 400 for a format that an answer cannot have.
    #[must_use]
    pub fn refused(asked: &str, offered: &[Self]) -> Problem {
        let names: Vec<&str> = offered.iter().map(|format| format.as_str()).collect();
        let (all, shown) = (names.join(", "), shown(asked));
        let or = all.rsplit_once(", ").map_or_else(|| all.clone(), |(first, last)| format!("{first} or {last}"));
        let known = Self::ALL.iter().any(|format| format.as_str() == asked);
        let told = if known && !COLUMNAR {
            Told::new(
                format!("this build has no arrow, which {shown} needs; write {or}"),
                format!("このビルドには arrow がないため {shown} は使えません。{all} のいずれかを指定してください"),
            )
        } else {
            Told::new(
                format!("{shown} is no format here; write {or}"),
                format!("{shown} はここで使える形式ではありません。{all} のいずれかを指定してください"),
            )
        };
        Problem::bad_request("format", told)
    }

    /// 400 for a list in a format that only series have.
    #[must_use]
    pub fn no_list(self) -> Problem {
        Self::refused(self.as_str(), &Self::TEXTS)
    }

    fn of_media(kind: &str) -> Option<Self> {
        match kind {
            "application/json" => Some(Self::Json),
            "text/csv" => Some(Self::Csv),
            "application/x-ndjson" | "application/ndjson" | "application/jsonl" => Some(Self::Ndjson),
            "application/vnd.apache.parquet" => Some(Self::Parquet),
            "application/vnd.apache.arrow.stream" => Some(Self::Arrow),
            _ => None,
        }
    }
}

fn chosen(offered: &[Format], parameter: Option<&str>, headers: &HeaderMap) -> Answer<Format> {
    let Some(asked) = parameter else { return Ok(accepted(offered, headers)) };
    let found = offered.iter().find(|format| format.as_str() == asked);
    found.copied().ok_or_else(|| Format::refused(asked, offered))
}

/// What is preferred (RFC 9110, 12.5.1), of two alike the earlier one. A wildcard means JSON: everything else has to be
/// asked for by name, unless JSON is not wanted. Who accepts nothing that there is gets JSON all the same.
fn accepted(offered: &[Format], headers: &HeaderMap) -> Format {
    let (mut named, mut any) = (Vec::new(), 0.0);
    let values = headers.get_all(header::ACCEPT).into_iter().filter_map(|value| value.to_str().ok());
    for range in values.flat_map(|value| value.split(',')) {
        let mut parts = range.split(';').map(str::trim);
        let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
        let weight = parts.find_map(weight).unwrap_or(1.0);
        match Format::of_media(&kind) {
            Some(format) => named.push((format, weight)),
            None if kind == "*/*" || kind == "application/*" => any = weight.max(any),
            None => {}
        }
    }
    let of = |format: Format| named.iter().filter(|(of, _)| *of == format).map(|(_, weight)| *weight).reduce(f32::max);
    let mut best = (Format::Json, 0.0);
    for &format in offered {
        let weight = of(format).unwrap_or(if format == Format::Json { any } else { 0.0 });
        if weight > best.1 {
            best = (format, weight);
        }
    }
    if best.1 > 0.0 || any == 0.0 {
        return best.0;
    }
    offered.iter().copied().find(|format| of(*format) != Some(0.0)).unwrap_or(Format::Json)
}

/// Of `q=0.5`; what is no weight is none.
fn weight(part: &str) -> Option<f32> {
    let (name, value) = part.split_once('=')?;
    let weight = || value.trim().parse().ok().filter(|weight| (0.0..=1.0).contains(weight)).unwrap_or(0.0);
    name.trim().eq_ignore_ascii_case("q").then(weight)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accept(accept: &str) -> HeaderMap {
        [(header::ACCEPT, accept.parse().unwrap())].into_iter().collect()
    }

    fn of(parameter: Option<&str>, header: &str) -> Option<Format> {
        Format::of(parameter, &accept(header)).ok()
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
    fn the_highest_weight_decides_and_zero_excludes() {
        for (accept, expected) in [
            ("application/x-ndjson", Format::Ndjson),
            ("application/jsonl;q=0.9, text/csv;q=0.8", Format::Ndjson),
            ("application/ndjson ; Q=0.2, text/csv;q=0.1, */*;q=0.05", Format::Ndjson),
            ("text/csv;q=0.5, */*", Format::Json),
            ("text/csv;q=0.5, application/*;q=0.6", Format::Json),
            ("application/json;q=0, text/csv;q=0.1", Format::Csv),
            ("application/json;q=0, */*", Format::Csv),
            ("application/json;q=0, text/csv;q=0, */*;q=0.1", Format::Ndjson),
            ("application/json;q=0", Format::Json),
            ("text/csv;q=NaN, text/csv;q=7, text/csv;q=-1, text/csv;q=", Format::Json),
            ("image/png", Format::Json),
        ] {
            assert_eq!(of(None, accept), Some(expected), "{accept}");
        }
    }

    #[test]
    fn the_parameter_goes_before_the_header() {
        assert_eq!(of(Some("json"), "text/csv"), Some(Format::Json));
        assert_eq!(of(Some("csv"), "*/*"), Some(Format::Csv));
        assert_eq!(of(Some("ndjson"), "text/csv"), Some(Format::Ndjson));
        for wrong in ["xml", "", "CSV", "json,csv"] {
            assert_eq!(of(Some(wrong), "text/csv"), None, "{wrong}");
        }
    }

    #[cfg(feature = "arrow")]
    #[test]
    fn parquet_and_arrow_are_for_series_only() {
        for (name, media) in
            [("parquet", "application/vnd.apache.parquet"), ("arrow", "application/vnd.apache.arrow.stream")]
        {
            assert_eq!(of(Some(name), "").unwrap().as_str(), name);
            assert_eq!(of(None, media).unwrap().as_str(), name);
            let refused = format!("{:?}", Format::of_list(Some(name), &HeaderMap::new()).unwrap_err());
            assert!(refused.contains("write json, csv or ndjson"), "{refused}");
            assert_eq!(Format::of_list(None, &accept(media)).unwrap(), Format::Json);
        }
        let refused = format!("{:?}", Format::of(Some("xml"), &HeaderMap::new()).unwrap_err());
        assert!(refused.contains("json, csv, ndjson, parquet or arrow"), "{refused}");
    }

    #[cfg(not(feature = "arrow"))]
    #[test]
    fn without_arrow_its_formats_are_refused_with_the_reason() {
        for name in ["parquet", "arrow"] {
            let refused = format!("{:?}", Format::of(Some(name), &HeaderMap::new()).unwrap_err());
            assert!(
                refused.contains("this build has no arrow") && refused.contains("json, csv or ndjson"),
                "{refused}"
            );
        }
        assert_eq!(of(None, "application/vnd.apache.parquet"), Some(Format::Json));
    }
}
