//! The companies a database starts with.

use crate::{
    db::{Database, DbError},
    stock::{
        api::{SampleNote, Samples},
        bar::{CompanyId, StockCode},
        company::{Company, CompanyStatus},
        sample::{SampleCompany, companies as sample_companies},
        store::companies,
    },
};

/// Fills an empty company table; one that has companies is left alone. Gives how many were added.
///
/// # Errors
/// What the database says.
pub async fn seed(database: &Database, master: &[Company]) -> Result<usize, DbError> {
    let transaction = database.begin().await?;
    if !companies::list(&transaction).await?.is_empty() {
        return Ok(0);
    }
    let mut added = 0;
    for company in master {
        // Another replica may fill the table at the same moment.
        added += usize::from(companies::insert(&transaction, company).await?);
    }
    transaction.commit().await?;
    Ok(added)
}

/// The companies of the sample market.
///
/// # Errors
/// When one of them is not well formed, which a test excludes.
pub fn sample() -> anyhow::Result<Vec<Company>> {
    sample_companies().into_iter().map(company).collect()
}

/// What has to be said of each of them wherever it is shown.
///
/// # Errors
/// As [`sample`].
pub fn sample_notes() -> anyhow::Result<Samples> {
    let companies = sample()?;
    Ok(companies
        .into_iter()
        .map(|company| {
            let simulated = company.country_code == "JP";
            let licence_note = if simulated {
                "simulated data: free to use, and nothing to rely on"
            } else {
                "Quandl WIKI Prices, public domain, by way of bokeh_sampledata"
            };
            (company.company_id, SampleNote { simulated, licence_note: licence_note.to_owned() })
        })
        .collect())
}

fn company(sample: SampleCompany) -> anyhow::Result<Company> {
    Ok(Company {
        company_id: CompanyId::parse(&sample.company_id)?,
        company_name: sample.company_name.to_owned(),
        stock_code: StockCode::parse(sample.stock_code)?,
        country_code: sample.country_code.to_owned(),
        listed_market: sample.listed_market.to_owned(),
        foundation_date: sample.foundation_date.map(|day| day.and_time(chrono::NaiveTime::MIN)),
        longitude: sample.longitude,
        latitude: sample.latitude,
        status: CompanyStatus::parse(sample.status).unwrap_or(CompanyStatus::Active),
        listed_from: sample.listed_from,
        listed_to: sample.listed_to,
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_sample_company_is_well_formed() {
        assert!(super::sample().unwrap().len() >= 13);
    }
}
