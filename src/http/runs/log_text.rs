//! A log as plain lines.

use axum::{
    body::Body,
    http::header,
    response::{IntoResponse as _, Response},
};
use chrono::SecondsFormat;
use futures_util::stream;

use crate::{
    db::Database,
    http::page,
    jobs::{
        LogLine, RunId,
        store::{self, LogFilter},
    },
};

/// Lines in memory at once.
const CHUNK: u32 = 500;

/// These lines.
pub fn page(lines: &[LogLine]) -> Response {
    text(lines.iter().map(line).collect::<String>().into())
}

/// Every line that passes the filter, read as it is sent.
pub fn whole(database: Database, run: RunId, filter: LogFilter) -> Response {
    let start = Some((database, run, LogFilter { limit: CHUNK, ..filter }));
    let chunks = stream::try_unfold(start, |rest| async move {
        let Some((database, run, filter)) = rest else { return Ok(None) };
        let lines = store::list_run_log(database.connection(), &run, &filter).await.inspect_err(|error| {
            tracing::warn!(%error, "a log could not be read to its end");
        })?;
        let text: String = lines.iter().map(line).collect();
        let next = lines.last().filter(|_| lines.len() == CHUNK as usize).map(|last| last.seq);
        let rest = next.map(|after| (database, run, LogFilter { after, ..filter }));
        Ok::<_, crate::db::DbError>(Some((text, rest)))
    });
    text(Body::from_stream(chunks))
}

fn text(body: Body) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], body).into_response()
}

/// One line, which no message can make look like two: what follows a line end is indented.
fn line(line: &LogLine) -> String {
    let at = line.at.to_rfc3339_opts(SecondsFormat::Millis, true);
    let level = line.level.as_str().to_uppercase();
    let task = line.task.as_deref().map(|key| format!("[{key}] ")).unwrap_or_default();
    let fields = page::log_fields(&line.fields);
    let message = line.message.replace('\n', "\n    ");
    format!("{at} {level:>5} {} {task}{message} {fields}", line.target).trim_end().to_owned() + "\n"
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::*;
    use crate::jobs::LogLevel;

    #[test]
    fn a_message_cannot_forge_a_line() {
        let said = LogLine {
            seq: 1,
            at: "2026-11-20T09:00:00.5Z".parse().unwrap(),
            level: LogLevel::Warn,
            target: "jobs::executor".to_owned(),
            task: Some("7203".to_owned()),
            message: "one\n2026-11-20T09:00:01Z ERROR two\n".to_owned(),
            fields: Map::from_iter([("wait_ms".to_owned(), 30.into())]),
        };
        let text = line(&said);
        assert!(text.starts_with("2026-11-20T09:00:00.500Z  WARN jobs::executor [7203] one\n    2026"), "{text}");
        assert!(text.ends_with(" wait_ms=30\n"), "{text}");
        let plain = LogLine { task: None, message: "done".to_owned(), fields: Map::new(), ..said };
        assert_eq!(line(&plain), "2026-11-20T09:00:00.500Z  WARN jobs::executor done\n");
    }
}
