//! Who may change something, and who may read.
//!
//! Changes need one of the configured tokens, of sufficient scope. Without any token, only requests that name this host
//! itself are served, and none that a page of another site caused: see `origin`. There is no exemption by path.

mod extract;
mod gate;
mod origin;
mod tokens;

use std::{
    net::SocketAddr,
    sync::{Arc, PoisonError, RwLock},
};

use axum::http::{HeaderMap, Uri};

use self::tokens::{Known, Tokens};
use super::{
    problem::{Answer, Problem},
    settings::{LOCAL, NamedToken, Scope},
};

pub use extract::{Admin, AdminReader, Operator, Reader};
pub(super) use gate::gate;

/// The rules of one daemon. They can be exchanged while it serves.
#[derive(Debug)]
pub struct Auth {
    rules: RwLock<Arc<Rules>>,
    listen: SocketAddr,
}

#[derive(Debug)]
struct Rules {
    tokens: Tokens,
    protect_reads: bool,
}

impl Auth {
    /// `tokens` are all valid at once; empty ones do not count. `listen` is where the daemon listens.
    #[must_use]
    pub fn new(tokens: Vec<NamedToken>, protect_reads: bool, listen: SocketAddr) -> Self {
        Self { rules: RwLock::new(Arc::new(Rules::new(tokens, protect_reads))), listen }
    }

    /// Requests from now on are judged by these.
    pub fn replace(&self, tokens: Vec<NamedToken>, protect_reads: bool) {
        *self.rules.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Rules::new(tokens, protect_reads));
    }

    fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.rules.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Gives the name of the caller.
    ///
    /// # Errors
    /// 401 without a valid token; 403 when its scope does not suffice, or when no token is configured and the request
    /// is not this host's own.
    pub fn may_change(&self, needed: Scope, uri: &Uri, headers: &HeaderMap) -> Answer<String> {
        let rules = self.rules();
        if !rules.tokens.is_empty() {
            return rules.bearer(needed, headers).map(|known| known.name.clone());
        }
        if !self.listen.ip().is_loopback() {
            return Err(Problem::unauthorized());
        }
        origin::own(uri, headers).map(|()| LOCAL.to_owned())
    }

    /// # Errors
    /// 401 without a valid token, where reads are protected.
    pub fn may_read(&self, headers: &HeaderMap) -> Answer<()> {
        self.rules().may_read(headers)
    }

    /// # Errors
    /// Where there are tokens, 401 without a valid one and 403 when its scope is not `admin`; else as [`may_read`].
    ///
    /// [`may_read`]: Self::may_read
    pub fn may_read_all(&self, headers: &HeaderMap) -> Answer<()> {
        let rules = self.rules();
        if rules.tokens.is_empty() { rules.may_read(headers) } else { rules.bearer(Scope::Admin, headers).map(drop) }
    }
}

impl Rules {
    fn new(tokens: Vec<NamedToken>, protect_reads: bool) -> Self {
        Self { tokens: Tokens::new(tokens), protect_reads }
    }

    fn may_read(&self, headers: &HeaderMap) -> Answer<()> {
        if self.protect_reads { self.bearer(Scope::Read, headers).map(drop) } else { Ok(()) }
    }

    fn bearer(&self, needed: Scope, headers: &HeaderMap) -> Answer<&Known> {
        let known = self.tokens.find(headers).ok_or_else(Problem::unauthorized)?;
        if known.scope >= needed { Ok(known) } else { Err(Problem::insufficient_scope(needed)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Secret;

    fn change(auth: &Auth, headers: &[(&'static str, &str)]) -> bool {
        let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        auth.may_change(Scope::Operate, &Uri::from_static("/jobs/health/run"), &headers).is_ok()
    }

    fn token(text: &str, scope: Scope) -> NamedToken {
        NamedToken::new(format!("name of {text}"), Secret::new(text), scope)
    }

    fn auth(tokens: &[&str], listen: &str) -> Auth {
        let tokens = tokens.iter().map(|text| token(text, Scope::Operate)).collect();
        Auth::new(tokens, false, listen.parse().unwrap())
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
    fn exchanged_tokens_count_at_once_and_those_before_do_not() {
        let auth = auth(&["old"], "0.0.0.0:8080");
        auth.replace(vec![token("new", Scope::Operate)], true);
        assert!(!change(&auth, &[("authorization", "Bearer old")]));
        assert!(change(&auth, &[("authorization", "Bearer new")]));
        assert!(auth.may_read(&HeaderMap::new()).is_err());
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
        let token = || vec![token("t", Scope::Read)];
        let listen = "127.0.0.1:1".parse().unwrap();
        assert!(Auth::new(token(), false, listen).may_read(&HeaderMap::new()).is_ok());
        assert!(Auth::new(token(), true, listen).may_read(&HeaderMap::new()).is_err());
        assert!(Auth::new(Vec::new(), true, listen).may_read(&HeaderMap::new()).is_err());
    }

    #[test]
    fn a_scope_includes_those_before_it_and_the_caller_has_the_name_of_its_token() {
        let tokens = Scope::ALL.into_iter().map(|scope| token(scope.as_str(), scope)).collect();
        let auth = Auth::new(tokens, false, "0.0.0.0:8080".parse().unwrap());
        for given in Scope::ALL {
            let value = format!("Bearer {}", given.as_str()).parse().unwrap();
            let headers: HeaderMap = [(axum::http::header::AUTHORIZATION, value)].into_iter().collect();
            for needed in Scope::ALL {
                let answer = auth.may_change(needed, &Uri::from_static("/"), &headers);
                assert_eq!(answer.is_ok(), given >= needed, "{given:?} for {needed:?}");
                assert!(answer.is_err() || answer.is_ok_and(|name| name == format!("name of {}", given.as_str())));
            }
            assert_eq!(auth.may_read_all(&headers).is_ok(), given == Scope::Admin);
        }
        assert!(auth.may_read_all(&HeaderMap::new()).is_err());
        assert!(Auth::new(Vec::new(), false, "[::1]:1".parse().unwrap()).may_read_all(&HeaderMap::new()).is_ok());
    }
}
