//! The company master: lists of issues applied, from files and by the weekly job, and what becomes of the companies.

mod cli;
mod delisting;
mod fixture;
mod job;
mod lists;
mod real;
