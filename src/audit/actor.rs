//! Who asks for a change, and by which way.

/// The longest name of a user that is kept.
const LONGEST_USER: usize = 64;

/// By which way a change is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    Http,
    Cli,
    /// The daemon itself, for a configuration that was read anew.
    Config,
}

impl Via {
    pub const ALL: [Self; 3] = [Self::Http, Self::Cli, Self::Config];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Cli => "cli",
            Self::Config => "config",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|via| via.as_str() == name)
    }
}

/// Who asks for a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The name of a token, `local`, or `cli:USER`.
    pub name: String,
    pub via: Via,
    /// The id of the HTTP request, as it stands in the log.
    pub request_id: Option<String>,
}

impl Actor {
    /// A caller over HTTP.
    pub fn http(name: impl Into<String>, request_id: Option<String>) -> Self {
        Self { name: name.into(), via: Via::Http, request_id }
    }

    /// A user at the command line; without a name plain `cli`. What cannot stand in a table is left out of the name.
    #[must_use]
    pub fn cli(user: Option<&str>) -> Self {
        let fit = |c: &char| !c.is_control();
        let user: String = user.unwrap_or_default().trim().chars().filter(fit).take(LONGEST_USER).collect();
        let name = if user.is_empty() { "cli".to_owned() } else { format!("cli:{user}") };
        Self { name, via: Via::Cli, request_id: None }
    }

    /// The daemon, which follows its configuration.
    #[must_use]
    pub fn config() -> Self {
        Self { name: "config".to_owned(), via: Via::Config, request_id: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_at_the_command_line_is_named_as_far_as_known() {
        let name = |user| Actor::cli(user).name;
        assert_eq!(name(Some("ops")), "cli:ops");
        assert_eq!(name(Some(" o\u{0}p\ns ")), "cli:ops");
        assert_eq!((name(None), name(Some(" "))), ("cli".to_owned(), "cli".to_owned()));
        assert_eq!(name(Some(&"u".repeat(500))).len(), "cli:".len() + LONGEST_USER);
    }
}
