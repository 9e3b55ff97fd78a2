//! `companies`: the master as CSV, or as a table for people.

use std::{fmt::Write as _, path::Path};

use anyhow::Context as _;

use super::{args::Action, outcome, outcome::Outcome, setup};
use crate::{
    app,
    audit::Actor,
    db::Database,
    stock::{
        companies_csv,
        company::Company,
        master,
        store::{
            companies::{self, Upserted},
            company_changes::{self, CompanyAction},
        },
    },
};

pub async fn companies(path: Option<&Path>, action: Action) -> Result<(), Outcome> {
    let config = setup::load(path)?;
    setup::log_quietly(&config)?;
    // A file that cannot be read is found before the database is touched.
    let given = match &action {
        Action::Import { file } => Some(read(file)?),
        Action::Export | Action::List => None,
    };
    let database = setup::database(&config).await?;
    let result = match (action, given) {
        (Action::Import { .. }, given) => import(&database, &given.unwrap_or_default(), &setup::actor()).await,
        (action, _) => {
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

fn read(file: &Path) -> Result<Vec<Company>, Outcome> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    companies_csv::read(&bytes).map_err(|problems| {
        let lines: Vec<String> = problems.iter().map(|problem| format!("{}: {problem}", file.display())).collect();
        Outcome::Failed(format!("nothing imported\n{}", lines.join("\n")))
    })
}

async fn import(database: &Database, given: &[Company], actor: &Actor) -> Result<(), Outcome> {
    let transaction = database.begin().await?;
    let (mut inserted, mut updated, mut unchanged) = (0, 0, 0);
    for company in given {
        let before = companies::find_by_id(&transaction, &company.company_id).await?;
        match companies::upsert(&transaction, company)
            .await
            .with_context(|| format!("company {}", company.company_id))?
        {
            Upserted::Inserted => inserted += 1,
            Upserted::Updated => updated += 1,
            Upserted::Unchanged => {
                unchanged += 1;
                continue;
            }
        }
        company_changes::record(&transaction, actor, CompanyAction::Import, before.as_ref(), company).await?;
    }
    transaction.commit().await?;
    outcome::print(&format!("{inserted} inserted, {updated} updated, {unchanged} unchanged"));
    Ok(())
}

fn table(companies: &[Company]) -> String {
    let mut text = format!("{:<8} {:<8} {:<7} {:<10} {:<10} NAME\n", "ID", "CODE", "COUNTRY", "STATUS", "LISTED TO");
    for company in companies {
        let to = company.listed_to.map(|day| day.to_string()).unwrap_or_default();
        let _ = writeln!(
            text,
            "{:<8} {:<8} {:<7} {:<10} {to:<10} {}",
            company.company_id.as_str(),
            company.stock_code.as_str(),
            company.country_code,
            company.status.as_str(),
            company.company_name
        );
    }
    text
}
