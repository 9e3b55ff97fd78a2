//! The generic reader of settings: layers of text with provenance, typed getters, every problem at once.
//!
//! It knows no section and no key of ours. Each owner defines its section in its own `settings.rs` as a struct with
//! `read(section: &mut Section) -> Self`; `config` puts the sections together.

mod address;
mod day;
mod document;
mod duration;
mod effective;
mod inputs;
mod lines;
mod nearest;
mod problem;
mod raw;
mod report;
mod secret;
mod section;

pub use address::is_loopback;
pub use day::iso_day;
pub use document::Document;
pub use duration::{format_duration, parse_duration};
pub use effective::{Effective, Entry};
pub use inputs::{Fingerprint, Inputs};
pub use nearest::nearest;
pub use problem::{Place, Problem, Problems, Wrong, shown};
pub use secret::Secret;
pub use section::Section;
