//! The page to try the API.

use axum::http::StatusCode;

use super::served::world;
use crate::{http::world::Options, support::TestStore};

#[tokio::test]
async fn the_page_and_its_files_come_from_here_alone() {
    let store = TestStore::sqlite();
    let world = world(&store, Options { banner: Some("Sample data"), ..Options::default() }).await;
    let page = world.page("/docs").await;
    assert_eq!((page.status, page.header("content-type")), (StatusCode::OK, "text/html; charset=utf-8"));
    let policy = page.header("content-security-policy");
    for part in ["default-src 'none'", "script-src 'self';", "connect-src 'self'", "frame-ancestors 'none'"] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(page.text.contains("Sample data") && !page.text.contains("//"), "{}", page.text);
    let texts = page.text.split('"').filter(|text| text.starts_with("/docs/") && *text != "/docs/data-model");
    let files: Vec<&str> = texts.collect();
    assert_eq!(files.len(), 3, "{}", page.text);
    for file in files {
        let sent = world.get(file).await;
        assert_eq!(sent.status, StatusCode::OK, "{file}");
        assert!(sent.header("cache-control").contains("immutable"), "{file}");
        assert_eq!(sent.header("content-encoding"), "", "{file}");
        let kind = if file.ends_with(".css") { "text/css" } else { "text/javascript" };
        assert!(sent.header("content-type").starts_with(kind), "{file}");
    }
    assert_eq!(world.get("/docs/0/init.js").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_file_goes_as_gzip_to_those_who_take_it() {
    let store = TestStore::sqlite();
    let world = world(&store, Options::default()).await;
    let page = world.page("/docs").await.text;
    let style = page.split('"').find(|text| text.ends_with(".css")).unwrap();
    for (accepted, gzip) in [("gzip, deflate, br", true), ("br, gzip;q=0.5", true), ("gzip;q=0", false), ("br", false)]
    {
        let sent = world.head(style, &[("accept-encoding", accepted)]).await;
        assert_eq!(sent.header("content-encoding") == "gzip", gzip, "{accepted}");
        assert_eq!(sent.header("vary"), "accept-encoding");
    }
}

#[tokio::test]
async fn other_pages_have_no_scripts_as_before() {
    let store = TestStore::sqlite();
    let world = world(&store, Options::default()).await;
    for path in ["/", "/jobs", "/runs", "/quarantine", "/docs/data-model"] {
        assert!(!world.page(path).await.header("content-security-policy").contains("script-src"), "{path}");
    }
}

#[tokio::test]
async fn what_is_tried_on_the_page_passes_as_this_hosts_own() {
    let store = TestStore::sqlite();
    let world = world(&store, Options::default()).await;
    // As a browser sends it from http://localhost:8080/docs.
    let own = [("origin", "http://localhost:8080"), ("sec-fetch-site", "same-origin"), ("accept", "application/json")];
    let reply = world.send("POST", "/jobs/prices/run", &own, "{}").await;
    assert_eq!(reply.status, StatusCode::ACCEPTED, "{}", reply.text);
}

#[tokio::test]
async fn the_page_has_the_frame_of_all_pages_and_is_dark_where_they_are() {
    let store = TestStore::sqlite();
    let world = world(&store, Options::default()).await;
    let page = world.page("/docs").await.text;
    for part in ["href=\"/jobs\"", "href=\"/docs\" aria-current=\"page\"", "content=\"light dark\""] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains(".scroll {"), "the style of other pages' content is not for this one: {page}");
    let init = page.split('"').find(|text| text.ends_with("init.js")).unwrap();
    assert!(world.get(init).await.text.contains("\"dark-mode\", dark.matches"));
    let style = page.split('"').find(|text| text.ends_with("swagger-ui.css")).unwrap();
    assert!(world.get(style).await.text.contains("html.dark-mode"), "the name of the class is the style's");
}
