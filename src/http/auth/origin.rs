//! Whether a request that carries no token comes from this host itself, and not from a page of another site that
//! a browser here happens to show.
//!
//! `Host` must name a loopback address: a page under a name that was rebound to 127.0.0.1 sends its own name.
//! `Origin`, which browsers add to every request that may change something, must be the same host and port.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName, Uri, header, uri::Authority};

use crate::{
    http::problem::{Answer, Problem},
    told,
    told::{Language, Told},
};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// # Errors
/// 403 with what to do about it.
pub fn own(uri: &Uri, headers: &HeaderMap) -> Answer<()> {
    let host = text(headers, &header::HOST);
    let named = [uri.authority().map(Authority::as_str), host.as_deref()];
    let mut hosts = named.iter().flatten().peekable();
    let Some(&&first) = hosts.peek() else {
        return Err(refused(&told!("the request names no host", "リクエストにホスト名がありません")));
    };
    if !hosts.all(|host| is_loopback(host)) {
        return Err(refused(&told!(
            "without a token only localhost, 127.0.0.1 and [::1] serve as host",
            "トークンなしで使えるホスト名は localhost、127.0.0.1、[::1] だけです"
        )));
    }
    if headers.contains_key(header::ORIGIN) && !text(headers, &header::ORIGIN).is_some_and(|o| is_of(&o, first)) {
        return Err(refused(&told!(
            "a page of another origin may not change anything here",
            "ほかのオリジンのページからは変更できません"
        )));
    }
    match headers.get(SEC_FETCH_SITE).map(|site| site.as_bytes()) {
        None | Some(b"same-origin" | b"none") => Ok(()),
        Some(_) => Err(refused(&told!(
            "a page of another site may not change anything here",
            "ほかのサイトのページからは変更できません"
        ))),
    }
}

fn refused(reason: &Told) -> Problem {
    let [english, japanese] = Language::ALL.map(|language| reason.in_language(language));
    Problem::forbidden(told!(
        "{english}; set server.token and send it to be served from elsewhere",
        "{japanese}。ほかの場所から使うには、server.token を設定し、そのトークンを送ってください"
    ))
}

/// The header's one value; two values are as good as a wrong one.
fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    let one = values.next().is_none();
    Some(if one { value.to_str().unwrap_or("?").to_owned() } else { "?".to_owned() })
}

fn is_loopback(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    let name = authority.host();
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    !host.contains('@') && (name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|ip| ip.is_loopback()))
}

fn is_of(origin: &str, host: &str) -> bool {
    let origin = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    origin.is_some_and(|origin| origin.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(headers: &[(&'static str, &str)]) -> bool {
        let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        own(&Uri::from_static("/jobs"), &headers).is_ok()
    }

    #[test]
    fn only_loopback_names_serve_as_host() {
        for host in ["localhost", "LOCALHOST:8080", "127.0.0.1:8080", "127.9.9.9", "[::1]:8080"] {
            assert!(accepted(&[("host", host)]), "{host}");
        }
        for host in
            ["", "evil.example", "localhost.evil.example", "evil@localhost", "10.0.0.1", "[::2]", "127.0.0.1.nip.io"]
        {
            assert!(!accepted(&[("host", host)]), "{host}");
        }
        assert!(!accepted(&[]));
        assert!(!accepted(&[("host", "localhost"), ("host", "evil.example")]));
    }

    #[test]
    fn an_origin_must_be_the_same_host_and_port() {
        let host = ("host", "localhost:8080");
        assert!(accepted(&[host, ("origin", "http://localhost:8080")]));
        for origin in ["null", "http://localhost:3000", "http://evil.example", "http://localhost:8080.evil.example"] {
            assert!(!accepted(&[host, ("origin", origin)]), "{origin}");
        }
    }

    #[test]
    fn what_a_browser_calls_cross_site_or_same_site_is_refused() {
        let host = ("host", "localhost:8080");
        assert!(accepted(&[host, ("sec-fetch-site", "same-origin")]));
        assert!(accepted(&[host, ("sec-fetch-site", "none")]));
        assert!(!accepted(&[host, ("sec-fetch-site", "cross-site")]));
        assert!(!accepted(&[host, ("sec-fetch-site", "same-site")]), "another port of localhost");
    }

    #[test]
    fn the_host_of_an_absolute_target_counts_as_well() {
        let headers: HeaderMap = [(header::HOST, "localhost".parse().unwrap())].into_iter().collect();
        assert!(own(&Uri::from_static("http://evil.example/jobs"), &headers).is_err());
        assert!(own(&Uri::from_static("http://localhost/jobs"), &HeaderMap::new()).is_ok());
    }
}
