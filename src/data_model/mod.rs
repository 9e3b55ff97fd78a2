//! The data model: what the database says of its own tables, as a document and as a diagram.
//!
//! Everything is read from the database, so nothing can be out of date. What belongs together is told by the owners of
//! the tables; a table that no owner names is somebody else's, and only its name is shown.

mod diagram;
mod fold;
mod links;
mod markdown;
mod model;
pub mod store;

pub use diagram::diagram;
pub use fold::{Folded, folded};
pub use links::{Link, LinkKind, links};
pub use markdown::markdown;
pub use model::{Column, Index, Key, KeyKind, Kind, Model, Partitions, Reference, Section, Table};
