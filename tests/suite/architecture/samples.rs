//! Tests of the rules: small trees that break one each, and some that only look so.

use super::code::SourceFile;
use super::rules::violations;

/// What the file breaks in a program that has the given modules too.
fn broken(path: &str, code: &str) -> Vec<String> {
    let others = [
        "lib",
        "app",
        "db",
        "jobs/run",
        "scheduler/due",
        "http/problem",
        "stock/mod",
        "stock/bar",
        "stock/store/mod",
        "stock/api/mod",
        "fx/rate",
        "fx/store/mod",
        "jobs/settings",
    ];
    let mut files: Vec<_> = others.iter().map(|name| SourceFile::new(&format!("{name}.rs"), "//! Doc.")).collect();
    files.push(SourceFile::new(path, &format!("//! Doc.\n{code}")));
    violations(&files)
}

#[track_caller]
fn breaks(path: &str, code: &str, message: &str) {
    let found = broken(path, code);
    assert!(found.len() == 1 && found[0].contains(message), "{path} with {code:?}: {found:#?}");
}

#[track_caller]
fn holds(path: &str, code: &str) {
    assert_eq!(broken(path, code), Vec::<String>::new(), "{path} with {code:?}");
}

#[test]
fn a_module_uses_only_its_neighbours() {
    holds("http/runs.rs", "use crate::jobs::run::Run;");
    breaks("http/runs.rs", "use crate::scheduler::due;", "src/http/runs.rs:2: http may not use scheduler");
    breaks("http/runs.rs", "fn f() { crate::app::start() }", "http may not use app");
    breaks(
        "http/runs.rs",
        "use crate::{jobs::{self, run::Run}, scheduler::Beat};",
        "http may not use scheduler (crate::scheduler::Beat)",
    );
    breaks("http/runs.rs", "use super::super::scheduler;", "http may not use scheduler");
    breaks("scheduler/clock.rs", "use data_infrastructure::http::problem;", "scheduler may not use http");
    breaks("weather/mod.rs", "", "the module `weather` stands in no table");
}

#[test]
fn the_layers_of_the_domain_look_down() {
    holds("stock/jobs/update.rs", "use crate::stock::{bar::Bar, store::load}; use super::super::bar;");
    holds("stock/sources/yahoo.rs", "use super::answer; use crate::stock::bar::Bar; use crate::crawl::Source;");
    breaks("stock/checks.rs", "use super::store::load;", "in stock, checks may not use store");
    breaks("stock/store/load.rs", "use crate::stock::api;", "in stock, store may not use api");
    breaks("stock/weather.rs", "", "the module `weather` of stock stands in no table");
    holds("fx/jobs/load.rs", "use crate::fx::{rate::Rate, store::rates};");
    breaks("fx/ecb/parse.rs", "use crate::fx::store::rates;", "in fx, ecb may not use store");
    breaks("fx/checks.rs", "use std::fs;", "fx/checks computes and nothing else: no std::fs");
    breaks("fx/weather.rs", "", "the module `weather` of fx stands in no table");
}

#[test]
fn a_domain_never_names_another() {
    breaks("fx/calendar.rs", "use crate::stock::bar::Bar;", "fx may not use stock");
    breaks("stock/store/load.rs", "use crate::fx::rate::Rate;", "stock may not use fx");
}

#[test]
fn a_crate_is_known_only_behind_its_fence() {
    holds("jobs/run_store.rs", "use sea_orm::ConnectionTrait;");
    holds("jobs/run_store/claim.rs", "use sqlx::query;");
    holds("crawl/store.rs", "sqlx::query(sql)");
    holds("alerts/webhook/mod.rs", "use reqwest::Client;");
    holds("crawl/client/mod.rs", "pub struct Client { reqwest: reqwest::Client }");
    breaks("jobs/executor.rs", "use sea_orm::ConnectionTrait;", "sea_orm is known only in db, jobs/*_store, */store");
    breaks(
        "scheduler/due.rs",
        "fn f(_: tokio_cron_scheduler::Job) {}",
        "tokio_cron_scheduler is known only in scheduler/clock",
    );
    breaks("stock/sources/kabutan.rs", "use reqwest;", "reqwest is known only in crawl/client, alerts/webhook");
    breaks("jobs/run.rs", "#[axum::debug_handler] fn f() {}", "axum is known only in");
}

#[test]
fn a_pure_module_neither_reads_nor_waits() {
    holds("stock/indicators/sma.rs", "use std::collections::VecDeque; fn f(now: DateTime<Utc>) {}");
    breaks("stock/indicators/sma.rs", "use std::{fmt, fs::File};", "no std::fs (std::fs::File)");
    breaks("stock/bar.rs", "fn f() { chrono::Utc::now(); }", "no Utc::now");
    breaks("stock/calendar/mod.rs", "use tokio::time;", "no tokio");
}

#[test]
fn the_settings_of_a_module_use_only_settings() {
    holds("jobs/settings.rs", "use crate::settings::Reader;");
    holds("stock/settings.rs", "use crate::jobs::settings::JobSettings;");
    breaks("jobs/settings.rs", "use super::run::Run;", "the settings of jobs may use only settings");
    breaks("http/settings.rs", "use crate::app::settings::Place;", "http may not use app");
}

#[test]
fn the_framework_names_no_domain() {
    holds("jobs/run.rs", "/// such as `StockCode`\npub struct Key;");
    breaks("jobs/run.rs", "struct StockCode;", "names `StockCode`");
    breaks("http/table/days.rs", "const SQL: &str = \"select * from fx_rate\";", "names `fx_rate`");
    breaks("crawl/gate.rs", "const SQL: &str = \"select * from stockprice\";", "names `stockprice`");
}

#[test]
fn comments_strings_and_tests_are_free() {
    holds(
        "http/runs.rs",
        "// crate::app::start()\n/* /* */ crate::app */ fn f<'a>(c: &'a str) { g('\"', \"crate::app\", r#\"\"crate::db\"#) }",
    );
    holds("http/runs.rs", "#[cfg(test)]\nmod tests { use crate::app; fn f() { { } } }\nfn after() {}");
    breaks(
        "http/runs.rs",
        "#[cfg(test)]\nmod tests { fn f() {} }\nuse crate::app;",
        "src/http/runs.rs:4: http may not use app",
    );
    let declarations = "//! Doc.\n#[cfg(test)]\nmod real_data;\n#[cfg(test)]\n#[path = \"bar_tests.rs\"]\nmod tests;";
    let parent = SourceFile::new("stock/bar.rs", declarations);
    let [child, beside] =
        ["bar/real_data.rs", "bar_tests.rs"].map(|name| SourceFile::new(&format!("stock/{name}"), "use std::fs;"));
    assert_eq!(violations(&[parent, child, beside]), Vec::<String>::new());
}

#[test]
fn a_file_is_short_and_says_what_it_is() {
    breaks("db.rs", &"\n".repeat(300), "src/db.rs: 301 lines");
    let found = violations(&[SourceFile::new("db.rs", "use std::fmt;")]);
    assert!(found.len() == 1 && found[0].contains("does not begin with `//!`"), "{found:?}");
}
