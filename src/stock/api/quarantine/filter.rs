//! What is asked of the list, by the API and the page alike.

use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{
    db::Connection,
    http::{
        Answer, Problem, cursor, instant, limit,
        openapi::schema::{Id, Instant, Limit, ListFormat, Name32},
        plain_text, word,
    },
    stock::{
        api::code,
        bar::StockCode,
        company::Company,
        store::quarantine::{QuarantineFilter, State},
    },
    told,
};

/// The longest name of a source there is.
const LONGEST: usize = 32;

#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::stock::api) struct Query {
    /// Of the company with this stock code; 404 when there is none.
    #[param(value_type = Option<StockCode>, inline)]
    stock_code: Option<String>,
    /// From this source.
    #[param(value_type = Option<Name32>, inline, example = "kabutan")]
    source: Option<String>,
    /// In this state.
    #[param(value_type = Option<State>, inline)]
    state: Option<String>,
    /// Met by this run.
    #[param(value_type = Option<Id>, inline)]
    run: Option<String>,
    /// First met at this instant or later; a day means its midnight in UTC.
    #[param(value_type = Option<Instant>, inline)]
    since: Option<String>,
    #[param(value_type = Option<Limit>, inline)]
    limit: Option<String>,
    /// The id of the last row of the page before.
    #[param(value_type = Option<Id>, inline)]
    cursor: Option<String>,
    #[param(value_type = Option<ListFormat>, inline)]
    pub format: Option<String>,
}

/// The same, read.
pub(in crate::stock::api) struct Asked {
    pub company: Option<Company>,
    /// With a limit one higher than asked for, which tells whether there is more.
    pub filter: QuarantineFilter,
    pub limit: u32,
}

impl Query {
    /// # Errors
    /// 400 naming the parameter that cannot be; 404 for an unknown stock code.
    pub(in crate::stock::api) async fn read(&self, connection: &impl Connection) -> Answer<Asked> {
        let company = code::asked_for(connection, self.stock_code.as_deref()).await?;
        let limit = limit(self.limit.as_deref())?;
        let filter = QuarantineFilter {
            company: company.as_ref().map(|company| company.company_id.clone()),
            source: name("source", self.source.as_deref())?,
            state: word("state", self.state.as_deref(), &State::ALL, State::as_str)?,
            run: uuid("run", self.run.as_deref())?.map(|run| run.to_string()),
            since: instant("since", self.since.as_deref())?,
            after: cursor(self.cursor.as_deref(), |text| Uuid::try_parse(text).ok())?,
            limit: limit + 1,
        };
        Ok(Asked { company, filter, limit })
    }
}

fn name(param: &str, text: Option<&str>) -> Answer<Option<String>> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    plain_text(text, LONGEST).map_err(|reason| Problem::bad_request(param, reason))?;
    Ok(Some(text.to_owned()))
}

fn uuid(param: &str, text: Option<&str>) -> Answer<Option<Uuid>> {
    let Some(text) = text else { return Ok(None) };
    let read = Uuid::try_parse(text).map_err(|_| {
        let message = told!("this is no id of a run", "実行の ID ではありません。一覧は GET /runs で見られます");
        Problem::bad_request(param, message)
    })?;
    Ok(Some(read))
}
