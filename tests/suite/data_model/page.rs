//! `GET /docs/data-model`.

use axum::http::StatusCode;
use data_infrastructure::{app, db, http};

use crate::{
    http::world::{Given, Options, World},
    support::{TestStore, on_both_databases},
};

async fn world(store: &TestStore, options: Options) -> World {
    World::with(store, options, |given: &Given| (http::data_model(given.database.clone(), app::areas()), None)).await
}

on_both_databases!(the_page_shows_every_table_and_loads_nothing, |store: TestStore| async {
    let world = world(&store, Options { banner: Some("Sample data"), ..Options::default() }).await;
    let reply = world.page("/docs/data-model").await;
    assert_eq!((reply.status, reply.header("content-type")), (StatusCode::OK, "text/html; charset=utf-8"));
    let text = reply.text;
    for table in app::areas().iter().flat_map(|area| area.tables) {
        assert_eq!(text.matches(&format!("<h3 id=\"{table}\">")).count(), 1, "{table}");
        let leads = text.matches(&format!("href=\"#{table}\"")).count();
        assert!(leads >= 3, "{table}: from the diagram, the list and its own head: {leads}");
    }
    for shown in [
        "Sample data",
        "<svg class=\"data-model\"",
        "企業の主要な情報をマスタとして格納する",
        "株価(終値)",
        "PRIMARY KEY (company_id, date)",
        "REFERENCES company",
        "CREATE INDEX run_live",
        "stockprice_indicator_type",
        "class=\"line like\"",
        "role=\"group\" aria-label=\"Entity diagram of",
    ] {
        assert!(text.contains(shown), "{shown}");
    }
    let (head, main) = text.split_once("<main>").unwrap();
    assert!(head.contains(".contents {") && !main.starts_with("<style"));
    // The namespace is a name, nothing is fetched from there.
    let text = text.replace("xmlns=\"http://www.w3.org/2000/svg\"", "");
    for foreign in ["<script", "http://", "https://", "@import", "url("] {
        assert!(!text.contains(foreign), "{foreign}");
    }
});

#[tokio::test]
async fn the_page_is_as_the_database_is_now_and_escapes_what_it_says() {
    let Some(store) = TestStore::postgres().await else { return };
    let world = world(&store, Options::default()).await;
    let sql = "COMMENT ON TABLE run IS 'a <b>new</b> & comment'";
    db::execute(world.database.connection(), sql, []).await.unwrap();
    let text = world.page("/docs/data-model").await.text;
    assert!(text.contains("a &lt;b&gt;new&lt;/b&gt; &amp; comment") && !text.contains("<b>new"), "escaped");
}

#[tokio::test]
async fn parameters_are_refused_and_protected_reads_protect_it() {
    let store = TestStore::sqlite();
    let open = world(&store, Options::default()).await;
    let refused = open.get("/docs/data-model?table=run").await;
    assert_eq!((refused.status, refused.named()), (StatusCode::BAD_REQUEST, vec!["table".to_owned()]));
    let closed = world(&store, Options { tokens: &["secret"], protect_reads: true, ..Options::default() }).await;
    assert_eq!(closed.get("/docs/data-model").await.status, StatusCode::UNAUTHORIZED);
}
