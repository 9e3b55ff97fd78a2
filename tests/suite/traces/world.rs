//! The binary with a collector and a source that knows one week of one company. The prices are invented.

use std::{fs::File, path::Path, process::Command};

use serde_json::Value;
use tempfile::TempDir;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

use crate::daemon::{Running, datainfra};

pub const WEEK: &str = r#"{"companies":["7203"],"from":"2020-01-06","to":"2020-01-10"}"#;

const BARS: &str = "Date,Open,High,Low,Close,Volume\n\
                    2020-01-06,1001,1012,993,1004,1000\n2020-01-07,1004,1021,1002,1015,1100\n\
                    2020-01-08,1015,1018,1001,1007,1200\n2020-01-09,1007,1031,1006,1030,1300\n\
                    2020-01-10,1030,1042,1026,1033,1400\n";

pub struct World {
    pub daemon: Running,
    pub source: MockServer,
    pub folder: TempDir,
}

impl World {
    /// A daemon with further settings, ready.
    pub async fn start(collector: &str, more: &[(&str, &str)]) -> Self {
        let (folder, source) = (tempfile::tempdir().unwrap(), source().await);
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let address = format!("127.0.0.1:{port}");
        let mut command = command(folder.path(), collector, &source.uri());
        command.env("DATAINFRA__SERVER__LISTEN", &address).envs(more.iter().copied());
        command.stderr(File::create(folder.path().join("log")).unwrap());
        let daemon = Running::spawn(command, address);
        daemon.until("/readyz", |status, _| status == 200).await;
        Self { daemon, source, folder }
    }

    /// Runs the job, with further headers, and gives the answer.
    pub async fn run(&self, body: &str, headers: &str) -> Value {
        let request = format!(
            "POST /jobs/stock/run HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n{body}",
            self.daemon.address,
            body.len()
        );
        let (status, body) = self.daemon.send(&request).await.unwrap();
        assert!(matches!(status, 200 | 202), "{status} {body}");
        serde_json::from_str(&body).unwrap()
    }

    /// Ends the daemon in order.
    pub async fn end(&mut self) {
        self.daemon.signal("-TERM");
        assert_eq!(self.daemon.exit().await, 0, "{}", self.log());
    }

    /// What was logged so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap()
    }
}

/// The binary with collector and source.
pub fn command(folder: &Path, collector: &str, source: &str) -> Command {
    let mut command = datainfra(folder);
    command.envs([
        ("DATAINFRA__TELEMETRY__ENDPOINT", collector),
        ("DATAINFRA__JOBS__STOCK__SOURCES", "stooq"),
        ("DATAINFRA__JOBS__STOCK__SCHEDULE", "@manually"),
        ("DATAINFRA__JOBS__STOCK__MAX_ATTEMPTS", "1"),
        ("DATAINFRA__JOBS__RECONCILE__SCHEDULE", "@manually"),
        ("DATAINFRA__SOURCES__STOOQ__BASE_URL", source),
        ("DATAINFRA__SOURCES__STOOQ__API_KEY", "geheim"),
        ("DATAINFRA__SOURCES__STOOQ__MIN_INTERVAL", "0s"),
        ("DATAINFRA__SOURCES__STOOQ__MAX_RETRIES", "0"),
    ]);
    command
}

pub async fn source() -> MockServer {
    let server = MockServer::start().await;
    let answer = ResponseTemplate::new(200).set_body_string(BARS);
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}
