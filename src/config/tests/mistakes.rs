use proptest::prelude::*;

use super::*;

const WRONG: &str = r#"
colour = "red"
[server]
listen = "0.0.0.0:8080"
tokn = "geheim"
protect_reads = "yes"
shutdown_grace = 25
[database]
url = "mysql://me:geheim@host/db"
max_connections = 0
[log]
level = "inof"
format = "jsn"
[sources.kabutan]
base_url = "kabutan.jp"
min_interval = "1s"
timeout = "soon"
[sources.jquants]
enabled = true
[sources.yaho]
enabled = true
[jobs.stock]
schedule = "30 2 31 2 *"
timezone = "Asia/Tokio"
overlap = "wait"
max_attempts = 99
sources = ["yahoo", "stook", "yahoo"]
history_from = 1900-01-01
ma_spans = [5, 5, 900]
[jobs.weather]
schedule = "@daily"
"#;

#[test]
fn every_mistake_of_the_file_is_told_at_once() {
    let expected = [
        "2: colour: unknown key; known here are",
        "4: server.listen: 0.0.0.0:8080 can be reached from other hosts, and server.token is empty; set server.token",
        "5: server.tokn: unknown key; did you mean server.token?",
        "6: server.protect_reads: \"yes\" is not true or false; write true or false",
        "7: server.shutdown_grace: 25 is not text; write a duration with its unit",
        "9: database.url: neither a SQLite nor a PostgreSQL URL; write sqlite://PATH or postgres://",
        "10: database.max_connections: 0 is out of range; write 1 to 200",
        "12: log.level: \"inof\" is no level; did you mean info?",
        "13: log.format: \"jsn\" is no choice here; write one of auto, text, json (did you mean json?)",
        "15: sources.kabutan.base_url: \"kabutan.jp\" is no URL",
        "16: sources.kabutan.min_interval: 1s is faster than the 3s this source asks of crawlers; write 3s or more",
        "17: sources.kabutan.timeout: \"soon\" is no duration; write whole numbers with the unit",
        "18: sources.jquants.api_key: it is missing; write the API key of your J-Quants account, or name a file",
        "20: sources.yaho: unknown key; did you mean sources.yahoo?",
        "23: jobs.stock.schedule: \"30 2 31 2 *\" is no schedule: no day ever matches it; write five cron fields",
        "24: jobs.stock.timezone: \"Asia/Tokio\" is no time zone; did you mean \"Asia/Tokyo\"?",
        "25: jobs.stock.overlap: \"wait\" is no choice here; write one of skip, queue, replace, allow",
        "26: jobs.stock.max_attempts: 99 is out of range; write 1 to 20",
        "27: jobs.stock.sources: \"stook\" is no source; write each of jquants, yahoo, kabutan, stooq",
        "27: jobs.stock.sources: yahoo is named twice",
        "28: jobs.stock.history_from: 1900-01-01 is before 1949; write a day as YYYY-MM-DD",
        "29: jobs.stock.ma_spans: 900 is out of range; write 1 to 400",
        "30: jobs.weather: unknown key; known here are company, fx, import, reconcile, replay, stock",
    ];
    let told = refused(WRONG, &[]);
    for (told, expected) in told.iter().zip(expected) {
        assert!(told.starts_with(&format!("my.toml:{expected}")), "told {told}\nnot  {expected}");
    }
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    assert!(!told.join(" ").contains("geheim"), "secrets never stand in a message");
}

#[test]
fn mistakes_of_the_environment_name_the_variable() {
    let told = refused(
        "",
        &[
            ("DATAINFRA__SERVER__TOKN", "geheim"),
            ("DATAINFRA__DATABASE__MAX_CONNECTIONS", "many"),
            ("DATAINFRA__LOG", "info"),
            ("DATABASE_URL", "mysql://me:geheim@host/db"),
            ("RUST_LOG", "sqlx=loud"),
        ],
    );
    let expected = [
        "DATABASE_URL: database.url: neither a SQLite nor a PostgreSQL URL",
        "DATAINFRA__DATABASE__MAX_CONNECTIONS: database.max_connections: \"many\" is not a whole number",
        "DATAINFRA__SERVER__TOKN: server.tokn: unknown key; did you mean DATAINFRA__SERVER__TOKEN?",
        "RUST_LOG: log.level: \"sqlx=loud\" is no log level",
    ];
    for (told, expected) in told.iter().zip(expected) {
        assert!(told.starts_with(&format!("environment variable {expected}")), "told {told}\nnot  {expected}");
    }
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    let section = refused("", &[("DATAINFRA__LOG", "info")]);
    assert_eq!(
        section,
        ["environment variable DATAINFRA__LOG: log: a value stands where a section is due; write its keys below [log]"]
    );
    let empty = refused("", &[("DATAINFRA__", "x"), ("DATAINFRA__SERVER____TOKEN", "geheim")]);
    assert_eq!(empty.len(), 2, "{empty:?}");
}

#[test]
fn a_text_that_is_no_toml_is_told_with_line_and_column_but_not_shown() {
    let told = refused("[server]\ntoken = \"geheim\nlisten = 1\n", &[]);
    assert_eq!(told.len(), 1);
    assert!(told[0].starts_with("my.toml:2: no TOML at line 2, column "), "{told:?}");
    assert!(!told[0].contains("geheim"));
    assert!(refused("[log]\nlevel = \"a\"\nlevel = \"b\"\n", &[])[0].contains("line 3"));
}

#[test]
fn a_secret_of_the_wrong_type_or_an_unreadable_file_is_told_without_it() {
    let told = refused("[server]\ntoken = 4711\n[sources.yahoo]\napi_key_file = \"/nonexistent/key\"\n", &[]);
    assert!(told[0].starts_with("my.toml:2: server.token: the value is not text"), "{told:?}");
    assert!(told[1].starts_with("my.toml:4: sources.yahoo.api_key_file: cannot read \"/nonexistent/key\""));
    assert!(!told.join(" ").contains("4711"));
    assert!(refused("server.token = \"a\\nb\"", &[])[0].contains("line break"));
}

#[test]
fn an_open_address_needs_a_token_and_protected_reads_too() {
    let open = "[server]\nlisten = \"0.0.0.0:8080\"\nprotect_reads = true\n";
    assert_eq!(refused(open, &[]).len(), 2);
    assert!(parse_text(open, &[("DATAINFRA__SERVER__TOKEN", "geheim-0123456789")]).is_ok());
    let unreadable = refused(open, &[("DATAINFRA__SERVER__TOKEN_FILE", "/nonexistent/token")]);
    assert_eq!(unreadable.len(), 1, "the token's own problem is told, and not that there is none: {unreadable:?}");
    assert!(parse_text("server.listen = \"[::1]:0\"", &[]).is_ok());
    assert_eq!(parse_text("server.listen = \"localhost:81\"", &[]).unwrap().server.listen.to_string(), "127.0.0.1:81");
}

#[test]
fn kabutan_may_be_asked_faster_on_loopback_only() {
    let text = |host: &str| format!("[sources.kabutan]\nbase_url = \"http://{host}\"\nmin_interval = \"0s\"\n");
    assert!(parse_text(&text("127.0.0.1:9000"), &[]).is_ok());
    assert_eq!(refused(&text("kabutan.example"), &[]).len(), 1);
}

#[test]
fn j_quants_needs_a_key_a_known_plan_and_its_pace() {
    let text = |rest: &str| format!("[sources.jquants]\nenabled = true\n{rest}");
    let config = parse_text(&text("api_key = \"geheim\""), &[]).unwrap();
    assert_eq!(config.stock.jquants_plan.as_str(), "free");
    assert_eq!(config.stock.sources["jquants"].min_interval.as_secs(), 12);
    let premium = parse_text(&text("api_key = \"geheim\"\nplan = \"premium\""), &[]).unwrap();
    assert_eq!(premium.stock.sources["jquants"].min_interval.as_millis(), 120);
    let slower = parse_text(&text("api_key = \"geheim\"\nplan = \"light\"\nmin_interval = \"3s\""), &[]).unwrap();
    assert_eq!(slower.stock.sources["jquants"].min_interval.as_secs(), 3);
    let missing = refused(&text("api_key = \"\""), &[]);
    assert!(missing[0].contains("sources.jquants.api_key: it is missing") && missing.len() == 1, "{missing:?}");
    let unreadable = refused(&text("api_key_file = \"/nonexistent/key\""), &[]);
    assert!(unreadable[0].contains("api_key_file: cannot read") && unreadable.len() == 1, "{unreadable:?}");
    let faster = "api_key = \"geheim\"\nplan = \"light\"\nmin_interval = \"500ms\"";
    assert!(refused(&text(faster), &[])[0].contains("500ms is faster than the 1s"));
    assert!(parse_text(&text(&format!("{faster}\nbase_url = \"http://127.0.0.1:9/x\"")), &[]).is_ok());
    let plan = refused(&text("api_key = \"geheim\"\nplan = \"gold\""), &[]);
    let told = "sources.jquants.plan: \"gold\" is no choice here; write one of free, light, standard, premium";
    assert!(plan[0].contains(told), "{plan:?}");
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in ".{0,200}") {
        let _ = parse_text(&text, &[]);
    }

    #[test]
    fn no_value_of_a_known_key_makes_it_panic(
        key in "(server\\.listen|server\\.token|database\\.url|log\\.level|sources\\.yahoo\\.base_url|sources\\.yahoo\
                |jobs\\.stock\\.schedule|jobs\\.stock\\.timezone|jobs\\.stock\\.timeout|jobs\\.stock\\.ma_spans\
                |jobs\\.stock\\.sources|jobs\\.stock\\.history_from|jobs\\.stock\\.max_attempts|jobs)",
        value in "(\"[ -~]{0,24}\"|[0-9*/, @a-zLW#?:.-]{0,24}|\\[[0-9, \"a-z]{0,12}\\]|-?[0-9]{1,20}|1979-05-27|nan|\\{ ?\\})",
    ) {
        let _ = parse_text(&format!("{key} = {value}"), &[]);
        let variable = format!("DATAINFRA__{}", key.replace('.', "__").to_uppercase());
        let _ = parse_text("", &[(&variable, &value)]);
    }

    #[test]
    fn no_schedule_makes_it_panic(schedule in "[0-9*/,@a-zA-Z#? +-]{0,30}|([0-9*/,LW-]{1,5} ){4,5}[0-9*/,L#-]{1,4}") {
        let _ = parse_text("", &[("DATAINFRA__JOBS__STOCK__SCHEDULE", &schedule)]);
    }
}
