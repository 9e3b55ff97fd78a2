//! What the log tells of callers that were refused.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use data_infrastructure::http::settings::Scope;

use super::world::{Options, World};
use crate::support::TestStore;

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

#[tokio::test]
async fn a_refused_caller_is_a_warning_with_the_route_and_never_the_token() {
    let (buffer, store) = (Buffer::default(), TestStore::sqlite());
    let writer = buffer.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    // With a single subscriber, tracing asks only the thread that comes to a line first, which may be another test's.
    let _second = tracing::Dispatch::new(tracing_subscriber::fmt().with_writer(io::sink).finish());
    let world = World::new(&store, Options { named: &[("eyes", Scope::Read)], ..Options::default() }).await;
    for authorization in ["Bearer hunter2hunter2", "Bearer eyes-token"] {
        let headers = [("authorization", authorization), ("x-request-id", "mine-1")];
        world.send("POST", "/jobs/prices/run?a=b", &headers, "").await;
    }
    let text = String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<_> = text.lines().filter(|line| line.contains("WARN") && line.contains("refused")).collect();
    assert_eq!(lines.len(), 2, "{text}");
    for (line, status) in lines.iter().zip(["401", "403"]) {
        for word in ["POST", "/jobs/{job}/run", "mine-1", status] {
            assert!(line.contains(word), "{word}: {line}");
        }
    }
    assert!(!text.contains("hunter2") && !text.contains("eyes-token"), "{text}");
}
