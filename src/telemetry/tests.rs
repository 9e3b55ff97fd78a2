use std::io::Write;
use std::sync::{Arc, Mutex};

use super::{
    settings::{LogFormat, LogSettings},
    *,
};

#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Buffer {
    /// What was written since the last look.
    fn take(&self) -> String {
        String::from_utf8(std::mem::take(&mut self.0.lock().unwrap())).unwrap()
    }
}

fn settings(level: &str, format: LogFormat) -> LogSettings {
    LogSettings { level: level.to_owned(), format }
}

fn to_buffer(
    settings: &LogSettings,
    rust_log: Option<&str>,
    terminal: bool,
    buffer: &Buffer,
) -> (Box<dyn Subscriber + Send + Sync>, Logs) {
    let (writer, clock) = (buffer.clone(), Clock::fixed("2026-11-20T09:00:00Z".parse().unwrap()));
    subscriber(settings, rust_log, terminal, &clock, move || writer.clone()).unwrap()
}

/// What is written when a run logs once at `info` and once at `debug`.
fn logged(format: LogFormat, rust_log: Option<&str>, terminal: bool) -> String {
    let buffer = Buffer::default();
    let (subscriber, _) = to_buffer(&settings("info", format), rust_log, terminal, &buffer);
    tracing::subscriber::with_default(subscriber, || {
        let run = tracing::info_span!("run", run = "0198", job = "stock", rows = tracing::field::Empty);
        run.record("rows", 7);
        let _task = run.in_scope(|| tracing::info_span!("task", key = "72\"03").entered());
        run.in_scope(|| {
            tracing::info!(target: "data_infrastructure::jobs::run", duration_ms = 12, job = "nearer", "task done");
            tracing::debug!("detail");
        });
    });
    buffer.take()
}

#[test]
fn text_lines_name_the_spans_with_their_fields() {
    let text = logged(LogFormat::Auto, None, true);
    assert!(text.contains("run") && text.contains("0198") && text.contains("task done"), "{text}");
    let plain = logged(LogFormat::Text, None, false);
    assert_eq!(plain.lines().count(), 1, "{plain}");
    assert!(plain.contains(" INFO jobs::run "), "{plain}");
    assert!(plain.contains("run{run=\"0198\" job=\"stock\" rows=7}: "), "{plain}");
    assert!(plain.ends_with("task done duration_ms=12 job=\"nearer\"\n"), "{plain}");
    assert!(!plain.contains('\u{1b}'), "no colours outside a terminal");
}

#[test]
fn json_lines_carry_the_fields_of_spans_at_the_top() {
    let line = logged(LogFormat::Auto, None, false);
    assert!(line.starts_with("{\"timestamp\":\"2"), "{line}");
    let object: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(object["level"], "INFO");
    assert_eq!(object["target"], "jobs::run");
    assert_eq!(object["message"], "task done");
    assert_eq!((object["run"].as_str(), object["rows"].as_i64()), (Some("0198"), Some(7)));
    assert_eq!(object["job"], "nearer", "the event's own field is the nearer one");
    assert_eq!(object["duration_ms"], 12);
}

#[test]
fn the_variable_overrides_the_configured_level_unless_empty() {
    assert_eq!(logged(LogFormat::Json, Some("debug"), false).lines().count(), 2);
    assert_eq!(logged(LogFormat::Json, Some("warn"), false), "");
    assert_eq!(logged(LogFormat::Json, Some(""), false).lines().count(), 1);
}

#[test]
fn a_level_that_is_not_understood_is_an_error() {
    let clock = Clock::fixed("2026-11-20T09:00:00Z".parse().unwrap());
    let refused = subscriber(&settings("info", LogFormat::Auto), Some("sqlx=loud"), false, &clock, io::sink);
    assert_eq!(refused.err().unwrap().to_string(), "log level \"sqlx=loud\" is not understood");
}

#[test]
fn level_and_format_change_while_the_process_runs() {
    let buffer = Buffer::default();
    let (subscriber, logs) = to_buffer(&settings("warn", LogFormat::Text), None, false, &buffer);
    let _guard = tracing::subscriber::set_default(subscriber);
    let run = tracing::info_span!(target: "data_infrastructure::jobs", "run", run = "0198").entered();
    tracing::info!("too low");
    assert_eq!(buffer.take(), "");

    logs.handle.set(&settings("debug", LogFormat::Json)).unwrap();
    tracing::debug!("low enough");
    let line: serde_json::Value = serde_json::from_str(&buffer.take()).unwrap();
    assert_eq!(line["message"], "low enough");
    assert_eq!(line["run"], "0198", "also of a run that began before the change");

    logs.handle.set(&settings("info", LogFormat::Text)).unwrap();
    tracing::debug!("too low again");
    tracing::info!("text");
    let text = buffer.take();
    assert!(text.lines().count() == 1 && text.ends_with("run{run=\"0198\"}: text\n"), "{text}");

    assert!(logs.handle.set(&settings("sqlx=loud", LogFormat::Json)).is_err());
    tracing::info!("as before");
    assert!(buffer.take().ends_with("as before\n"), "a mistake changes nothing");
    drop(run);
}

#[test]
fn what_overrode_the_level_at_the_start_overrides_a_change_too() {
    let buffer = Buffer::default();
    let (subscriber, logs) = to_buffer(&settings("info", LogFormat::Text), Some("error"), false, &buffer);
    let _guard = tracing::subscriber::set_default(subscriber);
    logs.handle.set(&settings("debug", LogFormat::Json)).unwrap();
    tracing::warn!("too low");
    tracing::error!("high enough");
    let line: serde_json::Value = serde_json::from_str(&buffer.take()).unwrap();
    assert_eq!(line["message"], "high enough");
}

#[test]
fn a_warning_names_its_run_and_the_run_keeps_every_line_whatever_the_level() {
    for level in ["warn", "off"] {
        let buffer = Buffer::default();
        let (subscriber, mut logs) = to_buffer(&settings(level, LogFormat::Json), None, false, &buffer);
        let _guard = tracing::subscriber::set_default(subscriber);
        let _run = tracing::info_span!(target: "data_infrastructure::jobs", "run", run = "0198").entered();
        tracing::info!("kept");
        tracing::warn!("shown and kept");
        let shown = buffer.take();
        assert_eq!(shown.contains("\"run\":\"0198\""), level == "warn", "{shown}");
        assert_eq!(logs.run_lines.try_recv().unwrap().message, "kept", "{level}");
        assert_eq!(logs.run_lines.try_recv().unwrap().message, "shown and kept", "{level}");
    }
}

/// What a run logs from within spans that are for traces alone.
#[cfg(feature = "otlp")]
fn logged_with(endpoint: &str, format: LogFormat, level: &str) -> (String, Vec<String>) {
    use super::trace::settings::{Endpoint, Headers, Pairs};
    let (buffer, clock) = (Buffer::default(), Clock::fixed("2026-11-20T09:00:00Z".parse().unwrap()));
    let telemetry = TelemetrySettings {
        endpoint: Endpoint((!endpoint.is_empty()).then(|| endpoint.parse().unwrap())),
        headers: Headers::default(),
        timeout: std::time::Duration::from_secs(1),
        service_name: String::new(),
        resource_attributes: Pairs::default(),
        sample_ratio: 1.0,
    };
    let (writer, settings) = (buffer.clone(), settings(level, format));
    let made = traced_subscriber(&settings, &telemetry, None, false, &clock, move || writer.clone());
    let (subscriber, mut logs) = made.unwrap();
    tracing::subscriber::with_default(subscriber, || {
        let run = tracing::info_span!(target: "data_infrastructure::jobs::executor", "run", run = "0198").entered();
        trace::text(&run, "state", "succeeded");
        let fetch = tracing::info_span!(target: trace::TRACE, "fetch", source = "stooq");
        fetch.in_scope(|| tracing::info!(target: "data_infrastructure::crawl", "asked"));
    });
    let kept = std::iter::from_fn(|| logs.run_lines.try_recv().ok()).map(|line| line.message).collect();
    (buffer.take(), kept)
}

#[cfg(feature = "otlp")]
#[test]
fn spans_for_traces_alone_change_no_line_with_or_without_a_collector() {
    for level in ["info", "trace"] {
        for endpoint in ["", "http://127.0.0.1:9"] {
            let (text, kept) = logged_with(endpoint, LogFormat::Text, level);
            let line = text.lines().find(|line| line.ends_with("asked")).unwrap_or_else(|| panic!("{text}"));
            assert!(line.ends_with(" INFO crawl run{run=\"0198\"}: asked"), "{endpoint:?} {text}");
            assert_eq!(kept, ["asked"], "{endpoint:?}");
            let (json, _) = logged_with(endpoint, LogFormat::Json, level);
            let line = json.lines().find(|line| line.contains("asked")).unwrap_or_else(|| panic!("{json}"));
            let mut line: serde_json::Value = serde_json::from_str(line).unwrap();
            let members = line.as_object_mut().unwrap();
            let traced = [members.remove("traceId"), members.remove("spanId")];
            assert_eq!(traced.iter().flatten().count(), if endpoint.is_empty() { 0 } else { 2 }, "{json}");
            let names: Vec<&str> = members.keys().map(String::as_str).collect();
            assert_eq!(names.len(), 6, "{names:?}");
            assert_eq!(members["spans"], serde_json::json!(["run"]));
        }
    }
}
