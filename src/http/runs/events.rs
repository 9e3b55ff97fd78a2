//! `GET /runs/{id}/events`: server-sent events `state`, `progress` and `task`, from what there is to the final state.

use std::{collections::VecDeque, convert::Infallible, time::Duration};

use axum::{
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
    response::{
        IntoResponse as _, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use chrono::{DateTime, Utc};
use futures_util::{Stream, stream};
use serde_json::json;
use tokio::{sync::OwnedSemaphorePermit, time::sleep};
use utoipa::{IntoParams, ToSchema};

use super::{
    RunsState, Waiter,
    follow::{Change, Follow},
    wire::{ProgressJson, RunJson, TaskJson},
};
use crate::http::{auth::Reader, extract::RunPath, frame, problem::Answer};

/// How long between two looks.
pub const LOOK: Duration = Duration::from_millis(500);
/// The id of the final event. A browser that reconnects with it is told to stop.
pub const FINAL: &str = "final";
pub const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// An event, as it is described.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its shape matters")]
struct RunEvent {
    /// `state`, `progress` or `task`.
    #[schema(pattern = "^(state|progress|task)$")]
    event: String,
    /// JSON: of `state` the run, of `progress` its progress and rows, of `task` the task.
    data: String,
    /// `final`, of the last event alone.
    #[schema(nullable = false)]
    id: Option<String>,
}

/// The header, as it is described.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "only its shape matters")]
pub struct LastEvent {
    /// The id of the last event received, when reading on. `final`: there is nothing more.
    #[param(rename = "Last-Event-ID", nullable = false)]
    last_event_id: Option<String>,
}

/// Asks nginx to pass events on as they come.
const UNBUFFERED: (HeaderName, HeaderValue) =
    (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));

/// A run followed live
///
/// Server-sent events `state`, `progress` and `task`: first all there is, then what changes. The final `state` has the id
/// `final`, and the stream ends.
#[utoipa::path(
    get,
    path = "/runs/{id}/events",
    operation_id = "followRun",
    tag = "runs",
    params(RunPath, LastEvent),
    responses(
        (status = 200, description = "The events", body = RunEvent, content_type = "text/event-stream"),
        (status = 204, description = "The final event was received before."),
        (status = 404, description = "There is no such run.")
    )
)]
pub async fn events(
    _: Reader,
    State(state): State<RunsState>,
    RunPath(id): RunPath,
    headers: HeaderMap,
) -> Answer<Response> {
    let run = state.find(&id).await?;
    if headers.get(LAST_EVENT_ID).is_some_and(|last| last == FINAL) {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let live = Live {
        _permit: state.stream()?,
        waiter: state.waiter,
        follow: Follow::new(run.id),
        queue: VecDeque::new(),
        step: Step::First,
    };
    Ok(sent(live.stream()))
}

/// The answer that goes on.
pub fn sent(stream: impl Stream<Item = Result<Event, Infallible>> + Send + 'static) -> Response {
    frame::only_waits();
    ([UNBUFFERED], Sse::new(stream).keep_alive(KeepAlive::default())).into_response()
}

/// One stream being sent.
struct Live {
    waiter: Waiter,
    follow: Follow,
    queue: VecDeque<Event>,
    step: Step,
    _permit: OwnedSemaphorePermit,
}

enum Step {
    First,
    Next,
    Over,
}

impl Live {
    fn stream(self) -> impl Stream<Item = Result<Event, Infallible>> {
        stream::unfold(self, |mut live| async move {
            while live.queue.is_empty() {
                live.fill().await?;
            }
            live.queue.pop_front().map(|event| (Ok(event), live))
        })
    }

    /// Looks once more, after a while. None when the stream is over or the daemon ends.
    async fn fill(&mut self) -> Option<()> {
        match self.step {
            Step::Over => return None,
            Step::First => self.step = Step::Next,
            Step::Next => tokio::select! {
                () = sleep(LOOK) => {}
                () = self.waiter.draining.cancelled() => return None,
            },
        }
        match self.follow.look(self.waiter.database.connection()).await {
            Ok((changes, ended)) => {
                let now = self.waiter.clock.now();
                self.queue.extend(changes.into_iter().map(|change| event(change, now)));
                if ended {
                    self.step = Step::Over;
                }
            }
            Err(error) => tracing::debug!(%error, "a run could not be followed; looking again"),
        }
        Some(())
    }
}

fn event(change: Change, now: DateTime<Utc>) -> Event {
    let (name, last, data) = match change {
        Change::State(run) => ("state", run.state.is_final(), json!(RunJson::new(run, now))),
        Change::Progress(run) => ("progress", false, json!(ProgressJson::new(&run, now))),
        Change::Task(task) => ("task", false, json!(TaskJson::from(task))),
    };
    let event = Event::default().event(name).data(data.to_string());
    if last { event.id(FINAL) } else { event }
}
