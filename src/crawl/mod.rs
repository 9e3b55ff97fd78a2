//! HOW data comes in: polite HTTP with one pace per source, retries, a breaker, caps on size and
//! time, and one classification per answer. Knows no domain, no source and no company by name.

pub mod answer;
pub mod archive;
pub mod breaker;
pub mod catalogue;
pub mod client;
pub mod failure;
pub mod gate;
pub mod memory_gate;
pub mod observer;
pub mod overview;
pub mod quota;
pub mod raw_answer;
pub mod request;
pub mod retry;
pub mod settings;
pub mod source;
pub mod store;
pub mod subject;

use crate::db::Area;

pub use answer::{Answer, Prospect, Refusal};
pub use archive::{Archive, Recording};
pub use catalogue::{Catalogue, SourceEntry};
pub use client::{ClientError, ClientOptions, PoliteClient};
pub use failure::task_error;
pub use gate::{Cause, Gate, GateError, Pace, Slot};
pub use memory_gate::MemoryGate;
pub use observer::Observer;
pub use raw_answer::RawAnswer;
pub use request::Request;
pub use source::Source;
pub use subject::Subject;

/// Its tables.
pub const AREA: Area = Area {
    title: "Sources",
    about: "What is remembered about each source of data: pace, breaker, and what it answered.",
    tables: &["source_state", "source_outcome", "source_answer"],
};
