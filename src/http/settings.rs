//! `[server]`: where the daemon listens, and who may change something.

use std::net::SocketAddr;
use std::time::Duration;

use crate::settings::{Secret, Section, Wrong, shown};

#[derive(Clone, Debug)]
pub struct ServerSettings {
    pub listen: SocketAddr,
    /// The bearer token for everything that changes something. Without one the address is a loopback one.
    pub token: Option<Secret>,
    /// Whether reads need the token as well.
    pub protect_reads: bool,
    /// How long a stop waits for requests and runs.
    pub shutdown_grace: Duration,
}

impl ServerSettings {
    /// Reads `[server]`. Without a token only a loopback address is accepted, and open reads.
    pub fn read(section: &mut Section) -> Self {
        let settings = Self {
            listen: section.parsed("listen", SocketAddr::from(([127, 0, 0, 1], 8080)), parse_listen),
            token: section.secret("token"),
            protect_reads: section.boolean("protect_reads", false),
            shutdown_grace: section.duration(
                "shutdown_grace",
                Duration::from_secs(25),
                Duration::ZERO..=Duration::from_hours(1),
            ),
        };
        // A token that was given and refused is told as such.
        let open = settings.token.is_none() && !section.gives_secret("token");
        if open && !settings.listen.ip().is_loopback() {
            section.refuse(
                "listen",
                Wrong::new(
                    format!("{} can be reached from other hosts, and server.token is empty", settings.listen),
                    "set server.token (or server.token_file, or DATAINFRA__SERVER__TOKEN), or listen on 127.0.0.1",
                ),
            );
        }
        if open && settings.protect_reads {
            section.refuse(
                "protect_reads",
                Wrong::new(
                    "reads need a token, and server.token is empty",
                    "set server.token (or server.token_file, or DATAINFRA__SERVER__TOKEN), or leave reads open",
                ),
            );
        }
        settings
    }
}

fn parse_listen(text: &str) -> Result<SocketAddr, Wrong> {
    // The one name that needs no lookup.
    let numeric = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    numeric.as_deref().unwrap_or(text).parse().map_err(|_| {
        Wrong::new(
            format!("{} is no address to listen on", shown(text)),
            "write address and port, such as \"127.0.0.1:8080\" or \"[::1]:8080\"",
        )
    })
}
