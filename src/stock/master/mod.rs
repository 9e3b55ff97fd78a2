//! The companies a fresh database starts with: the original's four, and a dozen large ones of Tokyo's Prime market.
//!
//! Three of the four are no longer listed. NTTドコモ (9437) traded last on 2020-12-24. Of ALBERT (3906) only the month
//! is sure, 2022-12, and of テクノプロ (6028) only the year, 2025: their `listed_to` is the last session of that month
//! and year, so that no true bar is missed; sources have none after the true day. Market segments are those of the end
//! of the listing.

use super::{companies_csv, company::Company};

/// In the form `datainfra companies import` reads.
const FILE: &str = include_str!("companies.csv");

/// The bundled companies, by id.
#[must_use]
#[expect(clippy::expect_used, reason = "the file is part of the program, and a test reads it")]
pub fn bundled() -> Vec<Company> {
    companies_csv::read(FILE.as_bytes()).expect("the bundled companies")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stock::{
        calendar::{Market, is_session},
        company::CompanyStatus,
    };

    #[test]
    fn the_originals_four_keep_their_ids_and_the_delisted_are_marked() {
        let companies = bundled();
        let four: Vec<_> = companies[..4]
            .iter()
            .map(|c| (c.company_id.as_str(), c.stock_code.as_str(), c.status == CompanyStatus::Delisted))
            .collect();
        assert_eq!(
            four,
            [("0001", "6028", true), ("0002", "3906", true), ("0003", "9433", false), ("0004", "9437", true)]
        );
        assert_eq!(companies.len(), 16);
    }

    #[test]
    fn every_end_of_a_listing_is_a_session() {
        for company in bundled() {
            assert_eq!(company.status == CompanyStatus::Delisted, company.listed_to.is_some());
            assert!(company.listed_to.is_none_or(|day| is_session(Market::Tokyo, day)), "{}", company.stock_code);
        }
    }

    #[test]
    fn the_file_is_written_as_it_would_be_exported() {
        assert_eq!(companies_csv::write(&bundled()), FILE);
    }
}
