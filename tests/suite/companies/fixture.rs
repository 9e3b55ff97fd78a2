//! A database with companies, and lists to apply to them.

use chrono::NaiveDate;
use data_infrastructure::{
    audit::{
        Actor, Entry,
        store::{AuditFilter, list},
    },
    db::{self, Database},
    stock::{
        bar::{CompanyId, StockCode},
        calendar::{Calendar, Market},
        company::{Company, CompanyStatus},
        issues::{Applied, ApplyError, Applying, apply},
        listing::{Issue, IssueList},
        store::{companies, listing_changes},
    },
};

use crate::{support::TestStore, world::day};

static TOKYO: Calendar = Calendar::embedded(Market::Tokyo);

pub struct Master {
    pub database: Database,
}

impl Master {
    /// A database with these companies: id, code and segment.
    pub async fn new(store: &TestStore, companies: &[(&str, &str, &str)]) -> Self {
        let database = Database::connect(&store.url, 4).await.unwrap();
        db::migrate_up(&store.url).await.unwrap();
        for (id, code, segment) in companies {
            assert!(companies::insert(database.connection(), &company(id, code, segment)).await.unwrap());
        }
        Self { database }
    }

    /// Applies a list for somebody, to the end or not at all.
    pub async fn apply(&self, list: &IssueList) -> Result<Applied, ApplyError> {
        let actor = Actor::cli(Some("ops"));
        self.applying(&Applying { actor: Some(&actor), ..applying(list) }).await
    }

    pub async fn applying(&self, applying: &Applying<'_>) -> Result<Applied, ApplyError> {
        let transaction = self.database.begin().await.unwrap();
        let applied = apply(&transaction, applying).await?;
        transaction.commit().await.unwrap();
        Ok(applied)
    }

    pub async fn find(&self, code: &str) -> Company {
        let code = StockCode::parse(code).unwrap();
        companies::find_by_code(self.database.connection(), &code).await.unwrap().unwrap()
    }

    pub async fn all(&self) -> Vec<Company> {
        companies::list(self.database.connection()).await.unwrap()
    }

    /// The changes of a company in words, oldest first.
    pub async fn changes(&self, code: &str) -> Vec<String> {
        let id = self.find(code).await.company_id;
        let changes = listing_changes::list(self.database.connection(), &id).await.unwrap();
        let told = changes.iter().map(|change| {
            format!(
                "{} {}: {} → {} ({})",
                change.changed_on,
                change.what.as_str(),
                change.old,
                change.new,
                change.source
            )
        });
        told.collect()
    }

    pub async fn count(&self, sql: &str) -> i64 {
        let row = db::one(self.database.connection(), sql, []).await.unwrap().unwrap();
        row.try_get_by_index(0).unwrap()
    }

    /// The audit's rows, oldest first.
    pub async fn audit(&self) -> Vec<Entry> {
        let filter = AuditFilter { limit: 500, ..AuditFilter::default() };
        let mut rows = list(self.database.connection(), &filter).await.unwrap();
        rows.reverse();
        rows
    }
}

/// By nobody, on a day long after every list.
pub fn applying(list: &IssueList) -> Applying<'_> {
    let today = day("2026-11-20");
    Applying { calendar: &TOKYO, list, only_known: false, force: false, today, actor: None }
}

pub fn company(id: &str, code: &str, segment: &str) -> Company {
    Company {
        company_id: CompanyId::parse(id).unwrap(),
        company_name: format!("会社{code}"),
        stock_code: StockCode::parse(code).unwrap(),
        country_code: "JP".into(),
        listed_market: segment.into(),
        foundation_date: None,
        longitude: None,
        latitude: None,
        status: CompanyStatus::Active,
        listed_from: None,
        listed_to: None,
    }
}

/// A complete list of issues, each with code, name and segment.
pub fn list_of(as_of: &str, issues: &[(&str, &str, &str)]) -> IssueList {
    let issue = |(code, name, segment): &(&str, &str, &str)| Issue {
        code: StockCode::parse(code).unwrap(),
        name: (*name).to_owned(),
        segment: Some((*segment).to_owned()),
    };
    let as_of: NaiveDate = day(as_of);
    IssueList { source: "jpx", as_of, complete: true, issues: issues.iter().map(issue).collect() }
}
