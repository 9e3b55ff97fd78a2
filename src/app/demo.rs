//! The demo: the daemon on an embedded database, with the sample market's own upstream in place of the real sources.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use anyhow::Context as _;
use chrono::{DateTime, NaiveDate, Utc};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{
    clock::system_clock,
    daemon::{Daemon, run},
    master,
    more_jobs::MoreJobs,
};
use crate::{
    clock::Clock,
    config::{self, Config},
    settings::{Place, Problem, Problems},
    stock::{
        calendar::{Calendar, Market},
        sample::{SampleData, Upstream},
    },
    telemetry::{run_log::RunLines, trace::Traces},
    told,
    told::Told,
};

/// How often the sample market's day is moved on.
const DAY_CHECK: Duration = Duration::from_secs(30);
/// Companies that a source does not know here, so that the next one in order is seen at work.
const UNKNOWN: [(&str, &str); 3] = [("yahoo", "100A"), ("yahoo", "1111"), ("kabutan", "1111")];

/// How the demo is started.
pub struct Demo {
    /// Kept after the end; without one a temporary folder is used and removed.
    pub data_dir: Option<PathBuf>,
    /// As [`demo_environment`] gives it. Another port than the configured one is taken when that is in use.
    pub environment: BTreeMap<String, String>,
    pub run_lines: RunLines,
    pub traces: Traces,
}

/// Runs the demo until `shutdown`; `say` gets the line for the user.
///
/// # Errors
/// When no port is free, the folder cannot be written, or the daemon fails.
pub async fn demo(demo: Demo, say: impl FnOnce(&str), shutdown: CancellationToken) -> anyhow::Result<()> {
    let clock = system_clock();
    let through = Calendar::embedded(Market::Tokyo).known_until().unwrap_or(clock.now().date_naive());
    // The market closes after the daemon: until then its last requests are answered.
    let closing = CancellationToken::new();
    let upstream = Upstream::start(SampleData::demo(through)?, today(clock.now()), closing.clone())
        .await
        .context("start the sample market")?;
    tracing::info!(address = format!("http://{}", upstream.addr()), "the sample market answers");
    for (source, code) in UNKNOWN {
        upstream.unlist(source, code);
    }
    let mut temporary = None;
    let folder = match demo.data_dir {
        Some(folder) => folder,
        None => {
            let made = tempfile::TempDir::with_prefix("datainfra-demo-").context("make a temporary folder")?;
            temporary.insert(made).path().to_path_buf()
        }
    };
    let config = configure(&folder, &upstream, demo.environment)?;
    let (listener, moved) = listen(&config).await?;
    let address = listener.local_addr()?;
    let note = if moved { format!(" ({} is in use)", config.server.listen) } else { String::new() };
    say(&format!("datainfra demo, sample data only: open http://{address}/{note}"));
    let daemon = Daemon {
        config,
        clock: clock.clone(),
        listener,
        banner: Some(banner()),
        samples: master::sample_notes()?,
        master: master::sample()?,
        run_at_start: true,
        more: MoreJobs::default(),
        reload: None,
        run_lines: demo.run_lines,
        traces: demo.traces,
    };
    let (result, ()) = tokio::join!(run(daemon, shutdown.clone()), follow_the_day(&upstream, &clock, &shutdown));
    closing.cancel();
    upstream.stopped().await;
    result
}

/// Variables of the demo itself: those that begin so, or are so.
const OWN: [&str; 3] = ["DATAINFRA__DATABASE__URL", "DATAINFRA__DATABASE__URL_FILE", "DATAINFRA__SOURCES__"];

/// What of the environment serves a demo, and the configuration it makes but for what is the demo's own.
///
/// # Errors
/// Every variable that is wrong, or would put another database or other sources in the place of the demo's.
pub fn demo_environment(
    mut environment: BTreeMap<String, String>,
) -> Result<(BTreeMap<String, String>, Config), Problems> {
    // The database that other programs are told of is not meant for a demo.
    let serves = |name: &str| name.starts_with("DATAINFRA__") || name.starts_with("OTEL_") || name == "RUST_LOG";
    environment.retain(|name, _| serves(name));
    let is_own = |name: &str| {
        let name = name.to_uppercase();
        OWN.iter().any(|own| if own.ends_with("__") { name.starts_with(own) } else { name == *own })
    };
    let refused = |name: &String| Problem {
        place: Place::Variable(name.clone()),
        key: String::new(),
        wrong: "the demo has a database and sources of its own".to_owned(),
        right: "unset it; --data-dir keeps the demo's database".to_owned(),
    };
    let mut problems: Vec<Problem> = environment.keys().filter(|name| is_own(name)).map(refused).collect();
    environment.retain(|name, _| !is_own(name));
    match config::parse(None, &environment) {
        Ok(config) => Problems::of(problems).map_or(Ok((environment, config)), Err),
        Err(wrong) => {
            problems.extend_from_slice(wrong.as_slice());
            Err(Problems::of(problems).unwrap_or(wrong))
        }
    }
}

/// Stands on every page.
fn banner() -> Told {
    told!(
        "Sample data: the Japanese companies are simulated; the US ones are real daily bars of 2000-2013 (Quandl WIKI \
         Prices, public domain, by way of bokeh_sampledata). Nothing here is today's market.",
        "サンプルデータです。日本の銘柄は架空のもので、米国の銘柄は 2000 年から 2013 年までの実際の日足です（Quandl WIKI \
         Prices、パブリックドメイン、bokeh_sampledata 経由）。現在の相場ではありません。"
    )
}

/// The configuration of the demo: what the environment says, with the sample market as every source.
fn configure(
    folder: &std::path::Path,
    upstream: &Upstream,
    mut env: BTreeMap<String, String>,
) -> anyhow::Result<Config> {
    let file = folder.join("demo.db");
    env.insert("DATAINFRA__DATABASE__URL".into(), format!("sqlite://{}", file.display()));
    for source in ["yahoo", "kabutan", "stooq"] {
        let key = |name: &str| format!("DATAINFRA__SOURCES__{}__{name}", source.to_uppercase());
        env.insert(key("BASE_URL"), upstream.base_url(source));
        env.insert(key("MIN_INTERVAL"), "2ms".into());
    }
    // No network: what the sample market does not speak is not asked.
    env.insert("DATAINFRA__SOURCES__ECB__ENABLED".into(), "false".into());
    Ok(config::parse(None, &env)?)
}

async fn listen(config: &Config) -> anyhow::Result<(TcpListener, bool)> {
    let wanted = config.server.listen;
    match TcpListener::bind(wanted).await {
        Ok(listener) => Ok((listener, false)),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            let listener = TcpListener::bind((wanted.ip(), 0)).await.context("listen on a free port")?;
            Ok((listener, true))
        }
        Err(error) => Err(error).with_context(|| format!("listen on {wanted}")),
    }
}

/// The sample market publishes each session when it is final.
async fn follow_the_day(upstream: &Upstream, clock: &Clock, shutdown: &CancellationToken) {
    while !shutdown.is_cancelled() {
        upstream.set_as_of(today(clock.now()));
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = tokio::time::sleep(DAY_CHECK) => {}
        }
    }
}

fn today(now: DateTime<Utc>) -> NaiveDate {
    Calendar::embedded(Market::Tokyo).newest_final_session(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<(BTreeMap<String, String>, Config), Problems> {
        demo_environment(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn jobs_server_and_log_are_as_the_variables_say() {
        let (environment, config) = read(&[
            ("DATAINFRA__JOBS__STOCK__SCHEDULE", "@hourly"),
            ("RUST_LOG", "debug"),
            ("DATABASE_URL", "postgres://another/program"),
            ("HOME", "/"),
        ])
        .unwrap();
        assert_eq!((config.stock.job.common.schedule.as_str(), config.log.level.as_str()), ("@hourly", "debug"));
        assert_eq!(environment.len(), 2, "{environment:?}");
    }

    #[test]
    fn what_would_be_ignored_or_is_unknown_is_refused_with_everything_else() {
        let problems = read(&[
            ("DATAINFRA__DATABASE__URL", "postgres://localhost/x"),
            ("DATAINFRA__SOURCES__YAHOO__BASE_URL", "https://example.com"),
            ("DATAINFRA__JOBS__STOCK__COLOUR", "red"),
        ])
        .unwrap_err()
        .to_string();
        let named =
            ["DATAINFRA__DATABASE__URL: the demo", "YAHOO__BASE_URL: the demo", "jobs.stock.colour: unknown key"];
        assert!(named.iter().all(|one| problems.contains(one)), "{problems}");
    }
}
