//! The domain's routes on both databases: the shapes clients rely on, what bad requests get, and the pages.

mod audit;
mod caching;
mod coverage;
mod fixture;
mod pages;
mod reading;
mod refusals;
mod registering;

pub use fixture::House;
