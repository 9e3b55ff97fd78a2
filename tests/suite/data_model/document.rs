//! `docs/data-model.md` and its drawing, and the command that prints them.

use std::path::Path;

use data_infrastructure::{
    data_model::{diagram, markdown},
    db::{self, Database},
};

use super::schema::migrated;
use crate::{
    daemon::{datainfra, text},
    support::{self, TestStore, on_both_databases},
};

/// With this variable the test writes the files instead of comparing them.
const WRITE: &str = "WRITE_DATA_MODEL";

#[tokio::test]
async fn the_checked_in_data_model_is_that_of_a_fresh_postgresql() {
    let Some(store) = TestStore::postgres().await else { return };
    let (database, model) = migrated(&store).await;
    database.close().await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    for (name, now) in
        [("data-model.md", markdown(&model, "data-model.svg")), ("data-model.svg", diagram(&model, "data-model.md"))]
    {
        let now = now.trim_end_matches('\n').to_owned() + "\n";
        if support::variable(WRITE).is_some() {
            std::fs::write(folder.join(name), &now).unwrap();
        }
        let known = std::fs::read_to_string(folder.join(name)).unwrap_or_default();
        let differs = now.lines().zip(known.lines()).position(|(now, then)| now != then);
        let line = differs.unwrap_or_else(|| now.lines().count().min(known.lines().count())) + 1;
        let renew = format!("{WRITE}=1 cargo test --test suite data_model::document");
        assert!(now == known, "docs/{name} is out of date from line {line} on; renew it by: {renew}");
    }
}

on_both_databases!(the_command_prints_the_document_and_the_drawing, |store: TestStore| async {
    let (database, model) = migrated(&store).await;
    database.close().await;
    let folder = tempfile::tempdir().unwrap();
    let print = |arguments: &[&str]| {
        let output = datainfra(folder.path()).args(arguments).env("DATABASE_URL", &store.url).output().unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    assert_eq!(print(&["data-model"]).trim_end(), markdown(&model, "data-model.svg").trim_end());
    assert_eq!(print(&["data-model", "--format", "svg"]).trim_end(), diagram(&model, "data-model.md").trim_end());
});

on_both_databases!(of_a_database_without_our_tables_it_says_what_to_do, |store: TestStore| async {
    let database = Database::connect(&store.url, 1).await.unwrap();
    db::execute(database.connection(), "CREATE TABLE theirs (id integer)", []).await.unwrap();
    database.close().await;
    let folder = tempfile::tempdir().unwrap();
    let output = datainfra(folder.path()).arg("data-model").env("DATABASE_URL", &store.url).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("datainfra migrate up"), "{}", text(&output.stderr));
    let wrong = datainfra(folder.path()).args(["data-model", "--format", "pdf"]).output().unwrap();
    assert_eq!(wrong.status.code(), Some(2));
    assert!(text(&wrong.stderr).contains("markdown, svg"), "{}", text(&wrong.stderr));
});
