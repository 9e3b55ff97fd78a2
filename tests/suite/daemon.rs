//! The binary as a user runs it: start, ask, stop, and what it says when something is wrong.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// The binary with nothing of this machine's configuration.
pub fn datainfra(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_datainfra"));
    command.current_dir(folder);
    let ours = |name: &str| {
        ["DATAINFRA__", "POSTGRES_", "DATABASE_URL", "RUST_LOG", "OTEL_"].iter().any(|start| name.starts_with(start))
    };
    for (name, _) in std::env::vars().filter(|(name, _)| ours(name)) {
        command.env_remove(name);
    }
    command
}

pub fn run(folder: &Path, arguments: &[&str]) -> Output {
    datainfra(folder).args(arguments).output().unwrap()
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A daemon that is killed when the test ends, however it ends.
pub struct Running {
    pub child: Child,
    pub address: String,
}

impl Running {
    /// The demo on a free port.
    pub fn demo(folder: &Path) -> Self {
        let data = folder.join("demo");
        std::fs::create_dir_all(&data).unwrap();
        let mut child = datainfra(folder)
            .args(["demo", "--data-dir", data.to_str().unwrap()])
            .env("DATAINFRA__SERVER__LISTEN", "127.0.0.1:0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.split("http://").nth(1).expect("the line has an address").split('/').next().unwrap();
        assert!(line.contains("sample data"), "{line}");
        Self { address: address.to_owned(), child }
    }

    pub fn serve(folder: &Path, settings: &[(&str, &str)]) -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let address = format!("127.0.0.1:{port}");
        let mut command = datainfra(folder);
        command.env("DATAINFRA__SERVER__LISTEN", &address).stderr(Stdio::piped());
        command.envs(settings.iter().copied());
        Self::spawn(command, address)
    }

    pub fn spawn(mut command: Command, address: String) -> Self {
        Self { child: command.spawn().unwrap(), address }
    }

    pub async fn get(&self, path: &str) -> Option<(u16, String)> {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address)).await
    }

    pub async fn send(&self, request: &str) -> Option<(u16, String)> {
        let mut stream = tokio::net::TcpStream::connect(&self.address).await.ok()?;
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.ok()?;
        let answer = text(&answer);
        let (head, body) = answer.split_once("\r\n\r\n")?;
        Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
    }

    /// Asks until the answer is as wanted.
    pub async fn until(&self, path: &str, wanted: impl Fn(u16, &str) -> bool) -> String {
        let started = Instant::now();
        loop {
            if let Some((status, body)) = self.get(path).await {
                if wanted(status, &body) {
                    return body;
                }
                assert!(started.elapsed() < Duration::from_secs(60), "{path}: {status} {body}");
            }
            assert!(started.elapsed() < Duration::from_secs(60), "{path}: no answer");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub fn signal(&self, name: &str) {
        Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap();
    }

    pub async fn exit(&mut self) -> i32 {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code().unwrap_or(-1);
            }
            assert!(started.elapsed() < Duration::from_secs(40), "the daemon does not end");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn the_demo_shows_data_within_seconds_and_ends_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let mut demo = Running::demo(folder.path());
    let started = Instant::now();
    demo.until("/api/v1/stockprices/rawdata/1101?startDate=2024-01-01", |status, body| {
        status == 200 && body.contains("\"close\"")
    })
    .await;
    assert!(started.elapsed() < Duration::from_secs(30), "data after {:?}", started.elapsed());
    let runs = demo.until("/runs", |status, body| status == 200 && body.contains("\"succeeded\"")).await;
    assert!(runs.contains("\"failed\":0"), "{runs}");
    for (path, word) in [
        ("/", "simulated"),
        ("/jobs", "\"stock\""),
        ("/api/v1/companies", "AAPL"),
        ("/api/v1/stockprices/ma/AAPL?startDate=2013-01-01&maTypes=sma5", "sma5"),
        ("/metrics", "datainfra_rows_total{outcome=\"inserted\",table=\"stockprice\"}"),
        ("/readyz", "ready"),
        ("/livez", "alive"),
    ] {
        let body = demo.until(path, |status, _| status == 200).await;
        assert!(body.contains(word), "{path}: {body:.500}");
    }
    let missing = |metrics: &str| -> Vec<&&str> {
        SERIES.iter().filter(|name| !metrics.contains(&format!("datainfra_{name}"))).collect()
    };
    // Some of them are measured every 15 seconds.
    demo.until("/metrics", |_, body| missing(body).is_empty()).await;
    demo.signal("-TERM");
    assert_eq!(demo.exit().await, 0);
}

/// The sample market answers until the daemon has ended: what is under way ends well, and the rest is the next start's.
#[tokio::test]
async fn a_demo_stopped_in_its_run_goes_on_with_it_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let mut demo = Running::demo(folder.path());
    let part_of_it = |body: &str| body.contains("\"running\"") && !body.contains("\"done\":0,");
    let first =
        demo.until("/runs", |status, body| status == 200 && (part_of_it(body) || body.contains("finishedAt\":\"")));
    let first = first.await;
    demo.signal("-TERM");
    assert_eq!(demo.exit().await, 0);
    let mut again = Running::demo(folder.path());
    let all_ended = |body: &str| !body.contains("\"queued\"") && !body.contains("\"running\"");
    let runs = again.until("/runs", |status, body| status == 200 && body.contains("\"id\"") && all_ended(body)).await;
    let id = first.split("\"id\":\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(runs.contains(id), "{runs}");
    assert!(!runs.contains("\"state\":\"partial\"") && !runs.contains("\"state\":\"failed\""), "{runs}");
    again.signal("-TERM");
    assert_eq!(again.exit().await, 0);
}

/// Every series the product promises, with the labels of one that exists from the start.
const SERIES: [&str; 47] = [
    "build_info{",
    "scheduler_last_beat_timestamp_seconds ",
    "scheduler_tick_lateness_seconds_count{job_name=\"stock\"}",
    "scheduler_ticks_total{job_name=\"stock\",outcome=\"missed\"}",
    "job_next_run_timestamp_seconds{job_name=\"stock\"}",
    "job_last_success_timestamp_seconds{job_name=\"stock\"}",
    "job_paused{job_name=\"stock\"}",
    "job_runs_total{job_name=\"stock\",state=\"lost\",trigger=\"misfire\"}",
    "job_runs_in_progress{job_name=\"stock\"}",
    "job_run_duration_seconds_count{job_name=\"stock\",state=\"succeeded\"}",
    "job_tasks_total{job_name=\"stock\",state=\"failed\"}",
    "job_retries_total{job_name=\"stock\"}",
    "job_orphans_recovered_total{job_name=\"stock\"}",
    "job_fence_rejections_total{job_name=\"stock\"}",
    "source_requests_total{outcome=\"blocked\",source=\"kabutan\"}",
    "source_request_duration_seconds_count{source=\"stooq\"}",
    "source_answers_archived_total{outcome=\"lost\",source=\"kabutan\"}",
    "source_closed_until_timestamp_seconds{source=\"kabutan\"}",
    "source_next_request_timestamp_seconds{source=\"kabutan\"}",
    "source_quota_limit{source=\"kabutan\"}",
    "source_quota_left{source=\"kabutan\"}",
    "rows_total{outcome=\"rejected\",table=\"stockprice\"}",
    "data_newest_bar_timestamp_seconds{country=\"JP\"}",
    "data_stale_companies{country=\"US\"}",
    "http_requests_total{method=\"GET\"",
    "http_request_duration_seconds_count{method=\"GET\"",
    "alerts_total{event=\"failed\",outcome=\"suppressed\"}",
    "db_pool_connections{state=\"idle\"}",
    "spans_exported_total ",
    "spans_dropped_total ",
    "db_pool_available_connections ",
    "db_pool_max_connections ",
    "database_reachable 1",
    "database_migrated 1",
    "job_interval_seconds{job_name=\"stock\"} 259200",
    "job_interval_seconds{job_name=\"import\"} 0",
    "job_timeout_seconds{job_name=\"stock\"} 7200",
    "job_due_since_timestamp_seconds{job_name=\"stock\"}",
    "job_running_since_timestamp_seconds{job_name=\"stock\"} 0",
    "job_runs_queued{job_name=\"stock\"} 0",
    "job_recent_takeovers{job_name=\"stock\"} 0",
    "job_last_partial_timestamp_seconds{job_name=\"stock\"} 0",
    "source_state{source=\"yahoo\",state=\"available\"} 1",
    "data_overdue_companies{country=\"JP\"} 0",
    "data_companies{country=\"JP\"}",
    "data_due_session_timestamp_seconds{country=\"JP\"}",
    "config_last_reload_successful 1",
];

#[tokio::test]
async fn a_sqlite_file_has_one_daemon_and_the_second_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = Running::serve(folder.path(), &[]);
    first.until("/readyz", |status, _| status == 200).await;
    let mut second = Running::serve(folder.path(), &[]);
    assert_eq!(second.exit().await, 1);
    let mut said = String::new();
    second.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(said.contains("another daemon uses data/datainfra.db"), "{said}");
    let companies = first.until("/api/v1/companies", |status, _| status == 200).await;
    for code in ["6028", "3906", "9433", "9437", "7203"] {
        assert!(companies.contains(code), "{companies}");
    }
    let probe =
        datainfra(folder.path()).arg("probe").env("DATAINFRA__SERVER__LISTEN", &first.address).output().unwrap();
    assert_eq!(probe.status.code(), Some(0), "{}", text(&probe.stderr));
    first.signal("-INT");
    assert_eq!(first.exit().await, 0);
}

#[tokio::test]
async fn a_database_that_is_away_leaves_the_daemon_alive_and_not_ready() {
    let folder = tempfile::tempdir().unwrap();
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("postgres://nobody:secret@127.0.0.1:{closed}/nowhere");
    let mut daemon = Running::serve(folder.path(), &[("DATABASE_URL", &url)]);
    daemon.until("/livez", |status, _| status == 200).await;
    let (status, body) = daemon.get("/readyz").await.unwrap();
    assert_eq!(status, 503, "{body}");
    assert!(body.contains("database") && !body.contains("secret"), "{body}");
    assert_eq!(daemon.get("/jobs").await.unwrap().0, 503);
    daemon.signal("-TERM");
    assert_eq!(daemon.exit().await, 0);
}

#[test]
fn every_mistake_in_the_configuration_is_said_at_once_with_exit_status_2() {
    let folder = tempfile::tempdir().unwrap();
    let mistakes = "[server]\nlisten = \"0.0.0.0:8080\"\n[jobs.stock]\nschedule = \"61 * * * *\"\ntimezone = \"Asia/Tokio\"\n\
                    timeot = \"2h\"\n[sources.kabutan]\nmin_interval = \"1s\"\n";
    std::fs::write(folder.path().join("config.toml"), mistakes).unwrap();
    for command in [&["serve"][..], &["check"], &["run", "stock"], &["jobs"]] {
        let output = run(folder.path(), command);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        for word in ["config.toml", "server", "schedule", "Asia/Tokyo", "timeot", "timeout", "min_interval", "3s"] {
            assert!(said.contains(word), "{word} is missing: {said}");
        }
    }
    assert_eq!(run(folder.path(), &["fly"]).status.code(), Some(2));
}

#[test]
fn check_prints_the_effective_configuration_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let output = datainfra(folder.path())
        .arg("check")
        .env("DATAINFRA__SERVER__TOKEN", "hunter2hunter2")
        .env("DATAINFRA__ALERTS__OPS__URL", "https://hooks.example.com/services/hunter2")
        .env("DATAINFRA__ALERTS__OPS__SECRET", "hunter2hunter2")
        .output()
        .unwrap();
    let printed = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(printed.contains("token = \"***\"") && !printed.contains("hunter2"), "{printed}");
    assert!(printed.contains("# there is no job company: it needs sources.jquants.enabled\n"), "{printed}");
    assert!(printed.contains("[alerts.ops]\nurl = \"https://hooks.example.com/***\""), "{printed}");
}

#[test]
fn the_demo_refuses_what_it_would_ignore() {
    let folder = tempfile::tempdir().unwrap();
    let mut demo = datainfra(folder.path());
    demo.arg("demo").env("DATAINFRA__SOURCES__YAHOO__ENABLED", "false").env("DATAINFRA__JOBS__STOCK__COLOUR", "red");
    let output = demo.output().unwrap();
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("YAHOO__ENABLED: the demo has") && said.contains("jobs.stock.colour: unknown key"), "{said}");
    let help = text(&run(folder.path(), &["demo", "--help"]).stdout);
    assert!(!help.contains("--config") && help.contains("No configuration file is read"), "{help}");
}

#[test]
fn companies_go_out_as_csv_and_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let exported = run(folder.path(), &["companies", "export"]);
    assert_eq!(exported.status.code(), Some(0), "{}", text(&exported.stderr));
    let csv = text(&exported.stdout);
    assert!(csv.starts_with("company_id,company_name,stock_code,country_code,listed_market"), "{csv}");
    let file = folder.path().join("companies.csv");
    std::fs::write(&file, format!("{csv}0099,新会社,130A,JP,グロース,,,,active,,\n")).unwrap();
    let imported = run(folder.path(), &["companies", "import", "companies.csv"]);
    let said = text(&imported.stdout);
    let expected = "plain (CSV, UTF-8): 35 companies\n1 inserted, 0 updated, 34 unchanged\n";
    assert_eq!(said, expected, "{}", text(&imported.stderr));
    let listed = text(&run(folder.path(), &["companies", "list"]).stdout);
    assert!(listed.lines().next().unwrap().contains("MARKET"), "{listed}");
    let line = listed.lines().find(|line| line.contains("130A")).unwrap();
    assert!(line.contains("グロース") && line.contains("新会社"), "{listed}");
    std::fs::write(&file, "company_id,company_name,stock_code,country_code,listed_market\n1,,72 03,JP,x\n").unwrap();
    let refused = run(folder.path(), &["companies", "import", "companies.csv"]);
    assert_eq!(refused.status.code(), Some(1));
    let said = text(&refused.stderr);
    assert!(said.contains("line 2") && said.contains("stock_code") && said.contains("nothing imported"), "{said}");
}

#[test]
fn migrate_and_jobs_say_where_things_stand() {
    let folder = tempfile::tempdir().unwrap();
    assert!(text(&run(folder.path(), &["migrate", "status"]).stdout).contains("pending"));
    let up = text(&run(folder.path(), &["migrate", "up"]).stdout);
    assert!(up.contains("applied") && !up.contains("pending"), "{up}");
    let jobs = text(&run(folder.path(), &["jobs"]).stdout);
    assert!(jobs.contains("0 18 * * Mon-Fri Asia/Tokyo"), "{jobs}");
    assert!(jobs.contains("at 18:00 from Monday to Friday"), "{jobs}");
    let stock = jobs.split_once("0 18 * * Mon-Fri").unwrap().1.split("  schedule ").next().unwrap();
    assert_eq!(stock.matches("  next ").count(), 5, "{jobs}");
    assert!(jobs.contains("fx (disabled): "), "{jobs}");
    assert!(jobs.contains("none yet"));
}

#[test]
fn a_run_from_the_command_line_is_refused_for_what_cannot_be() {
    let folder = tempfile::tempdir().unwrap();
    let unknown = run(folder.path(), &["run", "weather"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(text(&unknown.stderr).contains("no job \"weather\"; `datainfra jobs` lists them"));
    for (arguments, said) in [
        (&["run", "company"][..], "the job company needs sources.jquants.enabled"),
        (&["run", "import"], "files are imported by `datainfra import bars FILE`"),
        (&["run", "stock", "--from", "2999-01-01"], "from: 2999-01-01 is after today ("),
        (&["demo", "--config", "other.toml"], "the demo takes no configuration"),
        (&["--config", "other.toml", "demo"], "the demo takes no configuration"),
    ] {
        let refused = run(folder.path(), arguments);
        assert_eq!(refused.status.code(), Some(2), "{arguments:?}");
        assert!(text(&refused.stderr).contains(said), "{}", text(&refused.stderr));
    }
    let code = run(folder.path(), &["run", "stock", "--company", "0000"]);
    assert_eq!(code.status.code(), Some(2));
    assert!(text(&code.stderr).contains("companies: there is no company with the stock code \"0000\""));
    let dry = run(folder.path(), &["run", "stock", "--from", "2020-01-01", "--company", "7203", "--dry-run"]);
    let printed = text(&dry.stdout);
    assert_eq!(dry.status.code(), Some(0), "{}", text(&dry.stderr));
    assert!(printed.contains("would fetch 2020-01-01 to") && printed.contains("succeeded"), "{printed}");
}

#[tokio::test]
async fn a_run_that_fails_reaches_the_configured_hook() {
    let receiver = wiremock::MockServer::start().await;
    wiremock::Mock::given(wiremock::matchers::any())
        .respond_with(wiremock::ResponseTemplate::new(200))
        .mount(&receiver)
        .await;
    let folder = tempfile::tempdir().unwrap();
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nobody = format!("http://{closed}");
    let mut daemon = Running::serve(
        folder.path(),
        &[
            ("DATAINFRA__ALERTS__OPS__URL", &receiver.uri()),
            ("DATAINFRA__JOBS__STOCK__SOURCES", "yahoo"),
            ("DATAINFRA__JOBS__STOCK__MAX_ATTEMPTS", "1"),
            ("DATAINFRA__SOURCES__YAHOO__BASE_URL", &nobody),
            ("DATAINFRA__SOURCES__YAHOO__MAX_RETRIES", "0"),
            ("DATAINFRA__SOURCES__YAHOO__MIN_INTERVAL", "0s"),
        ],
    );
    daemon.until("/readyz", |status, _| status == 200).await;
    let head = format!("POST /jobs/stock/run HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", daemon.address);
    let (status, body) = daemon.send(&format!("{head}Content-Length: 0\r\n\r\n")).await.unwrap();
    assert_eq!(status, 202, "{body}");
    let started = Instant::now();
    let told = loop {
        if let [told] = receiver.received_requests().await.unwrap().as_slice() {
            break told.body_json::<serde_json::Value>().unwrap();
        }
        assert!(started.elapsed() < Duration::from_secs(60), "nobody is told");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!((&told["event"], &told["job"]), (&"failed".into(), &"stock".into()), "{told}");
    daemon.until("/metrics", |_, body| body.contains("alerts_total{event=\"failed\",outcome=\"sent\"} 1")).await;
    daemon.signal("-TERM");
    assert_eq!(daemon.exit().await, 0);
}

/// A load balancer learns from /readyz that a daemon ends, and sends requests until it has.
#[tokio::test]
async fn a_daemon_that_is_to_end_answers_until_others_have_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let mut daemon = Running::serve(folder.path(), &[("DATAINFRA__SERVER__DRAIN_DELAY", "3s")]);
    daemon.until("/readyz", |status, _| status == 200).await;
    let asked = std::time::Instant::now();
    daemon.signal("-TERM");
    daemon.until("/readyz", |status, body| status == 503 && body.contains("draining")).await;
    assert_eq!(daemon.get("/jobs").await.unwrap().0, 200);
    assert_eq!(daemon.exit().await, 0);
    assert!(asked.elapsed() >= std::time::Duration::from_secs(3));
}
