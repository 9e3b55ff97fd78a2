//! The domain's routes on both databases: the shapes clients rely on, what bad requests get, and the pages.

mod audit;
mod bad_input;
mod caching;
mod coverage;
mod fixture;
mod pages;
mod quarantine;
mod reading;
mod refusals;
mod registering;
mod revisions;

pub use fixture::House;
