//! The part of `[server]` about connections: how many there may be, and how long a slow client is waited for.

use std::time::Duration;

use crate::settings::Section;

/// What a connection may take.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionSettings {
    /// Served at once; further ones wait with the system until one has ended.
    pub max_connections: usize,
    /// From the first byte of a request's head, or from the connection's beginning, to the head's end.
    pub header_timeout: Duration,
    /// How long a connection without a request is kept.
    pub idle_timeout: Duration,
    /// How long nothing of an answer may be taken by a client that has not got all of it.
    pub stall_timeout: Duration,
}

impl Default for ConnectionSettings {
    fn default() -> Self {
        Self {
            max_connections: 1024,
            header_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
            stall_timeout: Duration::from_secs(30),
        }
    }
}

impl ConnectionSettings {
    pub(super) fn read(section: &mut Section) -> Self {
        let usual = Self::default();
        let short = Duration::from_secs(1)..=Duration::from_mins(10);
        Self {
            max_connections: section.integer("max_connections", usual.max_connections, 1..=65_536),
            header_timeout: section.duration("header_timeout", usual.header_timeout, short.clone()),
            idle_timeout: section.duration(
                "idle_timeout",
                usual.idle_timeout,
                Duration::from_secs(1)..=Duration::from_hours(1),
            ),
            stall_timeout: section.duration("stall_timeout", usual.stall_timeout, short),
        }
    }
}
