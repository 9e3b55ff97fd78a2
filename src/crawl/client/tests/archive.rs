//! What is handed on to be kept, and answers that come from there.

use tokio_util::sync::CancellationToken;
use url::Url;
use wiremock::ResponseTemplate;

use super::{body_of, ok, upstream};
use crate::crawl::client::PoliteClient;
use crate::crawl::{Answer, RawAnswer, Recording, Refusal, Request, Subject};

fn request() -> Request {
    Request::get("d").query("s", "x").secret_query("apikey", "s3cret")
}

#[tokio::test]
async fn every_answer_is_handed_on_good_or_bad_with_its_subject_and_without_secrets() {
    let up = upstream(|o| o.max_retries = 1).await;
    up.answers_first(ResponseTemplate::new(503).set_body_string("down, s3cret")).await;
    up.answers(ok("fine, s3cret").insert_header("content-type", "text/s3cret")).await;
    let subject = Subject::new("7203", "{}");
    let request = request().about(&subject);
    up.client.ask(&request, &CancellationToken::new(), body_of).await.unwrap();
    let answers = up.seen.answers();
    let told: Vec<_> = answers.iter().map(|a| (a.raw.status, a.outcome, a.reason.as_str(), &*a.raw.body)).collect();
    assert_eq!(told, [(503, "server", "server error 503", &b"down, ***"[..]), (200, "data", "", b"fine, ***")]);
    assert!(answers.iter().all(|answer| answer.subject == subject && answer.source == "test"));
    assert!(answers[1].raw.url.as_str().ends_with("/d?s=x&apikey=***"), "{}", answers[1].raw.url);
    assert_eq!(answers[1].raw.content_type.as_deref(), Some("text/***"));
}

#[tokio::test]
async fn an_answer_that_breaks_its_reader_or_is_too_large_is_handed_on_as_well() {
    let up = upstream(|o| o.max_body = 10).await;
    up.answers(ok("short")).await;
    let broken = |_: &RawAnswer| -> Result<Answer<()>, Refusal> { panic!("a fault of ours") };
    assert!(up.client.ask(&Request::get("d"), &CancellationToken::new(), broken).await.is_err());
    up.server.reset().await;
    up.answers(ok("longer than allowed")).await;
    assert!(up.ask().await.is_err());
    let answers = up.seen.answers();
    assert_eq!(
        answers.iter().map(|a| (&*a.raw.body, a.outcome)).collect::<Vec<_>>(),
        [(&b"short"[..], "schema_changed"), (b"", "schema_changed")]
    );
    assert_ne!(answers[0].subject.fetch(), answers[1].subject.fetch(), "fetches of their own");
}

#[tokio::test]
async fn an_archived_fetch_answers_again_and_what_is_not_in_it_is_refused_by_name() {
    let base = Url::parse("http://127.0.0.1:9").unwrap();
    let answer = |status, body: &str, url: &str| RawAnswer {
        status,
        content_type: None,
        body: body.as_bytes().to_vec(),
        url: Url::parse(url).unwrap(),
    };
    let recording = Recording::new([
        answer(500, "first", "http://127.0.0.1:9/d?s=x&apikey=***"),
        answer(200, "then", "http://127.0.0.1:9/d?s=x&apikey=***"),
        answer(429, "no more", "http://127.0.0.1:9/e"),
    ]);
    let client = PoliteClient::replaying("test", base, recording);
    let ask = async |request: Request| client.ask(&request, &CancellationToken::new(), body_of).await;
    assert_eq!(ask(request()).await, Ok(Answer::Data(b"then".to_vec())));
    assert!(matches!(ask(Request::get("e")).await, Err(Refusal::QuotaExceeded { .. })));
    let client = PoliteClient::replaying("test", Url::parse("http://127.0.0.1:9").unwrap(), Recording::default());
    let Err(Refusal::Network { reason }) = client.ask(&request(), &CancellationToken::new(), body_of).await else {
        panic!("nothing is archived")
    };
    assert_eq!(reason, "not in the archive: http://127.0.0.1:9/d?s=x&apikey=***");
}
