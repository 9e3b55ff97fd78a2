//! What happens on one connection, and how long that may go on: hyper counts the time for the head of a request from
//! the end of the one before, and knows no time for the taking of an answer. Instants are parameters.

use std::collections::HashMap;

use tokio::time::Instant;

use crate::http::settings::ConnectionSettings;

/// What an HTTP/2 connection begins with.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// A piece of an answer may take so many times longer when others on its connection are taken.
const SHARED: u32 = 20;

pub struct Traffic {
    settings: ConnectionSettings,
    speaks: Speaks,
    /// When the head of a request began to arrive.
    head_began: Option<Instant>,
    /// When something was last got done.
    quiet_since: Instant,
    /// When something of an answer was last taken.
    taken: Instant,
    exchanges: HashMap<u64, Step>,
    next: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Speaks {
    /// Unknown: so many bytes of the preface arrived.
    Unknown(usize),
    Http1,
    Http2,
}

#[derive(Clone, Copy)]
enum Step {
    /// It is for us to go on.
    Working,
    /// A piece of the answer was handed over then, and nobody has asked for the next.
    Offered(Instant),
}

/// What a connection may still wait for.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Look again then, at the latest.
    Until(Instant),
    /// Nothing is under way: it ends as if the client had ended it.
    Idle,
    /// Its client is too slow.
    Overdue(&'static str),
}

impl Traffic {
    pub fn new(settings: ConnectionSettings, now: Instant) -> Self {
        Self {
            settings,
            speaks: Speaks::Unknown(0),
            head_began: Some(now),
            quiet_since: now,
            taken: now,
            exchanges: HashMap::new(),
            next: 0,
        }
    }

    /// Bytes came in.
    pub fn arrived(&mut self, bytes: &[u8], now: Instant) {
        self.recognise(bytes, now);
        if self.speaks == Speaks::Http1 && self.exchanges.is_empty() && !bytes.is_empty() {
            self.head_began.get_or_insert(now);
        }
    }

    /// Bytes went out.
    pub fn left(&mut self, now: Instant) {
        self.taken = now;
        if self.speaks == Speaks::Http1 {
            self.quiet_since = now;
        }
    }

    /// A request has arrived; its number.
    pub fn begin(&mut self) -> u64 {
        let id = self.next;
        self.next += 1;
        self.head_began = None;
        self.exchanges.insert(id, Step::Working);
        id
    }

    /// The next piece of the request's answer is asked for.
    pub fn asked(&mut self, id: u64) {
        self.exchanges.insert(id, Step::Working);
    }

    /// A piece of the request's answer is handed over.
    pub fn offered(&mut self, id: u64, now: Instant) {
        self.exchanges.insert(id, Step::Offered(now));
    }

    /// The request and its answer are over.
    pub fn end(&mut self, id: u64, now: Instant) {
        self.exchanges.remove(&id);
        self.quiet_since = now;
    }

    pub fn verdict(&mut self, now: Instant) -> Verdict {
        let ConnectionSettings { header_timeout, idle_timeout, stall_timeout, .. } = self.settings;
        if self.exchanges.is_empty() {
            let (end, verdict) = match self.head_began {
                Some(began) => (began + header_timeout, Verdict::Overdue("the head of a request did not arrive")),
                None => (self.quiet_since + idle_timeout, Verdict::Idle),
            };
            return if now < end { Verdict::Until(end) } else { verdict };
        }
        let mut waiting = self.exchanges.values().filter_map(|step| match step {
            Step::Offered(at) => Some(*at),
            Step::Working => None,
        });
        let stalled = |at: Instant| now >= at.max(self.taken) + stall_timeout || now >= at + stall_timeout * SHARED;
        if waiting.any(stalled) {
            return Verdict::Overdue("an answer is not taken");
        }
        // The end of an exchange wakes nobody, so it is looked for.
        Verdict::Until(now + stall_timeout.min(idle_timeout))
    }

    fn recognise(&mut self, bytes: &[u8], now: Instant) {
        let Speaks::Unknown(known) = self.speaks else { return };
        let rest = &PREFACE[known..];
        let same = rest.iter().zip(bytes).take_while(|(wanted, found)| wanted == found).count();
        self.speaks = if same == rest.len() {
            self.head_began = None;
            self.quiet_since = now;
            Speaks::Http2
        } else if same < bytes.len() {
            Speaks::Http1
        } else {
            Speaks::Unknown(known + same)
        };
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const HEAD: &str = "the head of a request did not arrive";
    const NOT_TAKEN: &str = "an answer is not taken";

    /// A connection at work, and its time in seconds.
    struct Case(Traffic, Instant);

    impl Case {
        fn new(first: &[u8]) -> Self {
            let now = Instant::now();
            let mut case = Self(Traffic::new(ConnectionSettings::default(), now), now);
            case.arrived(first);
            case
        }

        fn arrived(&mut self, bytes: &[u8]) {
            self.0.arrived(bytes, self.1);
        }

        fn exchange(&mut self) {
            let id = self.0.begin();
            self.0.end(id, self.1);
        }

        /// The verdict after so many seconds more.
        fn after(&mut self, seconds: u64) -> &'static str {
            self.1 += Duration::from_secs(seconds);
            match self.0.verdict(self.1) {
                Verdict::Until(then) => {
                    assert!(then > self.1);
                    "goes on"
                }
                Verdict::Idle => "idle",
                Verdict::Overdue(reason) => reason,
            }
        }
    }

    #[test]
    fn a_head_has_its_time_from_its_first_byte() {
        let mut case = Case::new(b"");
        assert_eq!(case.after(9), "goes on");
        case.arrived(b"GET ");
        assert_eq!(case.after(1), HEAD, "the first from the beginning of the connection");
        case.exchange();
        assert_eq!(case.after(74), "goes on");
        case.arrived(b"G");
        assert_eq!(case.after(9), "goes on");
        case.arrived(b"E");
        assert_eq!(case.after(1), HEAD);
    }

    #[test]
    fn a_connection_without_requests_is_idle_and_its_pings_do_not_help() {
        for first in [&b"GET / HTTP/1.1\r\n\r\n"[..], PREFACE] {
            let mut case = Case::new(first);
            case.exchange();
            assert_eq!(case.after(74), "goes on");
            if first == PREFACE {
                case.arrived(b"ping");
                case.0.left(case.1);
            }
            assert_eq!(case.after(1), "idle");
        }
    }

    #[test]
    fn half_a_preface_is_no_head() {
        let mut case = Case::new(&PREFACE[..10]);
        assert_eq!(case.after(9), "goes on");
        case.arrived(&PREFACE[10..23]);
        assert_eq!(case.after(1), HEAD);
        case.arrived(&PREFACE[23..]);
        assert_eq!(case.after(74), "goes on");
    }

    #[test]
    fn work_may_take_its_time_and_the_taking_of_an_answer_may_not() {
        let mut case = Case::new(b"GET / HTTP/1.1\r\n\r\n");
        let id = case.0.begin();
        assert_eq!(case.after(1000), "goes on");
        case.0.offered(id, case.1);
        assert_eq!(case.after(29), "goes on");
        case.0.left(case.1);
        assert_eq!(case.after(29), "goes on", "something was taken");
        case.0.asked(id);
        assert_eq!(case.after(1000), "goes on");
        case.0.offered(id, case.1);
        assert_eq!(case.after(30), NOT_TAKEN);
        case.0.end(id, case.1);
        assert_eq!(case.after(74), "goes on");
        assert_eq!(case.after(1), "idle");
    }

    #[test]
    fn an_answer_that_only_others_hide_is_found_in_the_end() {
        let mut case = Case::new(PREFACE);
        let id = case.0.begin();
        case.0.offered(id, case.1);
        for _ in 0..59 {
            case.0.left(case.1);
            assert_eq!(case.after(10), "goes on");
        }
        assert_eq!(case.after(10), NOT_TAKEN);
    }
}
