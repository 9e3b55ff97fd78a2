//! The domain's pages, made on the server: no script, nothing from other hosts.

mod badges;
mod company;
mod company_coverage;
mod company_parts;
mod currency;
mod home;
mod home_row;
mod number;
mod quarantine;

pub(super) use company::company;
pub(super) use home::home;
pub(super) use quarantine::quarantine;

/// The style of the domain's own elements; the frame brings the rest.
const STYLE: &str = include_str!("style.css");
