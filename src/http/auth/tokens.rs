//! Bearer tokens: kept as hashes, compared in constant time.

use std::fmt;

use axum::http::{HeaderMap, header};
use sha2::{Digest as _, Sha256};
use subtle::{ConditionallySelectable as _, ConstantTimeEq as _};

use crate::http::settings::{NamedToken, Scope};

/// The tokens that are valid at once. Only their SHA-256 is kept.
pub struct Tokens(Vec<Known>);

/// Whoever sends this token.
pub struct Known {
    pub name: String,
    pub scope: Scope,
    hash: [u8; 32],
}

impl Tokens {
    pub fn new(tokens: Vec<NamedToken>) -> Self {
        let given = tokens.into_iter().filter(|token| !token.token.expose().is_empty());
        let known = |token: NamedToken| Known {
            hash: hash(token.token.expose().as_bytes()),
            name: token.name,
            scope: token.scope,
        };
        Self(given.map(known).collect())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whose token `Authorization: Bearer …` carries.
    pub fn find(&self, headers: &HeaderMap) -> Option<&Known> {
        let presented = hash(headers.get(header::AUTHORIZATION).and_then(|value| bearer(value.as_bytes()))?);
        // Every token is looked at, whichever fits: the time taken says nothing.
        let mut found = 0_u32;
        for (place, known) in (1_u32..).zip(&self.0) {
            found.conditional_assign(&place, known.hash.ct_eq(&presented));
        }
        self.0.get((found as usize).checked_sub(1)?)
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|known| format!("{} ({})", known.name, known.scope.as_str()))).finish()
    }
}

/// The token of a header; the scheme's name has no case (RFC 9110, 11.1).
fn bearer(value: &[u8]) -> Option<&[u8]> {
    let space = value.iter().position(|byte| *byte == b' ')?;
    let (scheme, token) = value.split_at(space);
    scheme.eq_ignore_ascii_case(b"bearer").then(|| token.trim_ascii())
}

fn hash(token: &[u8]) -> [u8; 32] {
    Sha256::digest(token).into()
}
