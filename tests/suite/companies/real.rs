//! JPX's real lists, which stand beside the repository.

use std::collections::BTreeMap;

use data_infrastructure::stock::{
    companies_files::{self, Content},
    company::CompanyStatus,
    issues::{Applied, Applying},
    listing::IssueList,
    master,
    store::companies,
};

use super::fixture::{Master, applying};
use crate::support::{self, on_both_databases};

const OLD: &str = "data_j.20240628.utf8bom.csv";
const NEW: &str = "data_j.20260131.utf8.csv";

/// None when the file is not there.
fn list(name: &str) -> Option<IssueList> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/jpx/");
    let Ok(bytes) = std::fs::read(format!("{folder}{name}")) else {
        support::not_run("test on real data", "the data folder is not there");
        return None;
    };
    match companies_files::read(&bytes, None).unwrap().content {
        Content::Issues(list) => Some(list),
        Content::Companies(_) => panic!("{name} is a list"),
    }
}

async fn ids(master: &Master) -> BTreeMap<String, String> {
    master.all().await.iter().map(|c| (c.stock_code.to_string(), c.company_id.to_string())).collect()
}

on_both_databases!(from_one_real_list_to_the_next_the_differences_are_what_they_are, |store: TestStore| async {
    let (Some(old), Some(new)) = (list(OLD), list(NEW)) else { return };
    let master = Master::new(&store, &[]).await;
    assert_eq!(master.apply(&old).await.unwrap(), Applied { inserted: 4371, ..Applied::default() });
    let first = ids(&master).await;
    assert_eq!((first["1301"].as_str(), first["9997"].as_str()), ("0001", "4371"));
    assert_eq!(master.find("9433").await.listed_market, "プライム");

    // Counted by another program over the same files: 269 codes are new, 205 gone, 48 segments and 125 names differ.
    let applied = master.apply(&new).await.unwrap();
    let counts = (applied.inserted, applied.delisted, applied.changed_segment, applied.renamed);
    assert_eq!(counts, (269, 205, 48, 125));
    assert_eq!(applied.unchanged + applied.updated, 4371);
    let second = ids(&master).await;
    assert!(first.iter().all(|(code, id)| second[code] == *id), "ids are stable");
    assert_eq!(second.len(), 4371 + 269);
    let changed = master.count("SELECT count(*) FROM company_change WHERE changed_on = '2026-01-31'").await;
    assert_eq!(changed, 205 + 48 + 125);
    let delisted = "SELECT count(*) FROM company WHERE status = 'delisted' AND listed_to = '2026-01-30'";
    assert_eq!(master.count(delisted).await, 205);
    assert_eq!(master.find("6028").await.status, CompanyStatus::Delisted);

    let again = master.apply(&new).await.unwrap();
    assert_eq!(again, Applied { unchanged: 4435, ..Applied::default() });
    assert!(master.apply(&old).await.is_err(), "the older one undoes nothing");
    assert_eq!(ids(&master).await, second);
    assert_eq!(master.count("SELECT count(*) FROM company_change").await, changed);
    master.database.close().await;
});

on_both_databases!(the_bundled_companies_are_as_the_newest_list_has_them, |store: TestStore| async {
    let Some(new) = list(NEW) else { return };
    let master = Master::new(&store, &[]).await;
    companies::insert_all(master.database.connection(), &master::bundled()).await.unwrap();
    let before = master.all().await;
    let only_known = |list| Applying { only_known: true, ..applying(list) };
    let applied = master.applying(&only_known(&new)).await.unwrap();
    assert_eq!((applied.updated, applied.unchanged, applied.left_out), (0, 31, 4404));
    assert_eq!(master.all().await, before);
    master.database.close().await;
});

on_both_databases!(
    a_list_of_long_ago_does_not_end_what_began_later_nor_revive_what_ended_later,
    |store: TestStore| async {
        let Some(old) = list(OLD) else { return };
        let master = Master::new(&store, &[]).await;
        companies::insert_all(master.database.connection(), &master::bundled()).await.unwrap();
        let applied = master.applying(&Applying { only_known: true, ..applying(&old) }).await.unwrap();
        assert_eq!(applied.changes(), "1 renamed");
        assert_eq!(master.changes("9432").await, ["2024-06-28 name: NTT株式会社 → 日本電信電話 (jpx)"]);
        assert_eq!(master.find("8729").await.status, CompanyStatus::Active, "listed on 2025-09-29");
        assert_eq!(master.find("6028").await.status, CompanyStatus::Delisted, "until 2025-12-30");
        master.database.close().await;
    }
);
