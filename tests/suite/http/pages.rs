//! The same routes for a browser.

use super::world::{Options, World};
use crate::support::{TestStore, on_both_databases};

on_both_databases!(jobs_and_runs_answer_a_browser_with_pages, |store: TestStore| async {
    let world = World::new(&store, Options { banner: Some("Sample data: <bars>"), ..Options::default() }).await;
    let run = world.run_to_its_end(r#"{"companies":["1001","bad"],"note":"<i>why</i>"}"#).await;
    let id = run["id"].as_str().unwrap();
    for (path, shown) in [
        ("/jobs".to_owned(), vec!["Fetches &lt;prices&gt;", "Asia/Tokyo", "2026-11-21 09:00:00", "partial"]),
        ("/runs".to_owned(), vec!["partial", "manual", "&lt;i&gt;why"]),
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
