//! How many changes a client may ask for in a minute.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    num::NonZeroU32,
    sync::Arc,
    time::Duration,
};

use axum::{
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::Response,
};
use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::NoOpMiddleware,
    state::keyed::DefaultKeyedStateStore,
};

use super::{Frame, observe::Client};
use crate::{
    http::problem::{Answer, Problem},
    told,
};

/// Clients remembered at most. Beyond, those of whom nothing is remembered share one allowance.
const MOST_CLIENTS: usize = 10_000;
/// The part of a minute's changes that may come at once.
const BURST: u32 = 10;
/// Whoever is not remembered.
const OTHERS: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// Refuses a change that its client has to wait for.
pub async fn limit(State(frame): State<Arc<Frame>>, request: Request, next: Next) -> Answer<Response> {
    let reads = matches!(request.method().as_str(), "GET" | "HEAD" | "OPTIONS");
    // Without a connection it comes from within this process.
    let client = request.extensions().get::<Client>().filter(|_| !reads);
    if let Some((limit, client)) = frame.writes.as_ref().zip(client) {
        limit.take(client.0).map_err(|wait| refused(wait, limit.per_minute))?;
    }
    Ok(next.run(request).await)
}

fn refused(wait: Duration, most: NonZeroU32) -> Problem {
    let seconds = (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1);
    let message = told!(
        "these are too many changes from one address: {most} a minute are served; try again in {seconds} s",
        "1 つのアドレスからの変更が多すぎます。1 分あたり {most} 件までです。{seconds} 秒後に再試行してください"
    );
    Problem::new(StatusCode::TOO_MANY_REQUESTS, message).with_header(header::RETRY_AFTER, HeaderValue::from(seconds))
}

/// An allowance for each client, which fills up again evenly.
pub struct WriteLimit<C: Clock = DefaultClock> {
    limiter: RateLimiter<IpAddr, DefaultKeyedStateStore<IpAddr>, C, NoOpMiddleware<C::Instant>>,
    clock: C,
    per_minute: NonZeroU32,
}

impl WriteLimit {
    /// None for 0: no limit.
    pub fn new(per_minute: u32) -> Option<Self> {
        NonZeroU32::new(per_minute).map(|per_minute| Self::with_clock(per_minute, DefaultClock::default()))
    }
}

impl<C: Clock + Clone> WriteLimit<C> {
    fn with_clock(per_minute: NonZeroU32, clock: C) -> Self {
        let burst = NonZeroU32::new(per_minute.get() / BURST).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_minute(per_minute).allow_burst(burst);
        let limiter = RateLimiter::new(quota, DefaultKeyedStateStore::default(), clock.clone());
        Self { limiter, clock, per_minute }
    }

    /// Counts one change.
    ///
    /// # Errors
    /// How long to wait for the next.
    fn take(&self, client: IpAddr) -> Result<(), Duration> {
        if self.limiter.len() >= MOST_CLIENTS {
            self.limiter.retain_recent();
        }
        let key = if self.limiter.len() < MOST_CLIENTS { key(client) } else { OTHERS };
        self.limiter.check_key(&key).map_err(|until| until.wait_time_from(self.clock.now()))
    }
}

/// A host of IPv6 has a whole network of 64 bits to call from.
fn key(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    fn limit(per_minute: u32) -> (WriteLimit<FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        (WriteLimit::with_clock(NonZeroU32::new(per_minute).unwrap(), clock.clone()), clock)
    }

    fn client(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_tenth_of_a_minute_s_changes_may_come_at_once_and_the_rest_evenly() {
        let (limit, clock) = limit(600);
        let one = client("203.0.113.7");
        assert_eq!((0..100).filter(|_| limit.take(one).is_ok()).count(), 60);
        assert_eq!(limit.take(one), Err(Duration::from_millis(100)));
        assert!(limit.take(client("203.0.113.8")).is_ok(), "another client has an allowance of its own");
        clock.advance(Duration::from_millis(300));
        assert_eq!((0..10).filter(|_| limit.take(one).is_ok()).count(), 3);
    }

    #[test]
    fn the_smallest_limit_lets_one_pass() {
        let (limit, _) = limit(1);
        assert!(limit.take(client("::1")).is_ok());
        assert_eq!(limit.take(client("::1")), Err(Duration::from_mins(1)));
    }

    #[test]
    fn the_addresses_of_one_network_of_ipv6_are_one_client() {
        let (limit, _) = limit(1);
        assert!(limit.take(client("2001:db8::1")).is_ok());
        assert!(limit.take(client("2001:db8::ffff:2")).is_err());
        assert!(limit.take(client("2001:db8:0:1::1")).is_ok());
    }

    #[test]
    fn no_number_of_clients_takes_more_than_its_memory() {
        let (limit, clock) = limit(1);
        for number in 0..(MOST_CLIENTS as u32 + 5) {
            let _ = limit.take(Ipv4Addr::from_bits(0x0a00_0000 + number).into());
        }
        assert!(limit.limiter.len() <= MOST_CLIENTS + 1);
        assert!(limit.take(client("203.0.113.7")).is_err(), "the strangers share an allowance");
        clock.advance(Duration::from_mins(3));
        assert!(limit.take(client("203.0.113.7")).is_ok());
        assert_eq!(limit.limiter.len(), 1, "who has been quiet is forgotten");
    }
}
