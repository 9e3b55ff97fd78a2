use super::*;

#[test]
fn without_a_file_or_variables_the_built_in_defaults_serve() {
    let config = parse(None, &env(&[])).unwrap();
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:8080");
    assert!(config.server.token.is_none() && !config.server.protect_reads);
    assert_eq!(config.database.url.expose(), "sqlite://data/datainfra.db");
    assert_eq!((config.database.max_connections, config.database.migrate_on_start), (10, true));
    assert_eq!(config.stock.sources["kabutan"].min_interval.as_secs(), 3);
    assert_eq!(config.stock.job.common.schedule, "0 18 * * Mon-Fri");
    assert_eq!(config.stock.job.ma_spans, [5, 25, 75]);
}

#[test]
fn the_file_overrides_the_default_and_the_environment_the_file() {
    let text = "[jobs.stock]\nschedule = \"@daily\"\nparallel = 2\n[log]\nlevel = \"warn\"\n";
    let config = parse_text(text, &[]).unwrap();
    assert_eq!((config.stock.job.common.schedule.as_str(), config.log.level.as_str()), ("@daily", "warn"));
    let variables = [("DATAINFRA__JOBS__STOCK__SCHEDULE", "0 7 * * *"), ("DATAINFRA__LOG__LEVEL", "debug")];
    let config = parse_text(text, &variables).unwrap();
    assert_eq!((config.stock.job.common.schedule.as_str(), config.log.level.as_str()), ("0 7 * * *", "debug"));
    assert_eq!(config.stock.job.common.parallel, 2, "the file's other keys stay");
}

#[test]
fn rust_log_overrides_the_level_unless_empty() {
    let variables = [("RUST_LOG", "trace"), ("DATAINFRA__LOG__LEVEL", "debug")];
    assert_eq!(parse_text("", &variables).unwrap().log.level, "trace");
    assert_eq!(parse_text("log.level = \"warn\"", &[("RUST_LOG", "")]).unwrap().log.level, "warn");
}

#[test]
fn the_database_address_has_its_own_order() {
    let file = "[database]\nurl = \"sqlite://file.db\"\n";
    let mut variables = vec![
        ("POSTGRES_HOST", "db"),
        ("POSTGRES_PORT", "6543"),
        ("POSTGRES_DB", "stock"),
        ("POSTGRES_USER", "me@home"),
        ("POSTGRES_PASSWORD", "p/w:100%"),
    ];
    let url = |variables: &[(&str, &str)]| parse_text(file, variables).unwrap().database.url.expose().to_owned();
    assert_eq!(url(&[]), "sqlite://file.db");
    assert_eq!(url(&variables), "postgres://me%40home:p%2Fw%3A100%25@db:6543/stock");
    variables.push(("DATABASE_URL", "postgres://a@b/c"));
    assert_eq!(url(&variables), "postgres://a@b/c");
    variables.push(("DATAINFRA__DATABASE__URL", ""));
    assert_eq!(url(&variables), "postgres://a@b/c", "an empty address is none");
    variables.pop();
    variables.push(("DATAINFRA__DATABASE__URL", "postgresql://x@y/z"));
    assert_eq!(url(&variables), "postgresql://x@y/z");
}

#[test]
fn postgres_variables_have_the_defaults_of_the_official_image() {
    let url = |variables: &[(&str, &str)]| parse_text("", variables).unwrap().database.url.expose().to_owned();
    assert_eq!(url(&[("POSTGRES_HOST", "db")]), "postgres://postgres@db:5432/postgres");
    assert_eq!(url(&[("POSTGRES_HOST", "::1"), ("POSTGRES_USER", "u")]), "postgres://u@[::1]:5432/u");
    // What Kubernetes sets for a service called postgres.
    assert_eq!(url(&[("POSTGRES_PORT", "tcp://10.0.0.1:5432")]), "sqlite://data/datainfra.db");
    let linked = [("POSTGRES_HOST", "db"), ("POSTGRES_PORT", "tcp://10.0.0.1:5433")];
    assert_eq!(url(&linked), "postgres://postgres@db:5433/postgres");
    assert!(refused("", &[("POSTGRES_HOST", "db"), ("POSTGRES_PORT", "x")])[0].contains("POSTGRES_PORT: database.url"));
    assert!(refused("", &[("POSTGRES_PASSWORD", "geheim")])[0].contains("POSTGRES_HOST is not set"));
}

#[test]
fn variables_are_read_as_text_or_as_toml() {
    let config = parse_text(
        "",
        &[
            ("DATAINFRA__DATABASE__MAX_CONNECTIONS", " 5 "),
            ("DATAINFRA__DATABASE__MIGRATE_ON_START", "false"),
            ("DATAINFRA__JOBS__STOCK__SOURCES", "[\"stooq\", \"yahoo\"]"),
            ("DATAINFRA__JOBS__STOCK__MA_SPANS", "7, 14"),
            ("DATAINFRA__JOBS__STOCK__TIMEOUT", "\"5m\""),
            ("DATAINFRA__JOBS__STOCK__HISTORY_FROM", "2010-02-03"),
        ],
    )
    .unwrap();
    assert_eq!((config.database.max_connections, config.database.migrate_on_start), (5, false));
    assert_eq!(config.stock.job.sources, ["stooq", "yahoo"]);
    assert_eq!(config.stock.job.ma_spans, [7, 14]);
    assert_eq!(config.stock.job.common.timeout.as_secs(), 300);
    assert_eq!(config.stock.job.history_from.to_string(), "2010-02-03");
    let comma = parse_text("", &[("DATAINFRA__JOBS__STOCK__SOURCES", "kabutan,stooq")]).unwrap();
    assert_eq!(comma.stock.job.sources, ["kabutan", "stooq"]);
}

#[test]
fn a_named_file_must_exist_and_the_default_one_may_be_missing() {
    let problems = load(Some(Path::new("/nonexistent/my.toml")), &env(&[])).unwrap_err();
    assert!(problems.to_string().contains("/nonexistent/my.toml: cannot read the file"), "{problems}");
    assert!(load(None, &env(&[])).is_ok());
}

#[test]
fn a_secret_may_come_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    std::fs::write(&path, "  geheim\n").unwrap();
    let path = path.to_str().unwrap();
    let token = |text: &str, variables: &[(&str, &str)]| {
        parse_text(text, variables).unwrap().server.token.map(|token| token.expose().to_owned())
    };
    let here = format!("[server]\ntoken = \"\"\ntoken_file = {path:?}\n");
    assert_eq!(token(&here, &[]).as_deref(), Some("geheim"));
    assert_eq!(token("", &[("DATAINFRA__SERVER__TOKEN_FILE", path)]).as_deref(), Some("geheim"));
    // The environment wins over the file, whichever of the twins it gives.
    assert_eq!(token(&here, &[("DATAINFRA__SERVER__TOKEN", "other")]).as_deref(), Some("other"));
    let direct = "[server]\ntoken = \"other\"\n";
    assert_eq!(token(direct, &[("DATAINFRA__SERVER__TOKEN_FILE", path)]).as_deref(), Some("geheim"));
    assert_eq!(token(direct, &[("DATAINFRA__SERVER__TOKEN", "")]), None);
    let both = refused(&format!("{direct}token_file = {path:?}\n"), &[]);
    assert_eq!(both, ["my.toml:3: server.token_file: token is set as well; keep token or token_file, not both"]);
}
