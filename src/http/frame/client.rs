//! Who a request comes from: the address at the other end, or whom a trusted proxy there names.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderName};
use ipnet::IpNet;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The other end of the connection: an extension of every request that came over one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub IpAddr);

/// Whose `X-Forwarded-For` is believed.
pub struct Proxies(Vec<IpNet>);

impl Proxies {
    pub fn new(trusted: Vec<IpNet>) -> Self {
        Self(trusted)
    }

    /// The right-most address of the header that is no trusted proxy. The peer itself where it is none, or where the
    /// header tells nothing: each proxy appends whom it saw, so what stands left of a stranger is his own claim.
    pub fn client(&self, peer: Peer, headers: &HeaderMap) -> IpAddr {
        let peer = peer.0.to_canonical();
        if !self.trust(peer) {
            return peer;
        }
        let values: Vec<_> = headers.get_all(FORWARDED_FOR).iter().collect();
        let mut texts = values.iter().rev().flat_map(|value| value.to_str().unwrap_or("?").rsplit(','));
        loop {
            match texts.next().map(address) {
                Some(Some(address)) if self.trust(address) => {}
                Some(Some(address)) => return address,
                Some(None) | None => return peer,
            }
        }
    }

    fn trust(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// An address, also with a port or in brackets.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.trim_start_matches('[').trim_end_matches(']').parse();
    let address: Option<IpAddr> = bare.ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()));
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: &[&str]) -> String {
        let trusted = ["10.0.0.0/8", "fd00::/8"].map(|network| network.parse().unwrap());
        let headers = forwarded.iter().map(|value| (FORWARDED_FOR, value.parse().unwrap())).collect();
        Proxies::new(trusted.to_vec()).client(Peer(peer.parse().unwrap()), &headers).to_string()
    }

    #[test]
    fn a_trusted_proxy_names_the_client() {
        for (forwarded, named) in [
            (&["203.0.113.7"][..], "203.0.113.7"),
            (&["198.51.100.1, 203.0.113.7"], "203.0.113.7"),
            (&["203.0.113.7, 10.0.0.9"], "203.0.113.7"),
            (&["198.51.100.1", "203.0.113.7 , 10.0.0.9"], "203.0.113.7"),
            (&["nonsense, 203.0.113.7"], "203.0.113.7"),
            (&["203.0.113.7:4711"], "203.0.113.7"),
            (&["[2001:db8::7]:4711"], "2001:db8::7"),
            (&["2001:db8::7"], "2001:db8::7"),
            (&["::ffff:203.0.113.7"], "203.0.113.7"),
        ] {
            assert_eq!(client("10.0.0.1", forwarded), named, "{forwarded:?}");
        }
        assert_eq!(client("fd00::1", &["203.0.113.7"]), "203.0.113.7");
        assert_eq!(client("::ffff:10.0.0.1", &["203.0.113.7"]), "203.0.113.7");
    }

    #[test]
    fn the_peer_counts_where_the_header_tells_nothing() {
        for forwarded in
            [&[][..], &[""], &["unknown"], &["203.0.113.7, nonsense"], &["10.0.0.2, 10.0.0.3"], &["203.0.113.7,"]]
        {
            assert_eq!(client("10.0.0.1", forwarded), "10.0.0.1", "{forwarded:?}");
        }
    }

    #[test]
    fn nobody_else_is_believed() {
        assert_eq!(client("203.0.113.7", &["198.51.100.1"]), "203.0.113.7");
        assert_eq!(client("::1", &["198.51.100.1"]), "::1");
    }
}
