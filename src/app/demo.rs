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
    /// The configured address; another port is taken when it is in use.
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
    env.retain(|name, _| {
        let ours =
            ["SERVER", "LOG", "TELEMETRY"].iter().any(|section| name.starts_with(&format!("DATAINFRA__{section}__")));
        ours || name.starts_with("OTEL_") || name == "RUST_LOG"
    });
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
