//! What has to be known of a company at a glance: simulated, no longer listed, ended, not watched.

use chrono::NaiveDate;
use maud::{Markup, html};

use crate::stock::company::CompanyStatus;

pub(super) fn badges(simulated: bool, status: CompanyStatus, listed_to: Option<NaiveDate>) -> Markup {
    let word = match status {
        CompanyStatus::Active => None,
        CompanyStatus::Delisted => Some("delisted"),
        CompanyStatus::Ended => Some("ended"),
        CompanyStatus::Unwatched => Some("not watched"),
    };
    let until = listed_to.filter(|_| status != CompanyStatus::Unwatched);
    html! {
        @if simulated { span class="badge simulated" { "simulated" } }
        @if let Some(word) = word {
            span class="badge" { (word) @if let Some(day) = until { " " (day) } }
        }
    }
}
