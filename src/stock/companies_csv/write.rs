//! Writing a file that reads back as the same companies.

use chrono::{NaiveDateTime, NaiveTime};

use super::COLUMNS;
use crate::stock::company::Company;

/// The header and a line for each company, UTF-8, lines ending in LF.
#[must_use]
pub fn write(companies: &[Company]) -> String {
    let mut text = COLUMNS.join(",");
    text.push('\n');
    for company in companies {
        let quoted: Vec<String> = fields(company).iter().map(|field| quoted(field)).collect();
        text.push_str(&quoted.join(","));
        text.push('\n');
    }
    text
}

/// In the order of [`COLUMNS`].
fn fields(company: &Company) -> [String; COLUMNS.len()] {
    let optional = |value: Option<String>| value.unwrap_or_default();
    [
        company.company_id.to_string(),
        company.company_name.clone(),
        company.stock_code.to_string(),
        company.country_code.clone(),
        company.listed_market.clone(),
        optional(company.foundation_date.map(instant)),
        optional(company.longitude.map(|degrees| degrees.to_string())),
        optional(company.latitude.map(|degrees| degrees.to_string())),
        company.status.as_str().to_owned(),
        optional(company.listed_from.map(|day| day.to_string())),
        optional(company.listed_to.map(|day| day.to_string())),
    ]
}

/// The day alone where the time says nothing.
fn instant(instant: NaiveDateTime) -> String {
    if instant.time() == NaiveTime::MIN {
        instant.date().to_string()
    } else {
        instant.format("%Y-%m-%d %H:%M:%S%.f").to_string()
    }
}

/// RFC 4180: in quotes where a reader would otherwise see a separator.
fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}
