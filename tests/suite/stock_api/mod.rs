//! The domain's routes on both databases: the shapes clients rely on, what bad requests get, and the pages.

mod audit;
mod caching;
mod coverage;
mod fixture;
#[cfg(feature = "arrow")]
mod formats;
mod pages;
mod quarantine;
mod reading;
mod refusals;
mod registering;
mod revisions;

pub use fixture::House;
