//! `[archive]`: how long, and how much, of what sources answered is kept.

use std::fmt;
use std::time::Duration;

use crate::settings::{Section, Wrong, shown};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArchiveSettings {
    /// Zero: nothing is kept.
    pub keep: Duration,
    /// Of all compressed bodies together.
    pub max_bytes: ByteSize,
}

impl ArchiveSettings {
    /// Reads `[archive]`.
    pub fn read(section: &mut Section) -> Self {
        Self {
            keep: section.duration(
                "keep",
                Duration::from_hours(14 * 24),
                Duration::ZERO..=Duration::from_hours(3660 * 24),
            ),
            max_bytes: section.parsed("max_bytes", ByteSize(512_000_000), ByteSize::parse),
        }
    }
}

/// A number of bytes as people write it: `512MB`, `2GiB`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteSize(pub u64);

/// Units and their length, those that divide evenly and are longest first.
const UNITS: [(&str, u64); 7] = [
    ("GB", 1_000_000_000),
    ("GiB", 1 << 30),
    ("MB", 1_000_000),
    ("MiB", 1 << 20),
    ("kB", 1000),
    ("KiB", 1 << 10),
    ("B", 1),
];

/// What a body may have at most fits, and a sum over the table does.
const RANGE: std::ops::RangeInclusive<u64> = 1_000_000..=1_000_000_000_000;

impl ByteSize {
    /// A whole number with a unit, 1MB to 1000GB.
    ///
    /// # Errors
    /// When the number or the unit is missing or unknown, or the size is out of range.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let right =
            "write a whole number with the unit B, kB, MB, GB, KiB, MiB or GiB, 1MB to 1000GB, such as \"512MB\"";
        let trimmed = text.trim();
        let (number, unit) = trimmed.split_at(trimmed.find(|c: char| !c.is_ascii_digit()).unwrap_or(trimmed.len()));
        let length = UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit.trim())).map(|(_, length)| *length);
        let bytes = number.parse::<u64>().ok().zip(length).and_then(|(number, length)| number.checked_mul(length));
        match bytes {
            Some(bytes) if RANGE.contains(&bytes) => Ok(Self(bytes)),
            Some(_) => Err(Wrong::new(format!("{} is out of range", shown(text)), right)),
            None => Err(Wrong::new(format!("{} is no size", shown(text)), right)),
        }
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fits = UNITS.iter().find(|(_, length)| self.0.is_multiple_of(*length));
        fits.map_or(Ok(()), |(unit, length)| write!(f, "{}{unit}", self.0 / length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_numbers_with_units_and_read_back() {
        for (text, bytes) in [
            ("512MB", 512_000_000),
            ("2 GiB", 2 << 30),
            ("1000000B", 1_000_000),
            ("2048KiB", 2 << 20),
            ("5mb", 5_000_000),
        ] {
            let size = ByteSize::parse(text).unwrap();
            assert_eq!(size, ByteSize(bytes), "{text}");
            assert_eq!(ByteSize::parse(&size.to_string()).unwrap(), size, "{size}");
        }
        assert_eq!(ByteSize(512_000_000).to_string(), "512MB");
    }

    #[test]
    fn anything_else_is_refused_with_an_example() {
        for text in ["", "512", "MB", "-1MB", "1.5GB", "1 TB", "999kB", "2000GB", "99999999999999999999GB", "5 MB x"] {
            assert!(ByteSize::parse(text).unwrap_err().right.contains("512MB"), "{text}");
        }
    }
}
