//! Where a task or an item stands in the order of what it belongs to.

use std::fmt;

/// The longest key there is.
const LONGEST: usize = 64;

/// A place in the order of planning. It stays what it is whatever becomes of the others, so that a list can go on
/// behind it: written `12:7203`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub position: i32,
    pub key: String,
}

impl Place {
    /// Reads what its `Display` wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (position, key) = text.split_once(':')?;
        let position = position.parse().ok().filter(|position: &i32| *position >= 0)?;
        let fits = !key.is_empty() && key.chars().count() <= LONGEST && !key.chars().any(char::is_control);
        fits.then(|| Self { position, key: key.to_owned() })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.position, self.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back_and_nothing_else_does() {
        for key in ["7203", "a:b", "トヨタ"] {
            let place = Place { position: 12, key: key.to_owned() };
            assert_eq!(Place::parse(&place.to_string()), Some(place));
        }
        for wrong in ["", "12", "12:", "-1:a", "x:a", "1:\0", ":a", "99999999999:a"] {
            assert_eq!(Place::parse(wrong), None, "{wrong:?}");
        }
    }
}
