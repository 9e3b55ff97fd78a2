//! `[log]`: what is logged, and in which form.

use tracing_subscriber::EnvFilter;

use crate::settings::{Section, Wrong, nearest, shown};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSettings {
    /// Directives of `tracing-subscriber`: `info`, or `info,data_infrastructure::crawl=debug`.
    pub level: String,
    pub format: LogFormat,
}

/// The form of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Text on a terminal, JSON otherwise.
    Auto,
    Text,
    Json,
}

impl LogFormat {
    pub const ALL: [Self; 3] = [Self::Auto, Self::Text, Self::Json];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Text => "text",
            Self::Json => "json",
        }
    }
}

impl LogSettings {
    pub fn read(section: &mut Section) -> Self {
        Self {
            level: section.parsed("level", "info".to_owned(), parse_level),
            format: section.choice("format", LogFormat::Auto, &LogFormat::ALL, LogFormat::as_str),
        }
    }
}

const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// A word alone is read by the filter as a target, so that `inof` would silence everything: it is refused.
fn parse_level(text: &str) -> Result<String, Wrong> {
    let right = "write off, error, warn, info, debug or trace, or directives such as \"info,sqlx=warn\"";
    if text.trim().is_empty() {
        return Err(Wrong::new("no level is given", right));
    }
    let mut words =
        text.split(',').map(str::trim).filter(|word| !["=", "::", "["].iter().any(|mark| word.contains(mark)));
    let is_level = |word: &str| LEVELS.iter().any(|level| level.eq_ignore_ascii_case(word));
    if let Some(word) = words.find(|word| !is_level(word)) {
        let meant = nearest(word, LEVELS).map_or_else(String::new, |meant| format!("did you mean {meant}? "));
        return Err(Wrong::new(format!("{} is no level", shown(word)), format!("{meant}{right}")));
    }
    EnvFilter::builder()
        .parse(directives(text))
        .map(|_| text.split(',').map(str::trim).collect::<Vec<_>>().join(","))
        .map_err(|error| Wrong::new(format!("{} is no log level: {error}", shown(text)), right))
}

/// What these say at `info` is of use to their own developers.
const CHATTY: &str = "sqlx=warn,tokio_cron_scheduler=warn";

/// The directives without spaces around commas, which the filter does not understand; chatty crates stay quiet
/// unless they are named.
pub(super) fn directives(text: &str) -> String {
    let given: Vec<&str> = text.split(',').map(str::trim).collect();
    format!("{CHATTY},{}", given.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_and_directives_are_accepted() {
        for text in [
            "info",
            "WARN",
            "off",
            "info,sqlx=warn",
            "data_infrastructure::crawl=debug",
            "data_infrastructure::crawl",
            "warn, tower=info",
            "info,[run]=debug",
        ] {
            assert_eq!(parse_level(text).unwrap(), text.replace(' ', ""));
        }
    }

    #[test]
    fn a_mistyped_level_is_refused_with_the_nearest() {
        for (text, meant) in [("inof", "info"), ("warning", "warn"), ("debug,tracee", "trace")] {
            assert!(parse_level(text).unwrap_err().right.contains(meant), "{text}");
        }
        for text in ["loud", "hyper", "info,tokio_cron_scheduler", "7"] {
            let wrong = parse_level(text).unwrap_err();
            assert!(wrong.wrong.ends_with("is no level") && wrong.right.contains("off, error, warn"), "{wrong:?}");
        }
        for text in ["", "info,sqlx=loud", "a=b=c"] {
            assert!(parse_level(text).is_err(), "{text}");
        }
    }
}
