//! `GET /runs/{id}/logs`: what a run said, oldest first: as JSON in pages, as plain lines, or followed live.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{RunsState, log_stream, log_text, wire::LogLineJson};
use crate::{
    http::{
        auth::Reader,
        extract::{QueryParams, RunPath, plain_text, word},
        openapi::schema::{Limit, Name64, Number},
        page::quality,
        paging::{Page, cursor, limit},
        problem::{Answer, Problem},
    },
    jobs::{
        LogLevel,
        store::{self, LogFilter},
    },
};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Params {
    /// This level and the graver ones.
    #[param(value_type = Option<LogLevel>, inline)]
    level: Option<String>,
    /// Of the task with this key.
    #[param(value_type = Option<Name64>, inline, example = "7203")]
    task: Option<String>,
    #[param(value_type = Option<Limit>, inline)]
    limit: Option<String>,
    /// The number of the last line of the page before.
    #[param(value_type = Option<Number>, inline)]
    cursor: Option<String>,
}

/// What a run said, oldest first
///
/// As JSON in pages; asked for `text/plain` as lines, all of them without `limit`; asked for `text/event-stream` followed
/// live: events `log`, each with the number of its line as id, and `end` after the last one.
#[utoipa::path(
    get,
    path = "/runs/{id}/logs",
    operation_id = "getLogs",
    tag = "runs",
    params(RunPath, Params, LastLine),
    responses(
        (
            status = 200,
            description = "The lines",
            content((Page<LogLineJson> = "application/json"), (String = "text/plain"), (LogEvent = "text/event-stream"))
        ),
        (status = 204, description = "The last event was received before."),
        (status = 404, description = "There is no such run.")
    )
)]
pub async fn logs(
    _: Reader,
    State(state): State<RunsState>,
    RunPath(id): RunPath,
    QueryParams(params): QueryParams<Params>,
    headers: HeaderMap,
) -> Answer<Response> {
    let wants_all = params.limit.is_none();
    let filter = filter(params)?;
    state.find(&id).await?;
    let answer = match Form::asked(&headers) {
        Form::Events => log_stream::follow(state, id, filter, &headers)?,
        Form::Text if wants_all => log_text::whole(state.waiter.database, id, filter),
        form => {
            let limit = filter.limit;
            let filter = LogFilter { limit: limit + 1, ..filter };
            let lines = store::list_run_log(state.waiter.database.connection(), &id, &filter).await?;
            let page = Page::cut(lines, limit, |line| line.seq.to_string());
            match form {
                Form::Text => log_text::page(&page.items),
                _ => Json(page.map(LogLineJson::from)).into_response(),
            }
        }
    };
    Ok(([(header::VARY, "Accept")], answer).into_response())
}

fn filter(params: Params) -> Answer<LogFilter> {
    let task = params.task.filter(|task| !task.is_empty());
    if let Some(Err(reason)) = task.as_deref().map(|task| plain_text(task, 64)) {
        return Err(Problem::bad_request("task", reason));
    }
    Ok(LogFilter {
        level: word("level", params.level.as_deref(), LogLevel::ALL, LogLevel::as_str)?,
        task,
        after: cursor(params.cursor.as_deref(), number)?.unwrap_or(0),
        limit: limit(params.limit.as_deref())?,
    })
}

/// An event, as it is described.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its shape matters")]
struct LogEvent {
    /// `log` or `end`.
    #[schema(pattern = "^(log|end)$")]
    event: String,
    /// JSON: of `log` the line.
    data: String,
    /// The number of the line, or `final`.
    #[schema(nullable = false)]
    id: Option<String>,
}

/// The header, as it is described.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "only its shape matters")]
struct LastLine {
    /// For `text/event-stream`: the id of the last event received, when reading on.
    #[param(rename = "Last-Event-ID", example = "6001", nullable = false)]
    last_event_id: Option<String>,
}

/// The number of a line.
pub fn number(text: &str) -> Option<i64> {
    text.parse().ok().filter(|number| *number >= 0)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Json,
    Text,
    Events,
}

impl Form {
    /// By what is named. A browser that follows the link gets lines to read.
    fn asked(headers: &HeaderMap) -> Self {
        let text = quality(headers, "text/plain").max(quality(headers, "text/html"));
        let (events, json) = (quality(headers, "text/event-stream"), quality(headers, "application/json"));
        if events > 0.0 && events >= json.max(text) {
            Self::Events
        } else if text > 0.0 && text >= json {
            Self::Text
        } else {
            Self::Json
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_is_the_one_that_is_named() {
        for (accept, form) in [
            ("text/event-stream", Form::Events),
            ("text/plain", Form::Text),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", Form::Text),
            ("application/json", Form::Json),
            ("application/json, text/plain;q=0.5", Form::Json),
            ("*/*", Form::Json),
            ("text/event-stream;q=0", Form::Json),
            ("", Form::Json),
        ] {
            let headers = [(header::ACCEPT, accept.parse().unwrap())].into_iter().collect();
            assert_eq!(Form::asked(&headers), form, "{accept}");
        }
        assert_eq!(Form::asked(&HeaderMap::new()), Form::Json);
    }

    #[test]
    fn only_numbers_of_lines_are_cursors() {
        assert_eq!(number("0"), Some(0));
        assert_eq!(number("6001"), Some(6001));
        for text in ["", "-1", "1.5", "x", "99999999999999999999"] {
            assert_eq!(number(text), None, "{text}");
        }
    }
}
