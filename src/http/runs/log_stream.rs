//! A log followed live: events `log`, each with the number of its line as id, and `end` after the last one. By asking
//! the database, so that a run which another replica executes is followed like one of our own.

use std::{collections::VecDeque, convert::Infallible, time::Duration};

use axum::{
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response, sse::Event},
};
use futures_util::{Stream, stream};
use serde_json::json;
use tokio::{
    sync::OwnedSemaphorePermit,
    time::{Instant, sleep},
};

use super::{
    RunsState, Waiter,
    events::{FINAL, LAST_EVENT_ID, LOOK, sent},
    logs::number,
    wire::LogLineJson,
};
use crate::{
    db::DbError,
    http::problem::{Answer, Problem},
    jobs::{
        RunId,
        store::{LogFilter, find_run, list_run_log},
    },
    told,
};

/// Lines read at once.
const PAGE: u32 = 500;
/// How long after the end of a run its last lines are waited for: they are written in batches.
const LAST_LINES: Duration = Duration::from_millis(1500);

/// Follows from the line that the client names, else from the filter's place.
///
/// # Errors
/// When the client's last event is no line, or too many streams are open.
pub fn follow(state: RunsState, run: RunId, filter: LogFilter, headers: &HeaderMap) -> Answer<Response> {
    let after = match headers.get(LAST_EVENT_ID) {
        None => filter.after,
        Some(last) if last == FINAL => return Ok(StatusCode::NO_CONTENT.into_response()),
        Some(last) => last.to_str().ok().and_then(number).ok_or_else(|| {
            let message = told!(
                "this is no id of an event of this stream; leave it out",
                "このストリームのイベントの ID ではありません。指定を外してください"
            );
            Problem::bad_request(LAST_EVENT_ID.as_str(), message)
        })?,
    };
    let tail = Tail {
        _permit: state.stream()?,
        waiter: state.waiter,
        run,
        filter: LogFilter { after, limit: PAGE, ..filter },
        queue: VecDeque::new(),
        step: Step::Now,
        ended: None,
    };
    Ok(sent(tail.stream()))
}

/// One log being sent.
struct Tail {
    waiter: Waiter,
    run: RunId,
    filter: LogFilter,
    queue: VecDeque<Event>,
    step: Step,
    /// When the run was first seen in a final state.
    ended: Option<Instant>,
    _permit: OwnedSemaphorePermit,
}

enum Step {
    Now,
    AfterAWhile,
    Over,
}

impl Tail {
    fn stream(self) -> impl Stream<Item = Result<Event, Infallible>> {
        stream::unfold(self, |mut tail| async move {
            while tail.queue.is_empty() {
                tail.fill().await?;
            }
            tail.queue.pop_front().map(|event| (Ok(event), tail))
        })
    }

    /// Looks once more, after a while. None when the stream is over or the daemon ends.
    async fn fill(&mut self) -> Option<()> {
        match self.step {
            Step::Over => return None,
            Step::Now => {}
            Step::AfterAWhile => tokio::select! {
                () = sleep(LOOK) => {}
                () = self.waiter.draining.cancelled() => return None,
            },
        }
        self.step = Step::AfterAWhile;
        if let Err(error) = self.look().await {
            tracing::debug!(%error, "a log could not be followed; looking again");
        }
        Some(())
    }

    async fn look(&mut self) -> Result<(), DbError> {
        let connection = self.waiter.database.connection();
        // The state first: what is read after the end is whole, but for what its process still holds.
        let run = find_run(connection, &self.run).await?;
        let lines = list_run_log(connection, &self.run, &self.filter).await?;
        let silent = lines.is_empty();
        if lines.len() == PAGE as usize {
            self.step = Step::Now;
        }
        for line in lines {
            self.filter.after = line.seq;
            let id = line.seq.to_string();
            self.queue.push_back(Event::default().event("log").id(id).data(json!(LogLineJson::from(line)).to_string()));
        }
        let state = run.as_ref().map(|run| run.state);
        if state.is_none_or(|state| state.is_final()) {
            let ended = *self.ended.get_or_insert_with(Instant::now);
            if silent && (state.is_none() || ended.elapsed() >= LAST_LINES) {
                let data = json!({ "state": state.map(|state| state.as_str()) });
                self.queue.push_back(Event::default().event("end").id(FINAL).data(data.to_string()));
                self.step = Step::Over;
            }
        }
        Ok(())
    }
}
