//! Bearer tokens: kept as hashes, compared in constant time.

use std::fmt;

use axum::http::{HeaderMap, header};
use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq as _};

/// The tokens that are valid at once. Only their SHA-256 is kept.
pub struct Tokens(Vec<[u8; 32]>);

impl Tokens {
    pub fn new(tokens: Vec<String>) -> Self {
        Self(tokens.iter().filter(|token| !token.is_empty()).map(|token| hash(token.as_bytes())).collect())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `Authorization: Bearer …` carries one of them.
    pub fn accept(&self, headers: &HeaderMap) -> bool {
        let Some(presented) = headers.get(header::AUTHORIZATION).and_then(|value| bearer(value.as_bytes())) else {
            return false;
        };
        let presented = hash(presented);
        // Every token is looked at, whichever fits: the time taken says nothing.
        let found = self.0.iter().fold(Choice::from(0), |found, token| found | token.ct_eq(&presented));
        found.into()
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tokens({})", self.0.len())
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
