//! What is asked of an export.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;

use super::columns::{Field, fields};
use crate::{
    db::Connection,
    http::{Answer, Problem, openapi::schema::SeriesFormat, table::day_range},
    stock::{
        bar::{Days, StockCode},
        calendar::Market,
        store::serving::export::{Listed, listed},
    },
    told,
};

/// As many companies may be named at once.
const MOST: usize = 500;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::stock::api) struct Query {
    /// Stock codes separated by commas, 1 to 500 of them. Without it the whole market: every company there is, watched
    /// or not.
    #[param(example = "7203,9433", pattern = "^ *\\^?[0-9A-Za-z.-]{1,15} *(, *\\^?[0-9A-Za-z.-]{1,15} *){0,499}$")]
    companies: Option<String>,
    /// The first day. Without it 2019-01-01.
    #[param(value_type = Option<chrono::NaiveDate>, example = "2026-11-16")]
    from: Option<String>,
    /// The last day, included. Without it today, where it is latest.
    #[param(value_type = Option<chrono::NaiveDate>, example = "2026-11-20")]
    to: Option<String>,
    /// Columns separated by commas, in the order wanted: `stockCode`, `companyId`, `companyName`, `date`, `open`,
    /// `high`, `low`, `close`, `volume`, `source`. Without it `stockCode,date,open,high,low,close,volume`.
    #[param(
        example = "stockCode,date,close",
        pattern = "^ *(stockCode|companyId|companyName|date|open|high|low|close|volume|source) *(, *(stockCode|companyId|companyName|date|open|high|low|close|volume|source) *)*$"
    )]
    columns: Option<String>,
    #[param(value_type = Option<SeriesFormat>, inline)]
    pub format: Option<String>,
}

/// The same, read.
pub(super) struct Asked {
    codes: Option<Vec<StockCode>>,
    pub days: Days,
    pub fields: Vec<Field>,
}

impl Query {
    /// # Errors
    /// 400 naming the parameter.
    pub(super) fn read(&self, now: DateTime<Utc>) -> Answer<Asked> {
        let (from, to) = day_range(("from", self.from.as_deref()), ("to", self.to.as_deref()), today(now))?;
        let codes = self.companies.as_deref().map(codes).transpose()?;
        Ok(Asked { codes, days: Days { from, to }, fields: fields(self.columns.as_deref())? })
    }
}

impl Asked {
    /// The companies by code. Where two countries have a code that was named, the first by id, as everywhere.
    ///
    /// # Errors
    /// 404 naming the codes that no company has.
    pub(super) async fn companies(&self, connection: &impl Connection) -> Answer<Vec<Listed>> {
        let mut companies = listed(connection, self.codes.as_deref()).await?;
        let Some(codes) = &self.codes else { return Ok(companies) };
        companies.dedup_by(|a, b| a.stock_code == b.stock_code);
        let unknown = |code: &&StockCode| !companies.iter().any(|company| company.stock_code == **code);
        let unknown: Vec<&str> = codes.iter().filter(unknown).map(StockCode::as_str).collect();
        if unknown.is_empty() {
            return Ok(companies);
        }
        let unknown = unknown.join(", ");
        Err(Problem::not_found(told!(
            "no company has the stock code {unknown}; /api/v1/companies lists those there are",
            "銘柄コード {unknown} の企業はありません。一覧は /api/v1/companies にあります"
        )))
    }
}

fn codes(text: &str) -> Answer<Vec<StockCode>> {
    let mut codes = text.split(',').map(|code| code_of(code.trim())).collect::<Answer<Vec<_>>>()?;
    codes.sort_unstable();
    codes.dedup();
    let count = codes.len();
    if count <= MOST {
        return Ok(codes);
    }
    let message = told!(
        "there are {count} companies; {MOST} at once are the most, and without any it is the whole market",
        "企業が {count} 社指定されています。一度に指定できるのは {MOST} 社までです。指定しなければ市場全体になります"
    );
    Err(Problem::bad_request("companies", message))
}

fn code_of(text: &str) -> Answer<StockCode> {
    StockCode::parse(text).map_err(|error| Problem::bad_request("companies", error))
}

/// The day it is in the market where it is latest.
fn today(now: DateTime<Utc>) -> NaiveDate {
    let days = Market::ALL.into_iter().map(|market| now.with_timezone(&market.zone()).date_naive());
    days.max().unwrap_or_else(|| now.date_naive())
}
