//! The same routes for a browser.

use data_infrastructure::jobs::RunState;

use super::world::{Options, World};
use crate::support::{TestStore, on_both_databases};

on_both_databases!(jobs_and_runs_answer_a_browser_with_pages, |store: TestStore| async {
    let world = World::new(&store, Options { banner: Some("Sample data: <bars>"), ..Options::default() }).await;
    let run = world.run_to_its_end(r#"{"companies":["1001","bad"],"note":"<i>why</i>"}"#).await;
    let id = run["id"].as_str().unwrap();
    for (path, shown) in [
        ("/jobs".to_owned(), vec!["Fetches &lt;prices&gt;", "Asia/Tokyo", "2026-11-21 09:00:00", "partial"]),
        ("/runs".to_owned(), vec!["partial", "manual", "&lt;i&gt;why", ">Created (UTC)<"]),
        ("/runs?state=partial&job=prices".to_owned(), vec!["Runs of prices", "aria-current=\"page\""]),
        ("/runs?state=lost".to_owned(), vec!["No run is like this"]),
        (format!("/runs/{id}"), vec!["no &lt;good&gt;", "1001", "sample", id]),
        ("/runs/nothing".to_owned(), vec!["404 Not Found"]),
        ("/runs?state=odd".to_owned(), vec!["400 Bad Request", "state"]),
    ] {
        let reply = world.page(&path).await;
        assert_eq!(reply.header("content-type"), "text/html; charset=utf-8", "{path}");
        assert!(reply.text.contains("Sample data: &lt;bars&gt;"), "{path}: the banner");
        for text in shown {
            assert!(reply.text.contains(text), "{path}: {text}\n{}", reply.text);
        }
        for raw in ["<prices>", "<good>", "<i>why", "<script"] {
            assert!(!reply.text.contains(raw), "{path}: {raw}");
        }
    }
    assert_eq!(world.page("/runs").await.header("vary"), "Accept");
    assert!(world.send("GET", "/runs", &[("accept", "application/json")], "").await.json()["items"].is_array());
});

#[tokio::test]
async fn the_page_of_a_run_looks_again_while_the_run_lasts() {
    let store = TestStore::sqlite();
    let world = World::new(&store, Options { permits: 0, ..Options::default() }).await;
    let run = world.start("").await;
    assert_eq!(world.page(&run).await.header("refresh"), "3");
    world.permits.add_permits(10);
    world.until(&run, |run| run["state"] == "succeeded").await;
    assert_eq!(world.page(&run).await.header("refresh"), "");
}

#[tokio::test]
async fn older_runs_are_a_link_away() {
    let store = TestStore::sqlite();
    let world = World::new(&store, Options { permits: 0, ..Options::default() }).await;
    for _ in 0..3 {
        world.start("").await;
    }
    let page = world.page("/runs?limit=2&job=prices").await.text;
    let at = page.find("/runs?job=prices&amp;limit=2&amp;cursor=").unwrap();
    let link = page[at..].split('"').next().unwrap().replace("&amp;", "&");
    assert_eq!(world.get(&link).await.json()["items"].as_array().unwrap().len(), 1);
}

on_both_databases!(a_run_has_the_same_count_of_tasks_on_every_page, |store: TestStore| async {
    let world = World::new(&store, Options::default()).await;
    let run = world.run_to_its_end(r#"{"companies":["1001","bad"]}"#).await;
    for path in ["/jobs", "/runs", run["links"]["self"].as_str().unwrap()] {
        let page = world.page(path).await.text;
        assert!(page.contains("1 of 2 done, <span class=\"error\">1 failed</span>"), "{path}: {page}");
    }
});

#[tokio::test]
async fn the_page_of_a_run_says_when_it_was_and_leads_to_what_its_tasks_name() {
    let store = TestStore::sqlite();
    let world = World::new(&store, Options::default()).await;
    let run = world.run_to_its_end(r#"{"companies":["1001"],"mode":"full"}"#).await;
    let message = "UPDATE task SET message = '1 row: /api/v1/things?code=1001'";
    data_infrastructure::db::execute(world.database.connection(), message, []).await.unwrap();
    let page = world.page(run["links"]["self"].as_str().unwrap()).await.text;
    for part in [
        "<dt>Created (UTC)</dt>",
        "<dt>Started (UTC)</dt>",
        "<dt>Finished (UTC)</dt>",
        "<dt>Scope</dt><dd>everything of 1001</dd>",
        "<a href=\"/things?code=1001\">/api/v1/things?code=1001</a>",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
}

#[tokio::test]
async fn the_progress_of_a_run_has_a_name() {
    let store = TestStore::sqlite();
    let world = World::new(&store, Options { permits: 0, ..Options::default() }).await;
    let run = world.start("").await;
    world.until(&run, |run| run["progress"]["total"] == 2).await;
    let page = world.page(&run).await.text;
    assert!(page.contains("aria-label=\"Tasks that have ended\"") && page.contains("Looked at anew"), "{page}");
    world.permits.add_permits(10);
}

#[tokio::test]
async fn every_state_of_runs_has_a_tab() {
    let store = TestStore::sqlite();
    let world = World::new(&store, Options::default()).await;
    let page = world.page("/runs?state=timed_out").await.text;
    for state in RunState::ALL {
        assert!(page.contains(&format!("<a href=\"/runs?state={state}\"")), "{state}: {page}");
    }
    assert!(page.contains("<a href=\"/runs?state=timed_out\" aria-current=\"page\">timed out</a>"), "{page}");
}

#[tokio::test]
async fn the_menu_has_the_places_of_domains_and_marks_the_one_that_is_shown() {
    let store = TestStore::sqlite();
    let world = World::new(&store, Options::default()).await;
    for (path, marked) in
        [("/jobs", "href=\"/jobs\" aria-current=\"page\""), ("/runs/nothing", "href=\"/runs\" aria-current=\"true\"")]
    {
        let page = world.page(path).await.text;
        let menu = page.split("<header>").nth(1).unwrap().split("</header>").next().unwrap();
        assert!(menu.contains(marked) && menu.matches("aria-current").count() == 1, "{path}: {menu}");
        assert!(menu.contains("<a href=\"/things\">Things &lt;b&gt;</a>"), "{menu}");
    }
}

#[tokio::test]
async fn an_address_where_nothing_is_has_a_page_in_the_readers_language_with_links() {
    let store = TestStore::sqlite();
    let world = World::new(&store, Options { banner: Some("sample"), ..Options::default() }).await;
    let headers = [("accept", "text/html"), ("accept-language", "ja")];
    let page = world.send("GET", "/nowhere", &headers, "").await.text;
    for part in [
        "<html lang=\"ja\">",
        "<header lang=\"en\">",
        "<title>見つかりません · data-infrastructure</title>",
        "<h1>404 見つかりません</h1>",
        "日本語: sample",
        "まず <a href=\"/jobs\">/jobs</a> か <a href=\"/runs\">/runs</a>",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let page = world.page("/nowhere").await.text;
    assert!(page.contains("<html lang=\"en\">") && page.contains("<h1>404 Not Found</h1>"), "{page}");
}
