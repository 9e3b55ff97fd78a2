//! The companies a fresh database starts with: the original's four, and the issues of TOPIX Core30. KDDI is both.
//!
//! Three of the four are no longer listed. NTTドコモ (9437) traded last on 2020-12-24. Of ALBERT (3906) only the month
//! is sure, 2022-12, and of テクノプロ (6028) only the year, 2025: their `listed_to` is the last session of that month
//! and year, so that no true bar is missed; sources have none after the true day. Market segments are those of the end
//! of the listing.
//!
//! Core30 is as JPX's list of issues (`data_j`) of 2026-01-31 has it under 規模区分: 31 issues, since ソニーフィナンシャル
//! グループ (8729) had come in by its separation from Sony, listed on 2025-09-29. Codes, names and segments are that list's;
//! names are written out with their legal form. Ids are never given anew: a company that leaves the index stays here.

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
        calendar::{Calendar, Market, real_data::read},
        company::CompanyStatus,
        issues::{same_name, segment},
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
        assert_eq!(companies.len(), 4 + 31 - 1);
    }

    #[test]
    fn every_end_of_a_listing_is_a_session() {
        for company in bundled() {
            assert_eq!(company.status == CompanyStatus::Delisted, company.listed_to.is_some());
            assert!(
                company.listed_to.is_none_or(|day| Calendar::embedded(Market::Tokyo).is_session(day)),
                "{}",
                company.stock_code
            );
        }
    }

    #[test]
    fn ids_follow_one_another_and_those_given_once_stay() {
        let companies = bundled();
        for (n, company) in (1..).zip(&companies) {
            assert_eq!(company.company_id.as_str(), format!("{n:04}"));
        }
        let codes = ["7203", "6758", "8306", "9432", "6861", "9984", "8035", "4063", "9983", "6098", "7974", "8058"];
        assert!(companies[4..].iter().zip(codes).all(|(company, code)| company.stock_code.as_str() == code));
    }

    #[test]
    fn the_index_is_that_of_the_real_list() {
        let Some(list) = read("jpx/data_j.20260131.utf8.csv") else { return };
        let rows: Vec<Vec<&str>> = list.lines().map(|line| line.trim().split(',').collect()).collect();
        let core: Vec<_> = rows.iter().filter(|row| row[9] == "TOPIX Core30").collect();
        assert_eq!(core.len(), 31);
        let companies = bundled();
        for row in core {
            let company = companies.iter().find(|company| company.stock_code.as_str() == row[1]).unwrap();
            assert!(same_name(&company.company_name, row[2]), "{} {}", company.company_name, row[2]);
            assert_eq!(Some(company.listed_market.clone()), segment(Some(row[3])));
        }
    }

    #[test]
    fn the_file_is_written_as_it_would_be_exported() {
        assert_eq!(companies_csv::write(&bundled()), FILE);
    }
}
