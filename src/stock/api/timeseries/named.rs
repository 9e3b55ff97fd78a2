//! The companies that `companyId` and `stockCode` name, with the days asked of each.

use super::super::{StockApi, asked::Asked, code};
use crate::{
    db::Connection,
    http::{Answer, Problem},
    stock::{
        bar::{CompanyId, StockCode},
        company::Company,
        store::companies,
    },
    told,
};

/// What names companies and days, as text.
pub(super) struct Params<'a> {
    pub company_id: Option<&'a str>,
    pub stock_code: Option<&'a str>,
    pub start_date: Option<&'a str>,
    pub end_date: Option<&'a str>,
}

/// Up to `most` companies, each once, in the order they are named in.
///
/// # Errors
/// 400 naming the parameter that is missing or cannot be, 404 for an unknown company.
pub(super) async fn several(api: &StockApi, params: &Params<'_>, most: usize) -> Answer<Vec<Asked>> {
    let mut all: Vec<Asked> = Vec::new();
    for company in named(api.database.connection(), params, most).await? {
        if !all.iter().any(|asked| asked.company.company_id == company.company_id) {
            all.push(Asked::of(api, company, [params.start_date, params.end_date]).await?);
        }
    }
    Ok(all)
}

/// The one company that is named.
///
/// # Errors
/// As [`several`].
pub(super) async fn one(api: &StockApi, params: &Params<'_>) -> Answer<Asked> {
    several(api, params, 1).await?.pop().ok_or_else(none_named)
}

async fn named(connection: &impl Connection, params: &Params<'_>, most: usize) -> Answer<Vec<Company>> {
    let id = |text: &str| CompanyId::parse(text).map_err(|error| Problem::bad_request("companyId", error));
    let code = |text: &str| StockCode::parse(text).map_err(|error| Problem::bad_request("stockCode", error));
    let ids = list(params.company_id).into_iter().map(id).collect::<Answer<Vec<_>>>()?;
    let codes = list(params.stock_code).into_iter().map(code).collect::<Answer<Vec<_>>>()?;
    let count = ids.len() + codes.len();
    if count == 0 {
        return Err(none_named());
    }
    if count > most {
        let param = if ids.len() > codes.len() { "companyId" } else { "stockCode" };
        let message = told!(
            "{count} companies are named, {most} is the most",
            "{count} 社が指定されています。最大 {most} 社です"
        );
        return Err(Problem::bad_request(param, message));
    }
    let mut found = Vec::with_capacity(count);
    for id in &ids {
        found.push(companies::find_by_id(connection, id).await?.ok_or_else(|| unknown(id))?);
    }
    for code in &codes {
        found.push(code::company(connection, code).await?);
    }
    Ok(found)
}

/// What a comma-separated list has, each once.
fn list(text: Option<&str>) -> Vec<&str> {
    let mut all = Vec::new();
    for part in text.into_iter().flat_map(|text| text.split(',')).map(str::trim) {
        if !all.contains(&part) {
            all.push(part);
        }
    }
    all
}

fn none_named() -> Problem {
    let message = told!(
        "no company is named; give its id or its code, as in companyId=0001 or stockCode=7203",
        "企業が指定されていません。companyId=0001 や stockCode=7203 のように ID か銘柄コードを指定してください"
    );
    Problem::bad_request("companyId", message)
}

fn unknown(id: &CompanyId) -> Problem {
    Problem::not_found(told!(
        "no company has the id {id}; /api/v1/companies lists those there are",
        "ID が {id} の企業はありません。一覧は /api/v1/companies にあります"
    ))
}
