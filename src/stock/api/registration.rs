//! The body of `POST /companies`: read member by member, so that everything wrong is named at once. Pure.

use std::borrow::Cow;

use chrono::NaiveDate;
use serde_json::{Map, Value};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr, Schema,
        schema::{AllOfBuilder, AnyOfBuilder, ObjectBuilder},
    },
};

use super::schema::{CompanyName, Country, Segment, TokyoCode};
use crate::{
    http::{missing, openapi::schema::words, unknown_member},
    stock::{
        bar::{CompanyId, StockCode},
        calendar::Market,
        companies_csv::fields,
        company,
    },
    told,
    told::Told,
};

/// A company to be watched.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Registration {
    pub stock_code: StockCode,
    pub company_name: String,
    pub country_code: String,
    pub listed_market: String,
    pub company_id: Option<CompanyId>,
    pub foundation_date: Option<NaiveDate>,
    pub longitude: Option<f64>,
    pub latitude: Option<f64>,
}

/// A company to be watched, but for what [`RegistrationBody`] adds. It is read by [`Registration::read`], member by member.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "stockCode": "7203", "companyName": "トヨタ自動車", "countryCode": "JP", "listedMarket": "プライム"
}))]
#[expect(dead_code, reason = "only its shape matters")]
struct Described {
    stock_code: StockCode,
    #[schema(value_type = CompanyName)]
    company_name: String,
    /// A country whose sessions are known.
    #[schema(value_type = Country)]
    country_code: String,
    #[schema(value_type = Segment)]
    listed_market: String,
    /// Without it the next free one.
    company_id: Option<CompanyId>,
    foundation_date: Option<NaiveDate>,
    /// Degrees east.
    #[schema(minimum = -180, maximum = 180)]
    longitude: Option<f64>,
    /// Degrees north.
    #[schema(minimum = -90, maximum = 90)]
    latitude: Option<f64>,
}

/// A company to be watched, as it is described: a code of its exchange, where that is Tokyo's.
pub(super) enum RegistrationBody {}

impl PartialSchema for RegistrationBody {
    fn schema() -> RefOr<Schema> {
        let with = |member: &str, schema: RefOr<Schema>| ObjectBuilder::new().property(member, schema);
        let others = Market::ALL.map(Market::country).into_iter().filter(|country| *country != Market::Tokyo.country());
        let of_its_exchange =
            AnyOfBuilder::new().item(with("countryCode", words(others))).item(with("stockCode", TokyoCode::schema()));
        AllOfBuilder::new().item(Described::schema()).item(of_its_exchange).into()
    }
}

impl ToSchema for RegistrationBody {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Registration")
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        Described::schemas(schemas);
    }
}

const MEMBERS: [&str; 8] =
    ["stockCode", "companyName", "countryCode", "listedMarket", "companyId", "foundationDate", "longitude", "latitude"];

impl Registration {
    /// # Errors
    /// Every member that is missing, unknown or wrong, each with what would be right.
    pub(super) fn read(body: &Map<String, Value>) -> Result<Self, Vec<(String, Told)>> {
        let mut members = Members { body, wrong: Vec::new() };
        members.refuse_unknown();
        let stock_code = members.required("stockCode", |text| StockCode::parse(text).map_err(Told::from));
        let company_name = members.required("companyName", fields::company_name);
        let country_code = members.required("countryCode", watchable_country);
        let listed_market = members.required("listedMarket", fields::listed_market);
        members.check_code(stock_code.as_ref(), country_code.as_deref());
        let company_id = members.text("companyId", |text| CompanyId::parse(text).map_err(Told::from));
        let foundation_date = members.text("foundationDate", fields::day);
        let longitude = members.number("longitude", fields::longitude);
        let latitude = members.number("latitude", fields::latitude);
        match (stock_code, company_name, country_code, listed_market) {
            (Some(stock_code), Some(company_name), Some(country_code), Some(listed_market))
                if members.wrong.is_empty() =>
            {
                Ok(Self {
                    stock_code,
                    company_name,
                    country_code,
                    listed_market,
                    company_id,
                    foundation_date,
                    longitude,
                    latitude,
                })
            }
            _ => Err(members.wrong),
        }
    }
}

fn watchable_country(text: &str) -> Result<String, Told> {
    let country = fields::country_code(text)?;
    company::watchable_country(&country).map(|()| country)
}

struct Members<'a> {
    body: &'a Map<String, Value>,
    wrong: Vec<(String, Told)>,
}

impl Members<'_> {
    fn refuse_unknown(&mut self) {
        for name in self.body.keys().filter(|name| !MEMBERS.contains(&name.as_str())) {
            self.wrong.push((name.clone(), unknown_member(name, &MEMBERS)));
        }
    }

    fn check_code(&mut self, code: Option<&StockCode>, country: Option<&str>) {
        let (Some(code), Some(country)) = (code, country) else { return };
        if let Err(message) = company::code_of_exchange(code, country) {
            self.wrong.push(("stockCode".to_owned(), message));
        }
    }

    fn required<T>(&mut self, name: &str, read: impl FnOnce(&str) -> Result<T, Told>) -> Option<T> {
        if self.given(name).is_none() {
            self.wrong.push((name.to_owned(), missing(name)));
        }
        self.text(name, read)
    }

    fn text<T>(&mut self, name: &str, read: impl FnOnce(&str) -> Result<T, Told>) -> Option<T> {
        let result = match self.given(name)? {
            Value::String(text) => read(text),
            other => {
                let other = shown(other);
                Err(told!(
                    "{other} is no text; write it in quotes",
                    "{other} は文字列ではありません。引用符で囲んでください"
                ))
            }
        };
        self.keep(name, result)
    }

    fn number(&mut self, name: &str, read: impl FnOnce(f64) -> Result<f64, Told>) -> Option<f64> {
        let value = self.given(name)?;
        let no_number = || {
            let value = shown(value);
            told!("{value} is no number", "{value} は数値ではありません")
        };
        let result = value.as_f64().ok_or_else(no_number).and_then(read);
        self.keep(name, result)
    }

    /// Null is as good as absent.
    fn given(&self, name: &str) -> Option<&Value> {
        self.body.get(name).filter(|value| !value.is_null())
    }

    fn keep<T>(&mut self, name: &str, result: Result<T, Told>) -> Option<T> {
        result.map_err(|message| self.wrong.push((name.to_owned(), message))).ok()
    }
}

fn shown(value: &Value) -> String {
    value.to_string().chars().take(32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: serde_json::Value) -> Result<Registration, Vec<(String, Told)>> {
        Registration::read(body.as_object().unwrap())
    }

    #[test]
    fn four_members_do() {
        let found = read(serde_json::json!({
            "stockCode": "130a", "companyName": " 甲 ", "countryCode": "JP", "listedMarket": "グロース", "companyId": null
        }))
        .unwrap();
        assert_eq!((found.stock_code.as_str(), found.company_name.as_str()), ("130A", "甲"));
        assert_eq!(found.company_id, None);
    }

    #[test]
    fn a_code_is_one_of_its_exchange() {
        let code = |code: &str, country: &str| {
            let body = serde_json::json!({
                "stockCode": code, "companyName": "甲", "countryCode": country, "listedMarket": "プライム"
            });
            read(body).map(|found| found.stock_code.to_string())
        };
        for fine in ["7203", "130A", "25935", "^NKX"] {
            assert_eq!(code(fine, "JP"), Ok(fine.to_owned()));
        }
        for wrong in ["72030", "720", "AAPL", "13OA", "7203.T"] {
            let problems = code(wrong, "JP").unwrap_err();
            assert_eq!(problems.len(), 1);
            assert!(
                problems[0].0 == "stockCode" && problems[0].1.to_string().contains("no code of Tokyo's exchange"),
                "{wrong}"
            );
        }
        assert_eq!(code("AAPL", "US"), Ok("AAPL".to_owned()));
    }

    #[test]
    fn all_wrong_members_are_named_at_once() {
        let wrong = read(serde_json::json!({
            "stockCode": 7203, "companyName": "", "listedMarket": "x", "longitude": "1", "latitude": 91,
            "foundationDate": "1937-08", "companyId": "a b", "name": "x"
        }))
        .unwrap_err();
        let names: Vec<_> = wrong.iter().map(|(name, _)| name.as_str()).collect();
        let expected =
            ["name", "stockCode", "companyName", "countryCode", "companyId", "foundationDate", "longitude", "latitude"];
        assert_eq!(names, expected);
    }
}
