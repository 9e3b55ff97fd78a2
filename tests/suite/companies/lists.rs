//! Lists applied on both databases.

use data_infrastructure::{
    db::execute,
    stock::{
        bar::Days,
        company::CompanyStatus,
        issues::{Applied, ApplyError, Applying},
        listing::IssueList,
        store::{companies, series},
    },
};
use serde_json::json;

use super::fixture::{Master, applying, list_of};
use crate::{support::on_both_databases, world::day};

const COMPANIES: [(&str, &str, &str); 3] =
    [("0003", "1301", "プライム"), ("X7", "1302", "スタンダード"), ("0009", "1303", "グロース")];

/// Everything a list may change.
async fn traces(master: &Master) -> (Vec<i64>, Vec<data_infrastructure::stock::company::Company>) {
    let mut counts = Vec::new();
    for sql in [
        "SELECT count(*) FROM company_change",
        "SELECT count(*) FROM audit",
        "SELECT count(*) FROM company WHERE upd_ts <> ins_ts",
        "SELECT count(*) FROM company_list WHERE as_of IS NOT NULL",
    ] {
        counts.push(master.count(sql).await);
    }
    (counts, master.all().await)
}

/// One moves to another segment, one has another name, one is gone, two are new.
fn changes() -> IssueList {
    list_of(
        "2024-06-28",
        &[
            ("130A", "新甲", "グロース（内国株式）"),
            ("1302", "改名", "スタンダード（内国株式）"),
            ("1301", "会社1301", "スタンダード（内国株式）"),
            ("25935", "新乙 優先株式", "プライム（内国株式）"),
        ],
    )
}

on_both_databases!(a_list_adds_changes_and_delists_and_ids_stay, |store: TestStore| async {
    let master = Master::new(&store, &COMPANIES).await;
    let applied = master.apply(&changes()).await.unwrap();
    let expected =
        Applied { inserted: 2, updated: 3, delisted: 1, changed_segment: 1, renamed: 1, ..Applied::default() };
    assert_eq!(applied, expected);
    assert_eq!(applied.to_string(), "2 inserted, 3 updated, 0 unchanged\n1 delisted, 1 changed segment, 1 renamed");
    let ids: Vec<_> = master.all().await.iter().map(|c| format!("{} {}", c.company_id, c.stock_code)).collect();
    assert_eq!(ids, ["0003 1301", "0009 1303", "0010 130A", "0011 25935", "X7 1302"]);
    let new = master.find("130A").await;
    let told = (new.company_name.as_str(), new.listed_market.as_str(), new.country_code.as_str(), new.status);
    assert_eq!(told, ("新甲", "グロース", "JP", CompanyStatus::Active));
    let gone = master.find("1303").await;
    assert_eq!((gone.status, gone.listed_to), (CompanyStatus::Delisted, Some(day("2024-06-27"))));
    master.database.close().await;
});

on_both_databases!(each_change_is_dated_and_audited_in_the_name_of_whoever_applied_it, |store: TestStore| async {
    let master = Master::new(&store, &COMPANIES).await;
    master.apply(&changes()).await.unwrap();
    assert_eq!(master.changes("1301").await, ["2024-06-28 segment: プライム → スタンダード (jpx)"]);
    assert_eq!(master.changes("1302").await, ["2024-06-28 name: 会社1302 → 改名 (jpx)"]);
    assert_eq!(master.changes("1303").await, ["2024-06-28 status: active → delisted (jpx)"]);
    assert!(master.changes("130A").await.is_empty(), "a new company has changed nothing");
    let rows = master.audit().await;
    let told: Vec<_> = rows.iter().map(|row| (row.actor.as_str(), row.action.as_str(), row.subject.as_str())).collect();
    let import = |code| ("cli:ops", "company.import", code);
    assert_eq!(told, ["130A", "25935", "1301", "1303", "1302"].map(import));
    assert!(rows.iter().all(|row| row.note == "list of 2024-06-28 by jpx"));
    assert_eq!((&rows[0].before, &rows[0].after.as_ref().unwrap()["companyId"]), (&None, &json!("0010")));
    assert_eq!(rows[3].before, Some(json!({"status": "active", "listedTo": null})));
    assert_eq!(rows[3].after, Some(json!({"status": "delisted", "listedTo": "2024-06-27"})));
    master.database.close().await;
});

on_both_databases!(the_same_list_twice_changes_nothing, |store: TestStore| async {
    let master = Master::new(&store, &COMPANIES).await;
    master.apply(&changes()).await.unwrap();
    let before = traces(&master).await;
    let again = master.apply(&changes()).await.unwrap();
    assert_eq!(again, Applied { unchanged: 4, ..Applied::default() });
    assert_eq!(traces(&master).await, before);
    master.database.close().await;
});

on_both_databases!(one_that_is_listed_again_is_active_again, |store: TestStore| async {
    let master = Master::new(&store, &COMPANIES).await;
    master.apply(&changes()).await.unwrap();
    let mut later = changes();
    later.as_of = day("2024-07-31");
    later.issues.extend(list_of("2024-07-31", &[("1303", "会社1303", "グロース（内国株式）")]).issues);
    let applied = master.apply(&later).await.unwrap();
    assert_eq!((applied.updated, applied.listed_again, applied.unchanged), (1, 1, 4));
    let again = master.find("1303").await;
    assert_eq!((again.status, again.listed_to), (CompanyStatus::Active, None));
    let statuses = ["2024-06-28 status: active → delisted (jpx)", "2024-07-31 status: delisted → active (jpx)"];
    assert_eq!(master.changes("1303").await, statuses);
    master.database.close().await;
});

on_both_databases!(known_companies_only_are_brought_up_to_date_where_that_is_asked_for, |store: TestStore| async {
    let master = Master::new(&store, &COMPANIES).await;
    let list = changes();
    let applied = master.applying(&Applying { only_known: true, ..applying(&list) }).await.unwrap();
    assert_eq!((applied.inserted, applied.updated, applied.left_out), (0, 3, 2));
    assert_eq!(master.all().await.len(), 3);
    assert!(master.audit().await.is_empty(), "nobody asked for it");
    // The list in full afterwards adds what was left out.
    assert_eq!(master.apply(&list).await.unwrap(), Applied { inserted: 2, unchanged: 2, ..Applied::default() });
    master.database.close().await;
});

on_both_databases!(an_older_list_is_refused_unless_it_says_nothing_else, |store: TestStore| async {
    let master = Master::new(&store, &COMPANIES).await;
    master.apply(&changes()).await.unwrap();
    let before = traces(&master).await;
    let old = list_of(
        "2024-05-31",
        &[("1301", "旧名", "プライム（内国株式）"), ("1303", "会社1303", "グロース（内国株式）")],
    );
    let error = master.apply(&old).await.unwrap_err();
    let expected = "the list of 2024-05-31 is older than that of 2024-06-28 (jpx), which was applied already: what it \
                    says otherwise is no longer so";
    assert_eq!(error.to_string(), expected);
    assert_eq!(traces(&master).await, before);
    let same = IssueList { as_of: day("2024-05-31"), ..changes() };
    assert_eq!(master.apply(&same).await.unwrap().unchanged, 4);
    assert_eq!(traces(&master).await, before);
    assert_eq!(master.count("SELECT count(*) FROM company_list WHERE as_of = '2024-06-28'").await, 1);
    master.database.close().await;
});

on_both_databases!(a_list_that_lacks_most_companies_is_a_part_unless_somebody_knows_better, |store: TestStore| async {
    let master = Master::new(&store, &COMPANIES).await;
    let before = traces(&master).await;
    let short = list_of("2024-06-28", &[("1301", "会社1301", "プライム（内国株式）"), ("1400", "新", "-")]);
    let error = master.apply(&short).await.unwrap_err();
    assert!(matches!(error, ApplyError::Truncated { lacking: 2, active: 3 }), "{error}");
    assert_eq!(traces(&master).await, before);
    let part = IssueList { complete: false, ..short.clone() };
    let applied = master.apply(&part).await.unwrap();
    assert_eq!((applied.inserted, applied.delisted), (1, 0), "a part delists nobody");
    let forced = master.applying(&Applying { force: true, ..applying(&short) }).await.unwrap();
    assert_eq!(forced.delisted, 2);
    master.database.close().await;
});

on_both_databases!(a_list_of_a_day_to_come_is_refused, |store: TestStore| async {
    let master = Master::new(&store, &COMPANIES).await;
    let list = IssueList { as_of: day("2026-12-01"), ..changes() };
    let error = master.apply(&list).await.unwrap_err();
    assert_eq!(error.to_string(), "the list is of 2026-12-01, and today is 2026-11-20");
    // A publisher knows the next session's list.
    let monday = IssueList { as_of: day("2026-11-24"), ..list };
    assert!(master.apply(&monday).await.is_ok());
    master.database.close().await;
});

on_both_databases!(companies_that_are_ended_unwatched_or_elsewhere_are_left_alone, |store: TestStore| async {
    let master =
        Master::new(&store, &[("1", "1301", "a"), ("2", "1302", "b"), ("3", "AAPL", "c"), ("4", "1304", "d")]).await;
    for change in [
        "UPDATE company SET status = 'ended', listed_to = '2020-01-06' WHERE stock_code = '1301'",
        "UPDATE company SET status = 'unwatched' WHERE stock_code = '1302'",
        "UPDATE company SET country_code = 'US' WHERE stock_code = 'AAPL'",
    ] {
        execute(master.database.connection(), change, []).await.unwrap();
    }
    let before = master.all().await;
    let applied =
        master.apply(&list_of("2024-06-28", &[("1304", "会社1304", "d"), ("1302", "会社1302", "b")])).await.unwrap();
    assert_eq!(applied, Applied { unchanged: 2, ..Applied::default() });
    assert_eq!(master.all().await, before);
    master.database.close().await;
});

on_both_databases!(stored_bars_tell_how_long_a_company_was_listed, |store: TestStore| async {
    let master = Master::new(&store, &COMPANIES).await;
    let connection = master.database.connection();
    for (code, newest) in [("1301", "2024-07-05"), ("1302", "2024-06-28")] {
        let id = master.find(code).await.company_id;
        let mut series = series::lock(connection, &id).await.unwrap();
        series.newest_date = Some(day(newest));
        series.covered = Some(Days { from: day("2024-01-04"), to: day(newest) });
        series::save(connection, &id, &series).await.unwrap();
    }
    let applied = master.apply(&list_of("2024-06-28", &[("1303", "会社1303", "グロース")])).await.unwrap();
    assert_eq!(applied.delisted, 1);
    assert_eq!(master.find("1301").await.status, CompanyStatus::Active, "it was traded after the list's day");
    assert_eq!(master.find("1302").await.listed_to, Some(day("2024-06-28")));
    master.database.close().await;
});

on_both_databases!(two_lists_at_once_are_applied_one_after_the_other, |store: TestStore| async {
    let master = Master::new(&store, &[]).await;
    let list = changes();
    let (one, other) = tokio::join!(master.apply(&list), master.apply(&list));
    let mut inserted = [one.unwrap().inserted, other.unwrap().inserted];
    inserted.sort_unstable();
    assert_eq!(inserted, [0, 4]);
    master.database.close().await;
});

on_both_databases!(a_company_unwatched_meanwhile_stays_so, |store: TestStore| async {
    let master = Master::new(&store, &COMPANIES).await;
    // Somebody is about to stop watching one when the list comes.
    let unwatching = master.database.begin().await.unwrap();
    let id = master.find("1301").await.company_id;
    companies::set_status(&unwatching, &id, CompanyStatus::Unwatched).await.unwrap();
    let list = changes();
    let (applied, ()) = tokio::join!(master.apply(&list), async {
        tokio::task::yield_now().await;
        unwatching.commit().await.unwrap();
    });
    assert_eq!(applied.unwrap().changed_segment, 1);
    let found = master.find("1301").await;
    assert_eq!((found.status, found.listed_market.as_str()), (CompanyStatus::Unwatched, "スタンダード"));
    master.database.close().await;
});
