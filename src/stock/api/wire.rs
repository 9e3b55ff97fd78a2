//! The rows of the API as clients read them. The members of the Go service, then those added.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{rows::Row, samples::Samples};
use crate::stock::{
    bar::{CompanyId, StockCode},
    company::{Company, CompanyStatus},
};

pub(super) use crate::http::table::instant;

#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Company)]
pub(super) struct CompanyRow {
    #[schema(value_type = CompanyId)]
    company_id: String,
    #[schema(example = "トヨタ自動車")]
    company_name: String,
    #[schema(value_type = StockCode)]
    stock_code: String,
    /// ISO 3166, two letters.
    #[schema(example = "JP")]
    country_code: String,
    #[schema(example = "プライム")]
    listed_market: String,
    foundation_date: Option<NaiveDate>,
    /// Of the head office, in degrees east.
    longitude: Option<f64>,
    /// In degrees north.
    latitude: Option<f64>,
    /// `active`, `delisted`, `ended` (the series ends at `listedTo`) or `unwatched` (no longer fetched; bars stay).
    #[schema(value_type = CompanyStatus)]
    status: &'static str,
    /// The first day of trading, where known.
    listed_from: Option<NaiveDate>,
    /// The last day of trading; nothing is fetched after it.
    listed_to: Option<NaiveDate>,
    /// The prices are invented.
    simulated: bool,
}

/// Companies, as they are answered.
#[derive(ToSchema)]
#[schema(as = Companies)]
#[expect(dead_code, reason = "only its shape matters")]
pub(super) struct CompaniesBody {
    timestamp: DateTime<Utc>,
    companies: Vec<CompanyRow>,
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
