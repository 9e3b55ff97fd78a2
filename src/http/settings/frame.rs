//! The part of `[server]` about requests: how many, how fast, from whom, and which pages of other sites may read.

use std::{net::IpAddr, time::Duration};

use ipnet::IpNet;
use url::Url;

use crate::settings::{Section, Wrong, shown};

/// Every origin, for reads only.
pub const ANY_ORIGIN: &str = "*";

/// What requests may take, and who is behind them.
#[derive(Clone, Debug)]
pub struct FrameSettings {
    /// For an answer's head, beside what a client wants to wait. Requests that bring a file get longer.
    pub request_timeout: Duration,
    /// Under way at once.
    pub max_requests: usize,
    /// Of one client; 0: any number.
    pub writes_per_minute: u32,
    /// Those whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Origins as browsers write them, or [`ANY_ORIGIN`].
    pub cors_origins: Vec<String>,
}

impl Default for FrameSettings {
    fn default() -> Self {
        Self {
            request_timeout: Duration::from_secs(30),
            max_requests: 256,
            writes_per_minute: 600,
            trusted_proxies: Vec::new(),
            cors_origins: Vec::new(),
        }
    }
}

impl FrameSettings {
    pub(super) fn read(section: &mut Section) -> Self {
        let usual = Self::default();
        let time = Duration::from_secs(1)..=Duration::from_mins(10);
        Self {
            request_timeout: section.duration("request_timeout", usual.request_timeout, time),
            max_requests: section.integer("max_requests", usual.max_requests, 1..=65_536),
            writes_per_minute: section.integer("writes_per_minute", usual.writes_per_minute, 0..=1_000_000),
            trusted_proxies: each(section, "trusted_proxies", network),
            cors_origins: each(section, "cors_origins", origin),
        }
    }
}

/// A list whose every text is judged by itself.
fn each<T>(section: &mut Section, key: &str, parse: impl Fn(&str) -> Result<T, Wrong>) -> Vec<T> {
    let mut found = Vec::new();
    for text in section.texts(key, &[]) {
        match parse(&text) {
            Ok(value) => found.push(value),
            Err(wrong) => section.refuse(key, wrong),
        }
    }
    found
}

fn network(text: &str) -> Result<IpNet, Wrong> {
    let address = || text.parse::<IpAddr>().ok().map(IpNet::from);
    text.parse::<IpNet>().ok().map(|network| network.trunc()).or_else(address).ok_or_else(|| {
        Wrong::new(
            format!("{} is neither an address nor a network", shown(text)),
            "write such as \"10.0.0.5\", \"10.0.0.0/8\" or \"fd00::/8\"; names are not looked up",
        )
    })
}

fn origin(text: &str) -> Result<String, Wrong> {
    if text == ANY_ORIGIN {
        return Ok(text.to_owned());
    }
    let web = |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host() && !text.contains('*');
    let url = Url::parse(text).ok().filter(web);
    match url.map(|url| url.origin().ascii_serialization()) {
        Some(right) if right == text => Ok(right),
        Some(right) => Err(Wrong::new(
            format!("{} is not as browsers write an origin", shown(text)),
            format!("write \"{right}\": scheme, host and a port that is not the usual one, and nothing after it"),
        )),
        None => Err(Wrong::new(
            format!("{} is no origin", shown(text)),
            "write such as \"https://dashboard.example.com\", or \"*\" for reads by every page",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_an_address_or_a_network() {
        for (text, read) in
            [("10.1.2.3", "10.1.2.3/32"), ("10.1.2.3/8", "10.0.0.0/8"), ("::1", "::1/128"), ("fd00::1/8", "fd00::/8")]
        {
            assert_eq!(network(text).unwrap().to_string(), read);
        }
        for text in ["", "localhost", "10.0.0", "10.0.0.0/33", "10.0.0.1:80", "*"] {
            assert!(network(text).unwrap_err().right.contains("10.0.0.0/8"), "{text}");
        }
    }

    #[test]
    fn an_origin_is_written_as_browsers_send_it() {
        for text in ["*", "https://a.example", "http://localhost:3000", "https://xn--wgv71a.example"] {
            assert_eq!(origin(text).unwrap(), text);
        }
        for (text, right) in [
            ("https://a.example/", "\"https://a.example\""),
            ("https://A.example:443", "\"https://a.example\""),
            ("https://u:p@a.example/x?y", "\"https://a.example\""),
            ("https://日本.example", "\"https://xn--wgv71a.example\""),
            ("a.example", "https://dashboard.example.com"),
            ("null", "https://dashboard.example.com"),
            ("file:///x", "https://dashboard.example.com"),
            ("https://*.example", "https://dashboard.example.com"),
            ("", "https://dashboard.example.com"),
        ] {
            let wrong = origin(text).map_err(|wrong| wrong.right);
            assert!(wrong.as_ref().is_err_and(|wrong| wrong.contains(right)), "{text}: {wrong:?}");
        }
    }
}
