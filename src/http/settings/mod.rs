//! `[server]`: where the daemon listens, who may change something, and what clients may take.

mod connections;
mod frame;
mod tokens;

use std::net::SocketAddr;
use std::time::Duration;

use crate::settings::{Secret, Section, Wrong, shown};

pub use connections::ConnectionSettings;
pub use frame::{ANY_ORIGIN, FrameSettings};
use tokens::SHORTEST_TOKEN;
pub use tokens::{DEFAULT_TOKEN, LOCAL, NamedToken, Scope};

/// What helps where a token is wanted.
const GIVE_ONE: &str = "set server.token (or server.token_file, or DATAINFRA__SERVER__TOKEN)";

#[derive(Clone, Debug)]
pub struct ServerSettings {
    pub listen: SocketAddr,
    /// The bearer token for everything: the one named `default`, with scope `admin`.
    pub token: Option<Secret>,
    /// The tokens of `[server.tokens]`. Without any that may change something the address is a loopback one.
    pub named_tokens: Vec<NamedToken>,
    /// Whether reads need a token as well.
    pub protect_reads: bool,
    /// The name of this process among its like; empty: its host's.
    pub instance: String,
    /// How long a stop waits for requests and runs.
    pub shutdown_grace: Duration,
    /// How long requests are still answered once the daemon is to end, at least.
    pub drain_delay: Duration,
    pub connections: ConnectionSettings,
    pub frame: FrameSettings,
}

impl ServerSettings {
    /// Reads `[server]`. Without a token that may change something only a loopback address is accepted, without any
    /// token open reads only.
    pub fn read(section: &mut Section) -> Self {
        let listen = section.parsed("listen", SocketAddr::from(([127, 0, 0, 1], 8080)), parse_listen);
        let token = section.secret("token");
        // A token that was given and refused is told as such.
        let default_is_given = token.is_some() || section.gives_secret("token");
        let protect_reads = section.boolean("protect_reads", false);
        let instance = section.parsed("instance", String::new(), parse_instance);
        let grace = Duration::ZERO..=Duration::from_hours(1);
        let shutdown_grace = section.duration("shutdown_grace", Duration::from_secs(25), grace);
        let drain_delay = section.duration("drain_delay", Duration::ZERO, Duration::ZERO..=Duration::from_mins(5));
        let (connections, frame) = (ConnectionSettings::read(section), FrameSettings::read(section));
        let mut table = section.table("tokens");
        let names = table.names().len();
        let named_tokens = tokens::read(&mut table, token.as_ref(), default_is_given);
        let settings = Self {
            listen,
            token,
            named_tokens,
            protect_reads,
            instance,
            shutdown_grace,
            drain_delay,
            connections,
            frame,
        };
        // What was refused has been told, and may have been the token that is wanted.
        if !default_is_given && settings.named_tokens.len() == names {
            settings.judge(section);
        }
        settings
    }

    /// Every token, `server.token` first.
    #[must_use]
    pub fn tokens(&self) -> Vec<NamedToken> {
        let default = self.token.iter().map(|token| NamedToken::new(DEFAULT_TOKEN, token.clone(), Scope::Admin));
        default.chain(self.named_tokens.iter().cloned()).collect()
    }

    /// Whether somebody may change something here, so that an address which others can reach is a sensible one.
    #[must_use]
    pub fn has_changing_token(&self) -> bool {
        self.token.is_some() || self.named_tokens.iter().any(|token| token.scope >= Scope::Operate)
    }

    /// What is to be said of a `server.token` that is soon found where others can try: nothing where it is long enough.
    #[must_use]
    pub fn weakness(&self) -> Option<String> {
        let length = self.token.as_ref()?.expose().chars().count();
        (length < SHORTEST_TOKEN && !self.listen.ip().is_loopback()).then(|| {
            let least = SHORTEST_TOKEN;
            format!("server.token is shorter than {least} characters, and others can reach {}", self.listen)
        })
    }

    /// What an address or protected reads ask of the tokens.
    fn judge(&self, section: &mut Section) {
        if !self.has_changing_token() && !self.listen.ip().is_loopback() {
            let reason = if self.named_tokens.is_empty() {
                "server.token is empty"
            } else {
                "no token has scope operate or admin"
            };
            section.refuse(
                "listen",
                Wrong::new(
                    format!("{} can be reached from other hosts, and {reason}", self.listen),
                    format!("{GIVE_ONE}, or listen on 127.0.0.1"),
                ),
            );
        }
        if self.named_tokens.is_empty() && self.protect_reads {
            section.refuse(
                "protect_reads",
                Wrong::new(
                    "reads need a token, and server.token is empty",
                    format!("{GIVE_ONE}, or [server.tokens.NAME], or leave reads open"),
                ),
            );
        }
    }
}

/// A name as Kubernetes gives one to a pod, and a little more.
fn parse_instance(text: &str) -> Result<String, Wrong> {
    const LONGEST: usize = 253;
    let fit = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    if text.len() <= LONGEST && text.bytes().all(fit) {
        return Ok(text.to_owned());
    }
    let right = format!("write at most {LONGEST} ASCII letters, digits, -, . and _, or nothing for the host's name");
    Err(Wrong::new(format!("{} is no name of an instance", shown(text)), right))
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
