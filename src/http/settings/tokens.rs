//! `[server.tokens.NAME]`: tokens beside `server.token`, each with what it may do.

use crate::settings::{Secret, Section, Wrong, shown};

/// The name under which `server.token` acts.
pub const DEFAULT_TOKEN: &str = "default";
/// The name under which a caller acts where no token is configured.
pub const LOCAL: &str = "local";

const LONGEST_NAME: usize = 64;
/// The fewest characters of a token: with letters and digits alone they make 95 bits.
pub(super) const SHORTEST_TOKEN: usize = 16;

/// What a token may do; each scope includes the ones before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Reads, where reads are protected.
    Read,
    /// Runs, cancels, retries, pauses and resumes.
    Operate,
    /// Changes data and configuration.
    Admin,
}

impl Scope {
    pub const ALL: [Self; 3] = [Self::Read, Self::Operate, Self::Admin];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Operate => "operate",
            Self::Admin => "admin",
        }
    }
}

/// A token with the name it acts under.
#[derive(Clone, Debug)]
pub struct NamedToken {
    pub name: String,
    pub token: Secret,
    pub scope: Scope,
}

impl NamedToken {
    pub fn new(name: impl Into<String>, token: Secret, scope: Scope) -> Self {
        Self { name: name.into(), token, scope }
    }
}

/// Reads `[server.tokens]`. `default` is `server.token`.
pub(super) fn read(section: &mut Section, default: Option<&Secret>, default_is_given: bool) -> Vec<NamedToken> {
    let mut tokens: Vec<NamedToken> = Vec::new();
    for name in section.names() {
        if let Err(wrong) = judge_name(&name, default_is_given) {
            section.refuse(&name, wrong);
        }
        let mut own = section.table(&name);
        let scope = own.required_choice("scope", &Scope::ALL, Scope::as_str);
        let token = read_token(&mut own);
        if let Some(token) = &token
            && let Some(other) = bearer_of(token, default, &tokens)
        {
            let key = if own.gives_secret_itself("token") { "token" } else { "token_file" };
            own.refuse(key, Wrong::new(format!("{other} is the same token"), "give each name a token of its own"));
        }
        if let (Some(token), Some(scope)) = (token, scope) {
            tokens.push(NamedToken { name, token, scope });
        }
    }
    tokens
}

fn read_token(own: &mut Section) -> Option<Secret> {
    let token = own.long_secret("token", SHORTEST_TOKEN);
    // A token that was given and refused is told as such.
    if token.is_none() && !own.gives_secret("token") {
        own.refuse_missing(
            "token",
            format!("write one of {SHORTEST_TOKEN} or more characters, or name a file that holds it with token_file"),
        );
    }
    token
}

fn judge_name(name: &str, default_is_given: bool) -> Result<(), Wrong> {
    let fit = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if name.is_empty() || name.len() > LONGEST_NAME || !name.bytes().all(fit) {
        let right = format!("write 1 to {LONGEST_NAME} ASCII letters, digits, - and _");
        return Err(Wrong::new(format!("{} is no name of a token", shown(name)), right));
    }
    if name == LOCAL {
        return Err(Wrong::new("whoever comes without a token is named local", "give the token another name"));
    }
    if name == DEFAULT_TOKEN && default_is_given {
        return Err(Wrong::new(
            "server.token has this name already",
            "give it another name, or leave server.token out",
        ));
    }
    Ok(())
}

/// Where the same token stands already. Both come from the configuration: nobody can measure this comparison.
fn bearer_of(token: &Secret, default: Option<&Secret>, others: &[NamedToken]) -> Option<String> {
    let same = |other: &Secret| other.expose() == token.expose();
    if default.is_some_and(same) {
        return Some("server.token".to_owned());
    }
    others.iter().find(|other| same(&other.token)).map(|other| format!("server.tokens.{}", other.name))
}
