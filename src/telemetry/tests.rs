use std::io::Write;
use std::sync::{Arc, Mutex};

use super::*;

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

/// What is written when a run logs once at `info` and once at `debug`.
fn logged(format: LogFormat, rust_log: Option<&str>, terminal: bool) -> String {
    let buffer = Buffer::default();
    let writer = buffer.clone();
    let settings = LogSettings { level: "info".to_owned(), format };
    let subscriber = subscriber(&settings, rust_log, terminal, move || writer.clone()).unwrap();
    tracing::subscriber::with_default(subscriber, || {
        let run = tracing::info_span!("run", run = "0198", job = "stock", rows = tracing::field::Empty);
        run.record("rows", 7);
        let _task = run.in_scope(|| tracing::info_span!("task", key = "72\"03").entered());
        run.in_scope(|| {
            tracing::info!(target: "data_infrastructure::jobs::run", duration_ms = 12, job = "nearer", "task done");
            tracing::debug!("detail");
        });
    });
    let bytes = buffer.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
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
    let settings = LogSettings { level: "info".to_owned(), format: LogFormat::Auto };
    let refused = subscriber(&settings, Some("sqlx=loud"), false, io::sink).err().unwrap();
    assert_eq!(refused.to_string(), "log level \"sqlx=loud\" is not understood");
}
