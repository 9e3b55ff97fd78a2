//! `[sources.NAME]`: one source of any domain. Which sources exist, and their defaults, is the domain's knowledge.

use std::fmt;
use std::time::Duration;

use url::Url;

use crate::settings::{Secret, Section, Wrong, format_duration, is_loopback, shown};

#[derive(Clone, Debug)]
pub struct SourceSettings {
    pub enabled: bool,
    pub base_url: BaseUrl,
    pub api_key: Option<Secret>,
    /// The least time between the starts of two requests, over all replicas.
    pub min_interval: Duration,
    /// Requests of a day, which begins at midnight UTC, over all replicas; 0: no limit is known.
    pub daily_limit: u32,
    /// For one request, body included.
    pub timeout: Duration,
    /// Further attempts after the first.
    pub max_retries: u32,
}

/// What a domain says about one of its sources.
#[derive(Clone, Debug)]
pub struct SourceDefaults {
    pub base_url: BaseUrl,
    pub min_interval: Duration,
    /// The pace that the source asks of crawlers. A faster one is accepted against loopback only.
    pub floor: Duration,
    pub enabled: bool,
}

impl SourceSettings {
    pub fn read(section: &mut Section, defaults: SourceDefaults) -> Self {
        let (instant, minute) = (Duration::from_millis(1), Duration::from_mins(1));
        let settings = Self {
            enabled: section.boolean("enabled", defaults.enabled),
            base_url: section.parsed("base_url", defaults.base_url, BaseUrl::parse),
            api_key: section.secret("api_key"),
            min_interval: section.duration("min_interval", defaults.min_interval, Duration::ZERO..=60 * minute),
            daily_limit: section.integer("daily_limit", 0, 0..=10_000_000),
            timeout: section.duration("timeout", Duration::from_secs(30), instant..=10 * minute),
            max_retries: section.integer("max_retries", 3, 0..=20),
        };
        if settings.min_interval < defaults.floor && !settings.base_url.is_loopback() {
            let (given, floor) = (format_duration(settings.min_interval), format_duration(defaults.floor));
            section.refuse(
                "min_interval",
                Wrong::new(
                    format!("{given} is faster than the {floor} this source asks of crawlers"),
                    format!("write {floor} or more"),
                ),
            );
        }
        settings
    }
}

/// The root of a source's addresses: `http` or `https`, no credentials, query or fragment, no trailing slash,
/// so that `format!("{base_url}/path")` is an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl(String);

impl BaseUrl {
    /// # Errors
    /// When the text is no such URL.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let right = "write a URL such as \"https://example.com\" or \"https://example.com/v2\"";
        let url = Url::parse(text).map_err(|error| Wrong::new(format!("{} is no URL: {error}", shown(text)), right))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Wrong::new(format!("{} is neither http nor https", shown(text)), right));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Wrong::new("the URL holds credentials", "leave them out; keys go to api_key"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(Wrong::new(format!("{} has a query or a fragment", shown(text)), right));
        }
        Ok(Self(url.as_str().trim_end_matches('/').to_owned()))
    }

    /// For an address written in the program, which a test holds to [`Self::parse`].
    #[must_use]
    pub fn built_in(text: &'static str) -> Self {
        Self(text.to_owned())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host, with its port where one is given.
    #[must_use]
    pub fn host(&self) -> String {
        let Ok(url) = Url::parse(&self.0) else { return String::new() };
        let host = url.host_str().unwrap_or_default();
        url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// Whether the host is this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        Url::parse(&self.0).is_ok_and(|url| is_loopback(&url))
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_loses_its_trailing_slash() {
        for (text, kept) in [
            ("https://stooq.com", "https://stooq.com"),
            ("https://stooq.com/", "https://stooq.com"),
            ("http://127.0.0.1:9000/v2/", "http://127.0.0.1:9000/v2"),
        ] {
            assert_eq!(BaseUrl::parse(text).unwrap().as_str(), kept);
        }
    }

    #[test]
    fn what_is_no_base_url_is_refused() {
        for text in
            ["", "stooq.com", "ftp://stooq.com", "https://", "https://x?y=1", "https://x#y", "https://me:geheim@x"]
        {
            let wrong = BaseUrl::parse(text).unwrap_err();
            assert!(!format!("{wrong:?}").contains("geheim"), "{wrong:?}");
        }
    }

    #[test]
    fn loopback_is_told_by_the_host() {
        for text in
            ["http://127.0.0.1:1", "http://127.9.9.9", "http://[::1]:1", "http://localhost:1", "http://a.localhost"]
        {
            assert!(BaseUrl::parse(text).unwrap().is_loopback(), "{text}");
        }
        for text in ["http://10.0.0.1", "http://localhost.example.com", "http://[::2]"] {
            assert!(!BaseUrl::parse(text).unwrap().is_loopback(), "{text}");
        }
    }
}
