//! The rows of the API as clients read them. The members of the Go service, then those added.

use chrono::NaiveDate;
use serde::Serialize;

use super::{rows::Row, samples::Samples};
use crate::stock::company::Company;

pub(super) use crate::http::table::instant;

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CompanyRow {
    company_id: String,
    company_name: String,
    stock_code: String,
    country_code: String,
    listed_market: String,
    foundation_date: Option<NaiveDate>,
    longitude: Option<f64>,
    latitude: Option<f64>,
    status: &'static str,
    listed_from: Option<NaiveDate>,
    listed_to: Option<NaiveDate>,
    simulated: bool,
}

impl Row for CompanyRow {
    const COLUMNS: &'static [&'static str] = &[
        "companyId",
        "companyName",
        "stockCode",
        "countryCode",
        "listedMarket",
        "foundationDate",
        "longitude",
        "latitude",
        "status",
        "listedFrom",
        "listedTo",
        "simulated",
    ];
}

impl CompanyRow {
    pub(super) fn new(company: Company, samples: &Samples) -> Self {
        Self {
            simulated: samples.simulated(&company.company_id),
            company_id: company.company_id.to_string(),
            company_name: company.company_name,
            stock_code: company.stock_code.to_string(),
            country_code: company.country_code,
            listed_market: company.listed_market,
            foundation_date: company.foundation_date.map(|founded| founded.date()),
            longitude: company.longitude,
            latitude: company.latitude,
            status: company.status.as_str(),
            listed_from: company.listed_from,
            listed_to: company.listed_to,
        }
    }
}
