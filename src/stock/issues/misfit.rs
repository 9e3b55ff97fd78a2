//! Companies of a file that no run could serve, by the rules of whoever registers one by hand. Pure.
//!
//! A row that says of a company what is stored of it already is let pass, whatever it says: what was exported can be
//! imported again, also where the companies came from somewhere that has other rules.

use std::{collections::HashMap, fmt};

use crate::{
    stock::{
        bar::{CompanyId, StockCode},
        company::{Company, CompanyStatus, code_of_exchange, watchable_country},
    },
    told,
    told::Told,
};

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    pub line: u64,
    /// The name of the column.
    pub column: &'static str,
    pub message: Told,
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, {}: {}", self.line, self.column, self.message)
    }
}

/// Everything wrong with the rows, in their order, given the companies that are stored.
pub(super) fn misfits(rows: &[(u64, Company)], stored: &[Company], only_known: bool) -> Vec<Misfit> {
    let known: HashMap<&CompanyId, &Company> = stored.iter().map(|company| (&company.company_id, company)).collect();
    let given: HashMap<&CompanyId, u64> = rows.iter().map(|(line, company)| (&company.company_id, *line)).collect();
    let mut holders: HashMap<&StockCode, Vec<&Company>> = HashMap::new();
    // A row stands for what is stored under its id.
    let others = stored.iter().filter(|company| !given.contains_key(&company.company_id));
    let rows_that_count = || rows.iter().filter(|(_, row)| !only_known || known.contains_key(&row.company_id));
    for company in others.chain(rows_that_count().map(|(_, company)| company)) {
        holders.entry(&company.stock_code).or_default().push(company);
    }
    let mut misfits = Vec::new();
    for (line, company) in rows_that_count().filter(|(_, row)| !is_settled(row, known.get(&row.company_id).copied())) {
        let mut refuse = |column, message| misfits.push(Misfit { line: *line, column, message });
        if let Err(message) = watchable_country(&company.country_code) {
            refuse("country_code", message);
        }
        if let Err(message) = code_of_exchange(&company.stock_code, &company.country_code) {
            refuse("stock_code", message);
        }
        let holders = holders.get(&company.stock_code).map_or(&[][..], Vec::as_slice);
        if let Some(other) = holders.iter().find(|other| other.company_id != company.company_id) {
            refuse("stock_code", taken(other, given.get(&other.company_id).copied()));
        }
    }
    misfits
}

/// Whether nothing new is asked: nobody watches the company, or it is stored just so.
fn is_settled(row: &Company, stored: Option<&Company>) -> bool {
    row.status == CompanyStatus::Unwatched
        || stored.is_some_and(|stored| {
            stored.status != CompanyStatus::Unwatched
                && stored.stock_code == row.stock_code
                && stored.country_code == row.country_code
        })
}

fn taken(other: &Company, line: Option<u64>) -> Told {
    let Company { stock_code, company_id, country_code, .. } = other;
    let [english, japanese] =
        line.map_or_else(Default::default, |line| [format!(", in line {line}"), format!("（{line} 行目）")]);
    told!(
        "{stock_code} belongs to the company {company_id} of {country_code}{english}; a code names one company only",
        "{stock_code} は {country_code} の会社 {company_id} のコードです{japanese}。一つのコードは一社だけのものです"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn company(id: &str, code: &str, country: &str) -> Company {
        Company {
            company_id: CompanyId::parse(id).unwrap(),
            company_name: "甲".to_owned(),
            stock_code: StockCode::parse(code).unwrap(),
            country_code: country.to_owned(),
            listed_market: "x".to_owned(),
            foundation_date: None,
            longitude: None,
            latitude: None,
            status: CompanyStatus::Active,
            listed_from: None,
            listed_to: None,
        }
    }

    fn unwatched(company: Company) -> Company {
        Company { status: CompanyStatus::Unwatched, ..company }
    }

    fn told(rows: &[Company], stored: &[Company], only_known: bool) -> Vec<String> {
        let rows: Vec<_> = (2..).zip(rows.iter().cloned()).collect();
        misfits(&rows, stored, only_known).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn all_rows_that_nobody_could_watch_are_told_together() {
        let stored = [company("0001", "7203", "JP")];
        let rows = [
            company("9101", "7203", "US"),
            company("9102", "9999", "XX"),
            company("9103", "1B01", "JP"),
            company("9104", "AAPL", "US"),
            company("9105", "aapl", "JP"),
            company("9106", "^NKX", "JP"),
        ];
        let expected = [
            "line 2, stock_code: 7203 belongs to the company 0001 of JP; a code names one company only",
            "line 3, country_code: the trading days of XX are not known; those of JP and US are",
            "line 4, stock_code: 1B01 is no code of Tokyo's exchange, such as 7203, 130A or 25935",
            "line 5, stock_code: AAPL belongs to the company 9105 of JP, in line 6; a code names one company only",
            "line 6, stock_code: AAPL is no code of Tokyo's exchange, such as 7203, 130A or 25935",
            "line 6, stock_code: AAPL belongs to the company 9104 of US, in line 5; a code names one company only",
        ];
        assert_eq!(told(&rows, &stored, false), expected);
        assert!(told(&rows, &stored, true).is_empty(), "none of them is known, so none is touched");
    }

    #[test]
    fn what_is_stored_so_already_passes_but_not_once_it_is_changed() {
        let odd = [company("1", "T1101", "JP"), company("2", "9999", "XX"), company("3", "9999", "US")];
        assert!(told(&odd, &odd, false).is_empty());
        let renamed = Company { company_name: "乙".to_owned(), ..odd[0].clone() };
        assert!(told(&[renamed], &odd, false).is_empty());
        assert_eq!(told(&[company("1", "T1102", "JP")], &odd, false).len(), 1);
        assert_eq!(told(&odd[..1], &[unwatched(odd[0].clone())], false).len(), 1, "watched again it is new");
        assert!(told(&odd.map(unwatched), &[], false).is_empty(), "nobody watches them");
    }

    #[test]
    fn a_code_that_its_company_gives_up_in_the_same_file_is_free() {
        let stored = [company("1", "7203", "JP")];
        assert!(told(&[company("1", "7267", "JP"), company("2", "7203", "JP")], &stored, false).is_empty());
    }
}
