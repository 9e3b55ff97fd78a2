//! `POST /companies`: a company is watched from now on.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use chrono::NaiveTime;
use serde_json::{Map, Value};

use super::{
    StockApi,
    companies::answer,
    format::Format,
    registration::{Registration, RegistrationBody},
    wire::CompaniesBody,
};
use crate::{
    db::Connection,
    http::{Admin, Answer, JsonBody, NoParams, Problem},
    stock::{
        bar::CompanyId,
        company::{Company, CompanyStatus},
        store::{
            companies,
            company_changes::{self, CompanyAction},
        },
    },
    told,
};

/// How often another id is tried when somebody else takes the next free one at the same moment.
const ATTEMPTS: usize = 3;

/// Watches a company
///
/// 201 for a new one; 200 for one that is watched again, with the members given now. Its bars come with the next run.
#[utoipa::path(
    post,
    path = "/companies",
    operation_id = "registerCompany",
    tag = "companies",
    request_body = RegistrationBody,
    security(("bearer" = ["admin"])),
    responses(
        (status = 200, description = "It is watched again", body = CompaniesBody,
            headers(("Location", description = "Where the company is found."))),
        (status = 201, description = "It is watched from now on", body = CompaniesBody,
            headers(("Location", description = "Where the company is found."))),
        (status = 409, description = "It is watched already, or the id belongs to another."),
        (status = 422)
    )
)]
pub(super) async fn register(
    Admin(actor): Admin,
    State(api): State<Arc<StockApi>>,
    _: NoParams,
    JsonBody(body): JsonBody<Map<String, Value>>,
) -> Answer<Response> {
    let registration = Registration::read(&body).map_err(Problem::unprocessable)?;
    let transaction = api.database.begin().await?;
    let stored = companies::lock_by_code(&transaction, &registration.stock_code).await?;
    let (status, company) = match &stored {
        Some(stored) => (StatusCode::OK, watch_again(&transaction, stored, registration).await?),
        None => (StatusCode::CREATED, add(&transaction, registration).await?),
    };
    company_changes::record(&transaction, &actor, CompanyAction::Register, stored.as_ref(), &company).await?;
    transaction.commit().await?;
    let location = location(&company);
    let mut response = answer(&api, Format::Json, &HeaderMap::new(), "company", vec![company])?;
    *response.status_mut() = status;
    response.headers_mut().insert(header::LOCATION, HeaderValue::try_from(location).map_err(Problem::internal)?);
    Ok(response)
}

async fn add(connection: &impl Connection, registration: Registration) -> Answer<Company> {
    for _ in 0..ATTEMPTS {
        let id = match &registration.company_id {
            Some(id) => id.clone(),
            None => companies::next_id(connection).await?,
        };
        let company = company(id, registration.clone());
        if companies::insert(connection, &company).await? {
            return Ok(company);
        }
        if let Some(stored) = companies::find_by_code(connection, &company.stock_code).await? {
            return Err(taken(&stored));
        }
        if registration.company_id.is_some() {
            let id = company.company_id;
            let message = told!("the company id {id} belongs to another company", "会社 ID {id} は別の会社のものです");
            return Err(Problem::conflict(message, None));
        }
    }
    Err(Problem::unavailable(told!(
        "many companies are being registered at the moment",
        "多くの会社が同時に登録されています。しばらくしてからもう一度お試しください"
    )))
}

async fn watch_again(connection: &impl Connection, stored: &Company, new: Registration) -> Answer<Company> {
    if stored.status != CompanyStatus::Unwatched {
        return Err(taken(stored));
    }
    if let Some(id) = new.company_id.as_ref().filter(|id| **id != stored.company_id) {
        let Company { stock_code, company_id, .. } = stored;
        let message = told!(
            "{stock_code} has the company id {company_id} and keeps it, not {id}",
            "{stock_code} の会社 ID は {company_id} で、{id} には変えられません"
        );
        return Err(Problem::conflict(message, Some(location(stored))));
    }
    let new = company(stored.company_id.clone(), new);
    let again = Company {
        foundation_date: new.foundation_date.or(stored.foundation_date),
        longitude: new.longitude.or(stored.longitude),
        latitude: new.latitude.or(stored.latitude),
        // Whether it was delisted or a sample is no longer known; that its series ends is.
        status: if stored.listed_to.is_some() { CompanyStatus::Ended } else { CompanyStatus::Active },
        listed_from: stored.listed_from,
        listed_to: stored.listed_to,
        ..new
    };
    companies::upsert(connection, &again).await?;
    Ok(again)
}

fn company(company_id: CompanyId, registration: Registration) -> Company {
    Company {
        company_id,
        company_name: registration.company_name,
        stock_code: registration.stock_code,
        country_code: registration.country_code,
        listed_market: registration.listed_market,
        foundation_date: registration.foundation_date.map(|day| day.and_time(NaiveTime::MIN)),
        longitude: registration.longitude,
        latitude: registration.latitude,
        status: CompanyStatus::Active,
        listed_from: None,
        listed_to: None,
    }
}

fn taken(stored: &Company) -> Problem {
    let Company { stock_code, company_name, .. } = stored;
    let message = told!(
        "{stock_code} is registered already, as {company_name}",
        "{stock_code} は {company_name} としてすでに登録されています"
    );
    Problem::conflict(message, Some(location(stored)))
}

/// A leading `^` is not a character of paths.
fn location(company: &Company) -> String {
    format!("/api/v1/companies/{}", company.stock_code.as_str().replace('^', "%5E"))
}
