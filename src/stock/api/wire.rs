//! The rows of the API as clients read them. The members of the Go service, then those added.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use super::{rows::Row, samples::Samples};
use crate::stock::{
    bar::{CompanyId, StockCode},
    company::{Company, CompanyStatus},
    store::serving::Averages,
};

pub(super) use crate::http::table::instant;

#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Company)]
pub(super) struct CompanyRow {
    #[schema(value_type = CompanyId)]
    company_id: String,
    company_name: String,
    #[schema(value_type = StockCode)]
    stock_code: String,
    /// ISO 3166, two letters.
    #[schema(example = "JP")]
    country_code: String,
    listed_market: String,
    foundation_date: Option<NaiveDate>,
    longitude: Option<f64>,
    latitude: Option<f64>,
    #[schema(value_type = CompanyStatus)]
    status: &'static str,
    listed_from: Option<NaiveDate>,
    listed_to: Option<NaiveDate>,
    /// Its prices are invented.
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

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AverageRow {
    date: NaiveDate,
    #[serde(serialize_with = "text")]
    ma_type: Arc<str>,
    ma_value: f64,
}

impl Row for AverageRow {
    const COLUMNS: &'static [&'static str] = &["date", "maType", "maValue"];
}

/// By moving average, then date; sessions before a value's first have none and are left out.
pub(super) fn average_rows(averages: Averages) -> impl Iterator<Item = AverageRow> + Send + 'static {
    let dates: Arc<[NaiveDate]> = averages.dates.into();
    averages.columns.into_iter().flat_map(move |(name, values)| {
        let (dates, name) = (Arc::clone(&dates), Arc::<str>::from(name));
        values.into_iter().enumerate().filter_map(move |(index, value)| {
            Some(AverageRow { date: *dates.get(index)?, ma_type: Arc::clone(&name), ma_value: value? })
        })
    })
}

fn text<S: Serializer>(text: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text)
}
