//! The data model: what a migrated database says of itself, its page and its document.

mod document;
mod page;
mod schema;
