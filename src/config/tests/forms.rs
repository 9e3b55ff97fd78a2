use super::*;

const REPOSITORY_FILE: &str = include_str!("../../../config.toml");

/// The sections without provenance, for comparison: `Debug` of all but the effective text.
fn sections(config: &Config) -> String {
    format!(
        "{:#?}",
        (&config.server, &config.database, &config.log, &config.telemetry, &config.alerts, &config.stock, &config.fx)
    )
}

#[test]
fn the_repository_s_file_gives_the_built_in_defaults() {
    let built_in = parse(None, &env(&[])).unwrap();
    let filed = parse_text(REPOSITORY_FILE, &[]).unwrap();
    assert_eq!(sections(&filed), sections(&built_in));
}

#[test]
fn the_repository_s_file_names_every_key() {
    let config = parse_text(REPOSITORY_FILE, &[]).unwrap();
    for entry in config.effective_toml().entries() {
        let line = match &entry.place {
            Place::File { line, .. } => line.unwrap(),
            other => panic!("{:?}.{} stands nowhere in the file: {other}", entry.section, entry.key),
        };
        let text = REPOSITORY_FILE.lines().nth(line - 1).unwrap();
        assert!(text.starts_with(&format!("{} = ", entry.key)), "line {line} is {text:?}, not {}", entry.key);
    }
    let secrets = ["token", "url", "api_key", "headers"];
    for secret in secrets {
        assert!(REPOSITORY_FILE.contains(&format!("# {secret}_file = ")), "the twin of {secret} is not named");
    }
}

#[test]
fn the_effective_configuration_reads_back_as_the_same() {
    let text = "[jobs.stock]\nschedule = \"*/5 * * * * *\"\ntimeout = \"90m\"\nma_spans = [3]\nsources = [\"stooq\"]\n\
                [log]\nlevel = \"info,sqlx=\\\"warn\\\"\"\n[sources.stooq]\nbase_url = \"http://127.0.0.1:9/x/\"\n";
    let text = text.replace("sqlx=\\\"warn\\\"", "sqlx=warn");
    let variables = [("DATAINFRA__SERVER__LISTEN", "[::1]:9090"), ("DATAINFRA__JOBS__STOCK__OVERLAP", "allow")];
    let first = parse_text(&text, &variables).unwrap();
    let shown = first.effective_toml().to_string();
    let second = parse_text(&shown, &[]).unwrap();
    assert_eq!(sections(&second), sections(&first), "{shown}");
    assert!(shown.contains("schedule = \"*/5 * * * * *\"  # my.toml:2\n"), "{shown}");
    assert!(shown.contains("listen = \"[::1]:9090\"  # environment variable DATAINFRA__SERVER__LISTEN\n"), "{shown}");
    assert!(shown.contains("[server]") && shown.contains("\n\n[sources.jquants]\n"), "{shown}");
    assert!(shown.contains("timeout = \"1h 30m\""), "{shown}");
}

#[test]
fn secrets_are_masked_wherever_the_configuration_is_shown() {
    let variables = [
        ("DATAINFRA__SERVER__TOKEN", "geheim"),
        ("DATAINFRA__SOURCES__STOOQ__API_KEY", "geheim"),
        ("POSTGRES_HOST", "db"),
        ("POSTGRES_PASSWORD", "geheim"),
    ];
    let config = parse_text("", &variables).unwrap();
    let shown = format!("{}{config:?}", config.effective_toml());
    assert!(!shown.contains("geheim"), "{shown}");
    assert!(shown.contains("token = \"***\"") && shown.contains("api_key = \"***\""), "{shown}");
    assert!(shown.contains("url = \"postgres://postgres:***@db:5432/postgres\"  # environment variable POSTGRES_HOST"));
    assert_eq!(config.server.token.unwrap().expose(), "geheim");
}
