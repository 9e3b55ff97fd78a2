//! The domain's routes on both databases: the shapes clients rely on, what bad requests get, and the pages.

mod audit;
mod averages;
mod bad_input;
mod caching;
mod companies;
mod coverage;
mod export;
mod fixture;
#[cfg(feature = "arrow")]
mod formats;
mod golden;
mod indicators;
mod long;
mod market;
mod pages;
mod quarantine;
mod reading;
mod reference;
mod refusals;
mod registering;
mod revisions;
mod timeseries;

pub use fixture::House;
