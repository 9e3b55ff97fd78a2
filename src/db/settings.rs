//! `[database]`: where the data lies.

use std::fmt;

use url::Url;

use crate::settings::{Secret, Section, Wrong};

#[derive(Clone, Debug)]
pub struct DatabaseSettings {
    pub url: DatabaseUrl,
    /// Connections of this process at most.
    pub max_connections: u32,
    /// Whether the daemon brings the tables up to date when it starts.
    pub migrate_on_start: bool,
}

impl DatabaseSettings {
    pub fn read(section: &mut Section) -> Self {
        Self {
            url: section.parsed_secret("url", DatabaseUrl::built_in(), DatabaseUrl::parse),
            max_connections: section.integer("max_connections", 10, 1..=200),
            migrate_on_start: section.boolean("migrate_on_start", true),
        }
    }
}

/// Which database serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatabaseKind {
    Sqlite,
    Postgres,
}

/// The address of a database. `Debug` and `Display` mask its password.
#[derive(Clone)]
pub struct DatabaseUrl {
    kind: DatabaseKind,
    text: Secret,
}

impl DatabaseUrl {
    /// Accepts `sqlite://PATH`, `sqlite::memory:`, `postgres://…` and `postgresql://…`.
    ///
    /// # Errors
    /// When the scheme is another, or the rest is no URL. The message does not repeat the text.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let right = "write sqlite://PATH or postgres://USER:PASSWORD@HOST:PORT/DATABASE, special characters \
                     of user and password as %XX";
        let kind = match text.split_once(':') {
            Some(("sqlite", rest)) => match rest.trim_start_matches("//").split('?').next() {
                None | Some("") => return Err(Wrong::new("the SQLite URL names no file", right)),
                Some(_) => DatabaseKind::Sqlite,
            },
            Some(("postgres" | "postgresql", _)) => {
                check_postgres(text).map_err(|wrong| Wrong::new(wrong, right))?;
                DatabaseKind::Postgres
            }
            _ => return Err(Wrong::new("neither a SQLite nor a PostgreSQL URL", right)),
        };
        Ok(Self { kind, text: Secret::new(text) })
    }

    /// A SQLite file below the working directory.
    #[must_use]
    pub fn built_in() -> Self {
        Self { kind: DatabaseKind::Sqlite, text: Secret::new("sqlite://data/datainfra.db") }
    }

    #[must_use]
    pub const fn kind(&self) -> DatabaseKind {
        self.kind
    }

    /// Whether both are of one PostgreSQL database, by whatever user and password.
    #[must_use]
    pub fn is_same_place(&self, other: &Self) -> bool {
        let place = |url: &Self| {
            let mut url = Url::parse(url.expose()).ok().filter(|_| url.kind == DatabaseKind::Postgres)?;
            let is_credential = |key: &str| key == "user" || key == "password";
            let pairs: Vec<(String, String)> =
                url.query_pairs().filter(|(key, _)| !is_credential(key)).map(|(k, v)| (k.into(), v.into())).collect();
            // A URL without a host has no place for either; then none stood there.
            let _ = (url.set_username(""), url.set_password(None));
            url.set_query(None);
            Some((url, pairs))
        };
        place(self).is_some_and(|here| place(other).is_some_and(|there| here == there))
    }

    /// The whole URL with its password, for whoever connects.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.text.expose()
    }
}

fn check_postgres(text: &str) -> Result<(), String> {
    let url = Url::parse(text).map_err(|error| format!("no PostgreSQL URL: {error}"))?;
    let host_in_query = url.query_pairs().any(|(key, _)| key == "host" || key == "hostaddr");
    if !text.contains("://") || (url.host_str().unwrap_or_default().is_empty() && !host_in_query) {
        return Err("the PostgreSQL URL names no host".to_owned());
    }
    Ok(())
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            DatabaseKind::Sqlite => f.write_str(self.expose()),
            DatabaseKind::Postgres => f.write_str(&masked(self.expose())),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

/// The URL with `***` for its password, which may stand before the host or in the query.
fn masked(text: &str) -> String {
    let Ok(mut url) = Url::parse(text) else { return "***".to_owned() };
    if url.password().is_some() && url.set_password(Some("***")).is_err() {
        return "***".to_owned();
    }
    if url.query_pairs().any(|(key, _)| key == "password") {
        let pairs: Vec<(String, String)> = url
            .query_pairs()
            .map(|(key, value)| {
                let value = if key == "password" { "***".to_owned() } else { value.into_owned() };
                (key.into_owned(), value)
            })
            .collect();
        url.query_pairs_mut().clear().extend_pairs(pairs);
    }
    url.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_databases_are_recognised() {
        for text in ["sqlite://data/datainfra.db", "sqlite::memory:", "sqlite:///var/lib/x.db?mode=rwc", "sqlite:x.db"]
        {
            assert_eq!(DatabaseUrl::parse(text).unwrap().kind(), DatabaseKind::Sqlite, "{text}");
        }
        for text in ["postgres://u:p@h:5432/d", "postgresql://h/d", "postgres:///d?host=/run/postgresql"] {
            assert_eq!(DatabaseUrl::parse(text).unwrap().kind(), DatabaseKind::Postgres, "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused_without_repeating_it() {
        for text in [
            "",
            "data.db",
            "mysql://u:geheim@h/d",
            "sqlite:",
            "sqlite://",
            "postgres:geheim",
            "postgres:///geheim",
            "postgres://u:geheim@h:port/d",
            "postgres://",
        ] {
            let wrong = DatabaseUrl::parse(text).unwrap_err();
            assert!(!format!("{wrong:?}").contains("geheim"), "{wrong:?}");
        }
    }

    #[test]
    fn one_place_is_told_from_another_whoever_connects() {
        let same = |a: &str, b: &str| DatabaseUrl::parse(a).unwrap().is_same_place(&DatabaseUrl::parse(b).unwrap());
        assert!(same("postgres://u:p@h:5432/d?sslmode=require", "postgres://v:q@h:5432/d?sslmode=require"));
        assert!(same("postgres://h/d?user=u&password=p", "postgres://h/d?password=q&user=v"));
        for other in
            ["postgres://u:p@i/d", "postgres://u:p@h/e", "postgres://u:p@h:1/d", "postgres://u:p@h/d?sslmode=require"]
        {
            assert!(!same("postgres://u:p@h/d", other), "{other}");
        }
        assert!(!same("sqlite://a.db", "sqlite://a.db"), "a file has no password");
    }

    #[test]
    fn a_password_is_masked_wherever_it_stands() {
        let url = DatabaseUrl::parse("postgres://me:gehe%40im@h:5432/d?password=geheim&sslmode=require").unwrap();
        for shown in [url.to_string(), format!("{url:?}")] {
            assert!(!shown.contains("geheim") && !shown.contains("gehe%40im"), "{shown}");
            assert!(shown.contains("postgres://me:***@h:5432/d?password=***&sslmode=require"), "{shown}");
        }
        assert_eq!(url.expose(), "postgres://me:gehe%40im@h:5432/d?password=geheim&sslmode=require");
    }
}
