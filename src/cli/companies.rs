//! `companies`: the master as CSV, or as a table for people.

use std::{fmt::Write as _, path::Path};

use super::{args::Action, companies_import, outcome, outcome::Outcome, setup};
use crate::{
    app,
    stock::{calendar::Market, companies_csv, company::Company, master, store::companies},
};

pub async fn companies(path: Option<&Path>, action: Action) -> Result<(), Outcome> {
    let config = setup::load(path)?;
    setup::log_quietly(&config)?;
    // A file that cannot be read is found before the database is touched.
    let given = match &action {
        Action::Import(wanted) => Some(companies_import::read(wanted).await?),
        Action::Export | Action::List => None,
    };
    let database = setup::database(&config).await?;
    let result = match (&action, given) {
        (Action::Import(wanted), Some(file)) => {
            let today = app::system_clock().now().with_timezone(&Market::Tokyo.zone()).date_naive();
            companies_import::import(&database, &file, wanted, today, &setup::actor()).await
        }
        _ => {
            app::seed(&database, &master::bundled()).await?;
            let all = companies::list(database.connection()).await?;
            let text = if matches!(action, Action::Export) { companies_csv::write(&all) } else { table(&all) };
            outcome::print(&text);
            Ok(())
        }
    };
    database.close().await;
    result
}

fn table(companies: &[Company]) -> String {
    let mut text = format!(
        "{:<8} {:<8} {:<7} {:<10} {:<10} {} NAME\n",
        "ID",
        "CODE",
        "COUNTRY",
        "STATUS",
        "LISTED TO",
        padded("MARKET", MARKET)
    );
    for company in companies {
        let to = company.listed_to.map(|day| day.to_string()).unwrap_or_default();
        let _ = writeln!(
            text,
            "{:<8} {:<8} {:<7} {:<10} {to:<10} {} {}",
            company.company_id.as_str(),
            company.stock_code.as_str(),
            company.country_code,
            company.status.as_str(),
            padded(&company.listed_market, MARKET),
            company.company_name
        );
    }
    text
}

/// The width of most segments on a terminal, where a Japanese character takes two places.
const MARKET: usize = 14;

fn padded(text: &str, width: usize) -> String {
    let taken: usize = text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
    format!("{text}{}", " ".repeat(width.saturating_sub(taken)))
}
