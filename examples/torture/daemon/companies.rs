//! The companies that the daemons load: some of the sample market.

use data_infrastructure::stock::{
    bar::{CompanyId, StockCode},
    company::{Company, CompanyStatus},
    sample,
};

/// Ordinary ones and one that splits (1104).
pub const CODES: [&str; 5] = ["1101", "1102", "1103", "1104", "1106"];

/// As an empty database gets them.
pub fn master() -> anyhow::Result<Vec<Company>> {
    let chosen = sample::companies().into_iter().filter(|company| CODES.contains(&company.stock_code));
    chosen
        .map(|company| {
            Ok(Company {
                company_id: CompanyId::parse(&company.company_id)?,
                company_name: company.company_name.to_owned(),
                stock_code: StockCode::parse(company.stock_code)?,
                country_code: company.country_code.to_owned(),
                listed_market: company.listed_market.to_owned(),
                foundation_date: None,
                longitude: None,
                latitude: None,
                status: CompanyStatus::Active,
                listed_from: company.listed_from,
                listed_to: company.listed_to,
            })
        })
        .collect()
}
