//! Addresses of the database out of files, as Kubernetes and the official image of PostgreSQL hand them over.

use super::*;

/// A folder of files, each with its content, and variables that name them.
fn files(contents: &[(&str, &str)]) -> (tempfile::TempDir, Vec<(String, String)>) {
    let folder = tempfile::tempdir().unwrap();
    let mut variables = vec![("POSTGRES_HOST".to_owned(), "db".to_owned())];
    for (name, content) in contents {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        variables.push((format!("{name}_FILE"), path.display().to_string()));
    }
    (folder, variables)
}

fn read(variables: &[(String, String)]) -> Result<Config, Problems> {
    parse(None, &variables.iter().cloned().collect())
}

fn told(variables: &[(String, String)]) -> String {
    read(variables).unwrap_err().to_string()
}

#[test]
fn database_user_and_password_may_each_stand_in_a_file() {
    let (_folder, variables) =
        files(&[("POSTGRES_DB", "stock\n"), ("POSTGRES_USER", "me\r\n"), ("POSTGRES_PASSWORD", "p/w 1\n")]);
    let config = read(&variables).unwrap();
    assert_eq!(config.database.url.expose(), "postgres://me:p%2Fw%201@db:5432/stock");
    let shown = format!("{}{config:?}", config.effective_toml());
    assert!(!shown.contains("p/w 1") && !shown.contains("p%2Fw"), "{shown}");
    let (_folder, mut variables) = files(&[("POSTGRES_PASSWORD", "geheim")]);
    variables.push(("POSTGRES_USER".to_owned(), "me".to_owned()));
    assert_eq!(read(&variables).unwrap().database.url.expose(), "postgres://me:geheim@db:5432/me");
}

#[test]
fn the_whole_address_may_stand_in_a_file() {
    let (_folder, variables) = files(&[("DATABASE_URL", "postgres://a:b@c/d\n")]);
    let config = read(&variables).unwrap();
    assert_eq!(config.database.url.expose(), "postgres://a:b@c/d");
    assert!(config.effective_toml().to_string().contains("# environment variable DATABASE_URL_FILE"));
    let (_folder, variables) = files(&[("DATABASE_URL", "mysql://me:geheim@host/db")]);
    let said = told(&variables);
    assert!(said.contains("DATABASE_URL_FILE: database.url") && !said.contains("geheim"), "{said}");
}

#[test]
fn what_is_wrong_with_a_file_is_told_by_name_all_at_once_and_without_its_content() {
    let (folder, mut variables) = files(&[("POSTGRES_DB", " \n"), ("POSTGRES_USER", "geheim\nzwei\n")]);
    let missing = folder.path().join("missing").display().to_string();
    variables.push(("POSTGRES_PASSWORD_FILE".to_owned(), missing.clone()));
    variables.push(("POSTGRES_PORT".to_owned(), "x".to_owned()));
    let said = told(&variables);
    for word in [
        "POSTGRES_DB_FILE: database.url: the file",
        "is empty; name a readable file",
        "POSTGRES_USER_FILE: database.url: the file",
        "holds a line break or control character; write it in one line",
        "POSTGRES_PASSWORD_FILE: database.url: cannot read",
        missing.as_str(),
        "POSTGRES_PORT: database.url: \"x\" is no port",
    ] {
        assert!(said.contains(word), "{word} is missing: {said}");
    }
    assert!(!said.contains("geheim"), "{said}");
}

#[test]
fn a_variable_and_its_twin_are_one_too_many() {
    for name in ["POSTGRES_DB", "POSTGRES_USER", "POSTGRES_PASSWORD", "DATABASE_URL"] {
        let (_folder, mut variables) = files(&[(name, "geheim")]);
        variables.push((name.to_owned(), "geheim".to_owned()));
        let said = told(&variables);
        assert!(said.contains(&format!("{name} is set as well; keep {name} or {name}_FILE, not both")), "{said}");
        assert!(!said.contains("geheim"), "{said}");
    }
    let (_folder, mut variables) = files(&[("POSTGRES_PASSWORD", "geheim")]);
    variables.push(("POSTGRES_PASSWORD".to_owned(), " ".to_owned()));
    assert!(read(&variables).is_ok(), "an empty variable is none");
}

#[test]
fn a_file_without_a_host_is_told_and_one_that_nobody_asks_for_is_not_read() {
    let (_folder, variables) = files(&[("POSTGRES_PASSWORD", "geheim")]);
    let said = told(&variables[1..]);
    assert!(said.contains("POSTGRES_PASSWORD_FILE: database.url: POSTGRES_HOST is not set"), "{said}");
    let ours = [
        ("DATAINFRA__DATABASE__URL".to_owned(), "sqlite://x.db".to_owned()),
        ("POSTGRES_PASSWORD_FILE".to_owned(), "/nonexistent".to_owned()),
    ];
    assert_eq!(read(&ours).unwrap().database.url.expose(), "sqlite://x.db");
}

#[test]
fn an_instance_has_a_name_that_fits_everywhere() {
    let instance = |name: &str| parse(None, &env(&[("DATAINFRA__SERVER__INSTANCE", name)]));
    assert_eq!(instance("data-infrastructure-7c9d8b6f5d-abcde").unwrap().server.instance.len(), 36);
    assert_eq!(instance("").unwrap().server.instance, "");
    for name in ["two words", "名前", "a/b", "x".repeat(254).as_str()] {
        let said = instance(name).unwrap_err().to_string();
        assert!(said.contains("is no name of an instance; write at most 253 ASCII letters"), "{said}");
    }
}
