//! Which companies a run is about, and what is missing of each, without asking any source.

use std::collections::{HashMap, HashSet};

use super::need::{Wanted, need};
use crate::{
    db::{Connection, DbError},
    jobs::{ParamProblem, Preview, RunParams, TaskError},
    stock::{
        bar::StockCode,
        calendar::{Calendar, Calendars},
        company::Company,
        store::{companies, series, series::Series},
    },
    told,
};

/// The companies asked for that do not exist.
///
/// # Errors
/// What the database says.
pub async fn unknown(connection: &impl Connection, asked: &[String]) -> Result<Vec<ParamProblem>, DbError> {
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let known: HashSet<StockCode> = companies::list(connection).await?.into_iter().map(|c| c.stock_code).collect();
    let is_known = |code: &str| StockCode::parse(code).is_ok_and(|code| known.contains(&code));
    let problem = |code: &String| ParamProblem {
        param: "companies",
        message: told!("there is no company with the stock code {code:?}", "銘柄コード {code:?} の会社はありません"),
    };
    Ok(asked.iter().filter(|code| !is_known(code)).map(problem).collect())
}

/// The stock codes of a run: those asked for, else those watched. Each once.
///
/// # Errors
/// What the database says.
pub async fn keys(connection: &impl Connection, params: &RunParams) -> Result<Vec<String>, DbError> {
    if !params.companies.is_empty() {
        let mut codes: Vec<String> = params.companies.iter().map(|code| code.to_uppercase()).collect();
        codes.sort();
        codes.dedup();
        return Ok(codes);
    }
    let companies = companies::list(connection).await?;
    let mut codes: Vec<String> =
        companies.iter().filter(|c| c.is_watched()).map(|c| c.stock_code.to_string()).collect();
    let mut seen = HashSet::new();
    codes.retain(|code| seen.insert(code.clone()));
    Ok(codes)
}

/// The company whose code is a task's key.
///
/// # Errors
/// [`TaskError::Fatal`] when there is none any more; else what the database says.
pub async fn company(connection: &impl Connection, code: &str) -> Result<Company, TaskError> {
    let gone = || TaskError::Fatal(anyhow::anyhow!("there is no company with the stock code {code:?} any more"));
    let parsed = StockCode::parse(code).map_err(|error| TaskError::Fatal(error.into()))?;
    companies::find_by_code(connection, &parsed).await?.ok_or_else(gone)
}

/// Every company by its code; where two countries have one code, the first by id, as everywhere.
///
/// # Errors
/// What the database says.
pub(super) async fn by_code(connection: &impl Connection) -> Result<HashMap<String, Company>, DbError> {
    let mut by_code = HashMap::new();
    for company in companies::list(connection).await? {
        by_code.entry(company.stock_code.to_string()).or_insert(company);
    }
    Ok(by_code)
}

/// The days missing of each of these companies, in words; those that miss nothing are left out.
///
/// # Errors
/// What the database says.
pub async fn previews(
    connection: &impl Connection,
    codes: &[String],
    calendars: &Calendars,
    wanted: impl Fn(&Calendar) -> Wanted,
    sources: impl Fn(&Calendar) -> String,
) -> Result<Vec<Preview>, DbError> {
    let by_code = by_code(connection).await?;
    let series: HashMap<String, Series> = series::list(connection).await?.into_iter().collect();
    let per_market = calendars.each().map(|calendar| (calendar, wanted(calendar), sources(calendar)));
    let none = Series::default();
    let message = |code: &String| {
        let company = by_code.get(code)?;
        let Some(market) = company.market() else {
            return Some(format!("cannot be fetched: no calendar for the country {:?}", company.country_code));
        };
        let (calendar, wanted, sources) = per_market.iter().find(|(of, ..)| of.market() == market)?;
        let series = series.get(company.company_id.as_str()).unwrap_or(&none);
        let days = need(company, calendar, series, wanted)?;
        Some(format!("{} to {} from {sources}", days.from, days.to))
    };
    let preview = |code: &String| message(code).map(|message| Preview { key: code.clone(), message });
    Ok(codes.iter().filter_map(preview).collect())
}
