//! The domain's routes on both databases: the shapes clients rely on, what bad requests get, and the pages.

mod audit;
mod averages;
mod caching;
mod companies;
mod coverage;
mod export;
mod fixture;
mod golden;
mod long;
mod market;
mod pages;
mod quarantine;
mod reading;
mod refusals;
mod registering;
mod revisions;

pub use fixture::House;
