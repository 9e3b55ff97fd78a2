//! Holds the structure: who may use whom, which crate is known where, and how large a file may be.
//! To change the structure, change the tables here, and ARCHITECTURE.md with them. Test code is exempt from both.

mod code;
mod paths;
mod rules;
mod samples;

use std::fs;
use std::path::Path;

use code::SourceFile;

/// A module directly under `src/` or under a domain's folder, and the neighbours it may use.
type Row = (&'static str, &'static [&'static str]);

/// Stands for every module.
const ANY: &str = "*";

/// What every module may use: they use none themselves.
const COMMON: &[&str] = &["settings", "clock", "told", "outbound"];

/// The modules of the program. A module that is missing here may not exist.
const PROGRAM: &[Row] = &[
    ("lib", &[ANY]),
    ("main", &[ANY]),
    ("cli", &[ANY]),
    (
        "app",
        &[
            "config",
            "telemetry",
            "metrics",
            "db",
            "audit",
            "scheduler",
            "jobs",
            "crawl",
            "http",
            "alerts",
            "stock",
            "fx",
        ],
    ),
    // Puts the sections together; each is defined by its owner.
    ("config", &["telemetry", "metrics", "db", "scheduler", "jobs", "crawl", "http", "alerts", "stock", "fx"]),
    ("settings", &[]),
    ("clock", &[]),
    ("told", &[]),
    // What all clients over HTTP are made of.
    ("outbound", &["settings"]),
    ("telemetry", &["metrics"]),
    ("metrics", &[]),
    ("db", &["metrics"]),
    // What the database says of its own tables.
    ("data_model", &["db"]),
    // Who changed what: whoever changes something for somebody writes its row there.
    ("audit", &["db"]),
    ("jobs", &["audit", "db", "metrics", "telemetry"]),
    ("scheduler", &["jobs", "audit", "db", "metrics", "telemetry"]),
    ("crawl", &["jobs", "db", "metrics", "telemetry"]),
    // Of crawl, how sources stand.
    ("http", &["jobs", "crawl", "audit", "data_model", "db", "metrics", "telemetry"]),
    ("alerts", &["jobs", "db", "metrics", "telemetry"]),
    // A domain never names another.
    ("stock", &["jobs", "crawl", "http", "audit", "db", "metrics", "telemetry"]),
    ("fx", &["jobs", "crawl", "http", "db", "metrics", "telemetry"]),
];

/// A domain: its folder, the modules in it, and those of them that are pure.
struct Domain {
    name: &'static str,
    modules: &'static [Row],
    pure: &'static [&'static str],
}

const DOMAINS: &[Domain] =
    &[Domain { name: "stock", modules: STOCK, pure: PURE }, Domain { name: "fx", modules: FX, pure: FX_PURE }];

/// The modules of the stock domain, the users first.
const STOCK: &[Row] = &[
    ("mod", &[ANY]),
    ("settings", &[]),
    (
        "api",
        &[
            "imports",
            "sources",
            "loading",
            "store",
            "checks",
            "indicators",
            "analysis",
            "overlap",
            "forecasts",
            "coverage",
            "companies_csv",
            "company",
            "bar",
            "calendar",
        ],
    ),
    (
        "jobs",
        &[
            "imports",
            "sources",
            "loading",
            "issues",
            "store",
            "checks",
            "indicators",
            "overlap",
            "forecasts",
            "coverage",
            "company",
            "listing",
            "bar",
            "calendar",
        ],
    ),
    ("loading", &["store", "checks", "indicators", "overlap", "company", "bar", "calendar"]),
    ("master", &["companies_csv", "company", "bar", "calendar"]),
    ("companies_csv", &["company", "listing", "bar", "calendar"]),
    // Files on their way into the database: uploaded or named at the command line, worked off by a job.
    ("imports", &["sources", "store", "bar"]),
    // The tables of bars and averages in partitions, and the next ones in time.
    ("partitions", &["store"]),
    ("companies_files", &["companies_csv", "company", "listing", "bar", "calendar"]),
    ("issues", &["store", "company", "listing", "bar", "calendar"]),
    ("sample", &["bar", "calendar"]),
    ("sources", &["listing", "bar", "calendar"]),
    ("store", &["indicators", "overlap", "company", "listing", "bar", "calendar"]),
    ("checks", &["bar", "calendar"]),
    ("overlap", &["bar", "calendar"]),
    ("indicators", &["bar", "calendar"]),
    // Time series and correlograms: numbers in, numbers out.
    ("analysis", &[]),
    ("forecasts", &["bar", "calendar"]),
    ("coverage", &["company", "bar", "calendar"]),
    ("company", &["bar", "calendar"]),
    ("listing", &["bar"]),
    ("calendar", &["bar"]),
    ("bar", &[]),
];

/// The modules of the exchange rates, the users first.
const FX: &[Row] = &[
    ("mod", &[ANY]),
    ("settings", &[]),
    ("api", &["store", "ecb", "calendar", "rate"]),
    ("jobs", &["ecb", "store", "checks", "calendar", "rate"]),
    ("store", &["rate"]),
    ("ecb", &["rate"]),
    ("checks", &["calendar", "rate"]),
    ("calendar", &[]),
    ("rate", &[]),
];

/// Modules of the exchange rates that compute and nothing else, as those below.
const FX_PURE: &[&str] = &["rate", "calendar", "checks"];

/// Modules of the stock domain that compute and nothing else: no I/O, no clock, no unseeded randomness.
const PURE: &[&str] = &["bar", "calendar", "checks", "overlap", "indicators", "analysis", "forecasts", "coverage"];

/// What a pure module may not name, as the beginning or the end of a path.
const IMPURE: &[&str] = &[
    "tokio",
    "reqwest",
    "sqlx",
    "sea_orm",
    "axum",
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "Utc::now",
    "Local::now",
    "SystemTime::now",
    "Instant::now",
    "Uuid::now_v7",
    "fastrand::Rng::new",
];

/// A crate, and the only places that know it: files or folders, `*` for any part of a name.
const FENCES: &[(&str, &[&str])] = &[
    ("tokio_cron_scheduler", &["scheduler/clock"]),
    ("reqwest", &["crawl/client", "alerts/webhook", "telemetry/otlp/collector", "outbound"]),
    ("sea_orm", STORES),
    ("sqlx", STORES),
    ("sea_query_sqlx", STORES),
    ("axum", &["app", "http", "*/api", "stock/sample/upstream"]),
    ("prometheus", &["metrics"]),
    // What a build without the feature `arrow` has to do without.
    ("arrow_array", &["http/table/columnar"]),
    ("arrow_schema", &["http/table/columnar"]),
    ("arrow_ipc", &["http/table/columnar"]),
    ("parquet", &["http/table/columnar"]),
    ("http_range_header", &["http/table/columnar"]),
    // What a build without the feature `otlp` has to do without.
    ("opentelemetry", &["telemetry/otlp"]),
    ("opentelemetry_sdk", &["telemetry/otlp"]),
    ("opentelemetry_proto", &["telemetry/otlp"]),
    ("prost", &["telemetry/otlp"]),
    ("tracing_opentelemetry", &["telemetry/otlp"]),
    ("hyper_util", &["http/serve"]),
    ("governor", &["http/frame"]),
    // What a run is asked and counts is told as it is kept.
    ("utoipa", &["http", "*/api", "jobs/run"]),
    ("utoipa_axum", &["http", "*/api"]),
    ("utoipa_swagger_ui_vendored", &["http/openapi"]),
];

const STORES: &[&str] = &["db", "jobs/*_store", "*/store"];

/// The folders that serve any domain, and the words of ours that would tie them to one.
const FRAMEWORK: &[&str] = &["scheduler", "jobs", "crawl", "http", "alerts", "audit", "data_model", "db"];
const DOMAIN_WORDS: &[&str] = &["crate::stock", "StockCode", "stockprice", "crate::fx", "fx_rate"];

/// The longest file, in lines.
const LONGEST: usize = 300;

#[test]
fn the_source_tree_keeps_to_the_design() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    read(&root, &root, &mut files);
    assert!(files.iter().any(|file| file.path == "lib.rs"), "no sources under {}", root.display());
    let violations = rules::violations(&files);
    assert!(violations.is_empty(), "{} violations:\n{}", violations.len(), violations.join("\n"));
}

fn read(root: &Path, folder: &Path, files: &mut Vec<SourceFile>) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            read(root, &path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            files.push(SourceFile::new(&name, &fs::read_to_string(&path).unwrap()));
        }
    }
}
