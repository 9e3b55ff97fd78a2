//! The binary with named tokens, and changes from the command line: each a row in the name of whoever typed it.

use std::path::Path;

use data_infrastructure::{
    audit::{
        Entry, Via,
        store::{AuditFilter, list},
    },
    db::Database,
};
use serde_json::json;

use crate::{
    daemon::{Running, datainfra, text},
    support::{TestStore, on_both_databases},
};

const HEAD: &str = "company_id,company_name,stock_code,country_code,listed_market\n";

/// Runs a command over the database as a user, and gives whether it did its work and what it said.
fn run(folder: &Path, store: &TestStore, user: &[(&str, &str)], arguments: &[&str]) -> (bool, String) {
    let mut command = datainfra(folder);
    command.env("DATABASE_URL", &store.url).env_remove("USER").env_remove("LOGNAME");
    let output = command.envs(user.iter().copied()).args(arguments).output().unwrap();
    (output.status.success(), text(&output.stdout) + &text(&output.stderr))
}

/// The rows, oldest first.
async fn rows(store: &TestStore) -> Vec<Entry> {
    let database = Database::connect(&store.url, 1).await.unwrap();
    let filter = AuditFilter { limit: 500, ..AuditFilter::default() };
    let mut rows = list(database.connection(), &filter).await.unwrap();
    database.close().await;
    rows.reverse();
    assert!(rows.iter().all(|row| row.via == Via::Cli && row.request_id.is_none()), "{rows:#?}");
    rows
}

fn told(rows: &[Entry]) -> Vec<(&str, &str, &str)> {
    rows.iter().map(|row| (row.actor.as_str(), row.action.as_str(), row.subject.as_str())).collect()
}

on_both_databases!(every_change_from_the_command_line_is_a_row, |store: TestStore| async {
    let folder = tempfile::tempdir().unwrap();
    let ops = [("USER", "ops"), ("LOGNAME", "other")];
    let write = |rows: &str| std::fs::write(folder.path().join("c.csv"), format!("{HEAD}{rows}")).unwrap();
    let done = |user: &[(&str, &str)], arguments: &[&str]| {
        let (done, said) = run(folder.path(), &store, user, arguments);
        assert!(done, "{arguments:?}: {said}");
    };
    done(&ops, &["migrate", "up"]);
    done(&ops, &["migrate", "up"]);
    write("0099,新会社,130A,JP,グロース\n");
    done(&ops, &["companies", "import", "c.csv"]);
    done(&ops, &["companies", "import", "c.csv"]);
    write("0099,別名,130A,JP,グロース\n");
    done(&[("LOGNAME", "night")], &["companies", "import", "c.csv"]);
    done(&[], &["run", "stock", "--from", "2020-01-01", "--company", "130A", "--dry-run"]);
    let rows = rows(&store).await;
    assert_eq!(
        told(&rows),
        [
            ("cli:ops", "schema.up", "schema"),
            ("cli:ops", "company.import", "130A"),
            ("cli:night", "company.import", "130A"),
            ("cli", "job.run", "stock"),
        ]
    );
    assert!(rows[0].before.is_none());
    assert_eq!(rows[0].after.as_ref().unwrap()["migrations"][0], "m0001_scheduler");
    assert_eq!((&rows[1].before, &rows[1].after.as_ref().unwrap()["companyName"]), (&None, &json!("新会社")));
    assert_eq!(rows[2].before, Some(json!({"companyName": "新会社"})));
    assert_eq!(rows[2].after, Some(json!({"companyName": "別名"})));
    let run = rows[3].after.as_ref().unwrap();
    assert_eq!((&run["params"]["dryRun"], &run["params"]["companies"]), (&json!(true), &json!(["130A"])));
});

on_both_databases!(a_command_that_is_refused_or_fails_halfway_leaves_no_row, |store: TestStore| async {
    let folder = tempfile::tempdir().unwrap();
    let ops = [("USER", "ops")];
    // The second company has the code of the first: the first goes with it.
    let rows_of_file = "0001,一,1301,JP,プライム\n0002,二,1301,JP,プライム\n";
    std::fs::write(folder.path().join("c.csv"), format!("{HEAD}{rows_of_file}")).unwrap();
    for arguments in [
        &["companies", "import", "c.csv"][..],
        &["companies", "import", "missing.csv"],
        &["run", "weather"],
        &["run", "stock", "--company", "0000"],
    ] {
        let (done, said) = run(folder.path(), &store, &ops, arguments);
        assert!(!done, "{arguments:?}: {said}");
    }
    let (_, listed) = run(folder.path(), &store, &ops, &["companies", "list"]);
    assert!(!listed.contains("1301"), "{listed}");
    let rows = rows(&store).await;
    let schema: Vec<_> = rows.iter().filter(|row| row.action != "schema.up").collect();
    assert!(schema.is_empty(), "{schema:#?}");
});

on_both_databases!(the_schema_going_down_and_made_anew_is_told, |store: TestStore| async {
    let folder = tempfile::tempdir().unwrap();
    let ops = [("USER", "ops")];
    run(folder.path(), &store, &ops, &["migrate", "up"]);
    let (_, status) = run(folder.path(), &store, &ops, &["migrate", "status"]);
    let newest = status.lines().last().unwrap().split_whitespace().last().unwrap().to_owned();
    let (done, said) = run(folder.path(), &store, &ops, &["migrate", "down"]);
    assert!(done && said.contains(&format!("pending  {newest}")), "{said}");
    if newest == "m0007_audit" {
        // The table of the rows went with its migration.
        assert!(said.contains("WARN") && said.contains("the audit itself is gone"), "{said}");
    } else {
        let rows = rows(&store).await;
        assert_eq!(told(&rows[1..]), [("cli:ops", "schema.down", "schema")]);
        assert_eq!((&rows[1].before, &rows[1].after), (&Some(json!({"migrations": [newest]})), &None));
    }
    let (done, said) = run(folder.path(), &store, &ops, &["migrate", "fresh"]);
    assert!(done, "{said}");
    let rows = rows(&store).await;
    assert_eq!(told(&rows), [("cli:ops", "schema.fresh", "schema")], "the first row of a new table");
    assert!(rows[0].after.as_ref().unwrap()["migrations"].as_array().unwrap().contains(&json!(newest)));
    assert!(rows[0].before.as_ref().unwrap()["migrations"].as_array().unwrap().contains(&json!("m0001_scheduler")));
});

/// Tokens as the environment gives them, the one of an old client beside them.
const TOKENS: [(&str, &str); 5] = [
    ("DATAINFRA__SERVER__TOKEN", "old-client"),
    ("DATAINFRA__SERVER__TOKENS__OPS__TOKEN", "ops-0123456789abcdef"),
    ("DATAINFRA__SERVER__TOKENS__OPS__SCOPE", "operate"),
    ("DATAINFRA__SERVER__TOKENS__EYES__TOKEN", "eyes-0123456789abcdef"),
    ("DATAINFRA__SERVER__TOKENS__EYES__SCOPE", "read"),
];

#[tokio::test]
async fn a_daemon_knows_its_tokens_by_name_and_check_masks_them() {
    let folder = tempfile::tempdir().unwrap();
    let mut daemon = Running::serve(folder.path(), &TOKENS);
    daemon.until("/readyz", |status, _| status == 200).await;
    let ask = async |token: &str, line: &str| {
        let head = format!("{line} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\n", daemon.address);
        daemon.send(&format!("{head}Content-Length: 0\r\nConnection: close\r\n\r\n")).await.unwrap()
    };
    assert_eq!(ask("eyes-0123456789abcdef", "POST /jobs/stock/pause").await.0, 403);
    assert_eq!(ask("ops-0123456789abcdef", "POST /jobs/stock/pause").await.0, 200);
    assert_eq!(ask("ops-0123456789abcdef", "DELETE /api/v1/companies/7203").await.0, 403);
    assert_eq!(ask("old-client", "DELETE /api/v1/companies/7203").await.0, 204);
    assert_eq!(ask("ops-0123456789abcdef", "GET /audit").await.0, 403);
    let (status, body) = ask("old-client", "GET /audit").await;
    assert_eq!(status, 200, "{body}");
    let page: serde_json::Value = serde_json::from_str(&body).unwrap();
    let told: Vec<_> = page["items"].as_array().unwrap().iter().map(|row| (&row["actor"], &row["action"])).collect();
    assert_eq!(
        told,
        [(&json!("default"), &json!("company.unwatch")), (&json!("ops"), &json!("job.pause"))],
        "and no row for what the daemon did by itself"
    );
    daemon.signal("-TERM");
    assert_eq!(daemon.exit().await, 0);

    let output = datainfra(folder.path()).arg("check").envs(TOKENS).output().unwrap();
    let printed = text(&output.stdout);
    assert!(output.status.success() && printed.contains("[server.tokens.ops]"), "{printed}");
    assert_eq!(printed.matches("token = \"***\"").count(), 3, "{printed}");
    assert!(!printed.contains("0123456789abcdef") && !printed.contains("old-client"), "{printed}");
}
