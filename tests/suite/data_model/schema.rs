//! What is read of the schema, and that both databases say the same.

use std::collections::BTreeMap;

use data_infrastructure::{
    app,
    data_model::{Kind, Model, Table, store},
    db::{self, Database},
};

use crate::support::{TestStore, on_both_databases};

/// sea-orm's own, which has its comments from us where a comment can be added.
const MIGRATIONS: &str = "seaql_migrations";

/// SQLite cannot say a comment anew, nor one of a view's column that is no table's: there it stands as it was first said.
const SAID_ANEW: [(&str, &str); 2] = [("stockprice_revision", "kind"), ("stockprice_ma", "ma_value")];

/// On SQLite the array of this table is so many columns, `v1` to `v64`.
const ARRAY: (&str, &str) = ("stockprice_indicator", "v");

pub async fn migrated(store: &TestStore) -> (Database, Model) {
    let database = Database::connect(&store.url, 2).await.unwrap();
    db::migrate_up(&store.url).await.unwrap();
    let model = store::read(database.connection(), &app::areas()).await.unwrap();
    (database, model)
}

fn find<'a>(model: &'a Model, name: &str) -> &'a Table {
    model.tables().find(|table| table.name == name).unwrap_or_else(|| panic!("there is no {name}"))
}

on_both_databases!(every_table_has_an_area_and_with_each_of_its_columns_a_comment, |store: TestStore| async {
    let (database, model) = migrated(&store).await;
    assert_eq!(model.others, Vec::<String>::new(), "a table stands in no area: name it in the AREA of its owner");
    let named: Vec<_> = app::areas().iter().flat_map(|area| area.tables.iter().copied()).collect();
    let shown: Vec<_> = model.tables().map(|table| table.name.as_str()).collect();
    assert_eq!(shown, named, "an area names a table that is not there, or one twice");
    for table in model.tables().filter(|table| table.name != MIGRATIONS || model.database == "PostgreSQL") {
        assert!(table.comment.is_some(), "{} has no comment", table.name);
        // A view's column has that of the column it comes from; what a view computes has none.
        for column in table.columns.iter().filter(|_| table.kind == Kind::Table) {
            assert!(column.comment.is_some(), "{}.{} has no comment", table.name, column.name);
        }
    }
    database.close().await;
});

on_both_databases!(keys_indexes_and_definitions_are_told_as_sql, |store: TestStore| async {
    let (database, model) = migrated(&store).await;
    let definitions = |name: &str| find(&model, name).keys.iter().map(|key| key.definition.clone()).collect::<Vec<_>>();
    assert_eq!(definitions("company"), ["PRIMARY KEY (company_id)", "UNIQUE (stock_code, country_code)"]);
    assert_eq!(
        definitions("task"),
        ["PRIMARY KEY (run_id, key)", "FOREIGN KEY (run_id) REFERENCES run(id) ON DELETE CASCADE"]
    );
    let indexes: Vec<_> = find(&model, "run").indexes.iter().map(|index| index.name.as_str()).collect();
    for name in ["run_job_created", "run_live", "run_queue"] {
        assert!(indexes.contains(&name), "{indexes:?}");
    }
    let live = find(&model, "run").indexes.iter().find(|index| index.name == "run_live").unwrap();
    assert!(live.definition.contains("CREATE INDEX run_live ON run") && live.definition.contains("queued"), "{live:?}");
    let averages = find(&model, "stockprice_ma");
    assert_eq!(averages.kind, Kind::View);
    assert!(averages.definition.as_ref().unwrap().contains("stockprice_indicator"), "{averages:?}");
    let handed_on = averages.columns.iter().find(|column| column.name == "ma_type").unwrap();
    assert!(handed_on.comment.as_ref().unwrap().starts_with("移動平均の計算条件"), "{handed_on:?}");
    let paused = find(&model, "job_state").columns.iter().find(|column| column.name == "paused").unwrap();
    assert_eq!((paused.nullable, paused.default.as_deref()), (false, Some("false")));
    database.close().await;
});

#[tokio::test]
async fn both_databases_have_the_same_tables_columns_keys_and_comments() {
    let Some(postgres) = TestStore::postgres().await else { return };
    let sqlite = TestStore::sqlite();
    let ((one, postgres), (other, sqlite)) = (migrated(&postgres).await, migrated(&sqlite).await);
    assert_eq!((postgres.database, sqlite.database), ("PostgreSQL", "SQLite"));
    assert_eq!(postgres.count(), sqlite.count());
    for table in postgres.tables().filter(|table| table.name != MIGRATIONS) {
        let twin = find(&sqlite, &table.name);
        assert_eq!((table.kind, &table.comment), (twin.kind, &twin.comment), "{}", table.name);
        assert_eq!(columns(table), columns(twin), "{}", table.name);
        let keys = |table: &Table| {
            // PostgreSQL quotes names that SQL has, too.
            let mut keys: Vec<_> = table.keys.iter().map(|key| key.definition.replace('"', "")).collect();
            keys.sort();
            keys
        };
        assert_eq!(keys(table), keys(twin), "{}", table.name);
        let indexes = |table: &Table| table.indexes.iter().map(|index| index.name.clone()).collect::<Vec<_>>();
        assert_eq!(indexes(table), indexes(twin), "{}", table.name);
    }
    one.close().await;
    other.close().await;
}

/// Nullability and comment of each column, where both databases can say the same.
fn columns(table: &Table) -> BTreeMap<String, (bool, String)> {
    let told = table.columns.iter().map(|column| {
        let is_of_array = table.name == ARRAY.0 && column.name.trim_end_matches(char::is_numeric) == ARRAY.1;
        if is_of_array {
            return (ARRAY.1.to_owned(), (false, column.comment.clone().unwrap()));
        }
        let said_anew = SAID_ANEW.contains(&(&table.name, &column.name));
        let comment = column.comment.clone().filter(|_| !said_anew).unwrap_or_default();
        (column.name.clone(), (column.nullable, comment))
    });
    told.collect()
}

on_both_databases!(a_table_of_somebody_else_in_the_same_schema_is_only_named, |store: TestStore| async {
    let (database, before) = migrated(&store).await;
    let sql = "CREATE TABLE prediction (id integer PRIMARY KEY, secret text)";
    db::execute(database.connection(), sql, []).await.unwrap();
    let model = store::read(database.connection(), &app::areas()).await.unwrap();
    assert_eq!((model.count(), model.others), (before.count(), vec!["prediction".to_owned()]));
    database.close().await;
});

#[tokio::test]
async fn partitions_are_counted_under_their_table_and_tables_of_other_schemas_are_not_ours() {
    let Some(store) = TestStore::postgres().await else { return };
    let (database, _) = migrated(&store).await;
    for sql in [
        "DROP TABLE fx_rate",
        "CREATE TABLE fx_rate (currency text NOT NULL, date date NOT NULL, PRIMARY KEY (currency, date), \
         CHECK (currency <> '')) PARTITION BY RANGE (date)",
        "CREATE TABLE fx_rate_old PARTITION OF fx_rate FOR VALUES FROM (MINVALUE) TO ('2020-01-01')",
        "CREATE TABLE fx_rate_new PARTITION OF fx_rate FOR VALUES FROM ('2020-01-01') TO (MAXVALUE)",
        "CREATE TABLE fx_part (currency text, date date, FOREIGN KEY (currency, date) REFERENCES fx_rate)",
        "CREATE SCHEMA theirs",
        "CREATE TABLE theirs.company (id integer)",
    ] {
        db::execute(database.connection(), sql, []).await.unwrap();
    }
    let mut areas = app::areas();
    areas.push(db::Area { title: "More", about: "", tables: &["fx_part"] });
    let model = store::read(database.connection(), &areas).await.unwrap();
    let partitions = find(&model, "fx_rate").partitions.as_ref().unwrap();
    assert_eq!((partitions.by.as_str(), partitions.count), ("RANGE (date)", 2));
    assert!(find(&model, "fx_rate").keys.iter().any(|key| key.definition.starts_with("CHECK")));
    let [key] = &find(&model, "fx_part").keys[..] else { panic!("one key, whatever the number of partitions") };
    let references = key.references.as_ref().unwrap();
    assert_eq!((references.table.as_str(), references.columns.len()), ("fx_rate", 2));
    assert_eq!(model.others, Vec::<String>::new());
    assert_eq!(find(&model, "company").columns[0].name, "company_id");
    database.close().await;
}
