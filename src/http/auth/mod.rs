//! Who may change something, and who may read.
//!
//! Changes need one of the configured tokens. Without any token, only requests that name this host itself are
//! served, and none that a page of another site caused: see `origin`. There is no exemption by path.

mod extract;
mod gate;
mod origin;
mod tokens;

use std::net::SocketAddr;

use axum::http::{HeaderMap, Uri};

use self::tokens::Tokens;
use super::problem::{Answer, Problem};

pub use extract::{Authorized, Reader};
pub(super) use gate::gate;

/// The rules of one daemon.
#[derive(Debug)]
pub struct Auth {
    tokens: Tokens,
    protect_reads: bool,
    listen: SocketAddr,
}

impl Auth {
    /// `tokens` are all valid at once; empty ones do not count. `listen` is where the daemon listens.
    #[must_use]
    pub fn new(tokens: Vec<String>, protect_reads: bool, listen: SocketAddr) -> Self {
        Self { tokens: Tokens::new(tokens), protect_reads, listen }
    }

    /// # Errors
    /// 401 without a valid token; 403 when no token is configured and the request is not this host's own.
    pub fn may_change(&self, uri: &Uri, headers: &HeaderMap) -> Answer<()> {
        if !self.tokens.is_empty() {
            return self.bearer(headers);
        }
        if !self.listen.ip().is_loopback() {
            return Err(Problem::unauthorized());
        }
        origin::own(uri, headers)
    }

    /// # Errors
    /// 401 without a valid token, where reads are protected.
    pub fn may_read(&self, headers: &HeaderMap) -> Answer<()> {
        if self.protect_reads { self.bearer(headers) } else { Ok(()) }
    }

    fn bearer(&self, headers: &HeaderMap) -> Answer<()> {
        if self.tokens.accept(headers) { Ok(()) } else { Err(Problem::unauthorized()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(auth: &Auth, headers: &[(&'static str, &str)]) -> bool {
        let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        auth.may_change(&Uri::from_static("/jobs/health/run"), &headers).is_ok()
    }

    fn auth(tokens: &[&str], listen: &str) -> Auth {
        Auth::new(tokens.iter().map(|&token| token.to_owned()).collect(), false, listen.parse().unwrap())
    }

    #[test]
    fn every_configured_token_is_accepted_and_no_other() {
        let auth = auth(&["old", "new"], "0.0.0.0:8080");
        for (value, accepted) in [
            ("Bearer old", true),
            ("bearer new", true),
            ("Bearer  new", true),
            ("Bearer ne", false),
            ("Bearer newer", false),
            ("Bearer", false),
            ("Bearer ", false),
            ("Basic new", false),
            ("new", false),
        ] {
            assert_eq!(change(&auth, &[("authorization", value)]), accepted, "{value}");
        }
        assert!(!change(&auth, &[("host", "localhost:8080")]), "a loopback name is no token");
    }

    #[test]
    fn an_empty_token_is_none() {
        assert!(!change(&auth(&[""], "0.0.0.0:8080"), &[("authorization", "Bearer "), ("host", "localhost")]));
    }

    #[test]
    fn without_a_token_nothing_changes_on_an_address_others_can_reach() {
        assert!(!change(&auth(&[], "0.0.0.0:8080"), &[("host", "localhost:8080")]));
        assert!(change(&auth(&[], "[::1]:8080"), &[("host", "localhost:8080")]));
    }

    #[test]
    fn reads_are_open_unless_protected() {
        let token = || vec!["t".to_owned()];
        let listen = "127.0.0.1:1".parse().unwrap();
        assert!(Auth::new(token(), false, listen).may_read(&HeaderMap::new()).is_ok());
        assert!(Auth::new(token(), true, listen).may_read(&HeaderMap::new()).is_err());
        assert!(Auth::new(Vec::new(), true, listen).may_read(&HeaderMap::new()).is_err());
    }
}
