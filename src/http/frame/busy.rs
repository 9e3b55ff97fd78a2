//! How many requests are under way at once, each from its head to the end of its answer.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use hyper::body::{Frame as Piece, SizeHint};
use tokio::sync::OwnedSemaphorePermit;

use super::Frame;
use crate::{
    http::problem::{Answer, Problem},
    told,
};

tokio::task_local! {
    /// Of the request being answered.
    static SLOT: Slot;
}

/// A place among those under way; empty when it was given back.
#[derive(Clone)]
struct Slot(Arc<Mutex<Option<OwnedSemaphorePermit>>>);

/// Says that the request being answered does nothing but wait from here on: it no longer counts.
pub fn only_waits() {
    // Outside the frame nothing is counted.
    let _ = SLOT.try_with(|slot| slot.0.lock().unwrap_or_else(PoisonError::into_inner).take());
}

/// Refuses a request for which there is no place.
pub async fn count(State(frame): State<Arc<Frame>>, request: Request, next: Next) -> Answer<Response> {
    let Ok(permit) = Arc::clone(&frame.requests).try_acquire_owned() else {
        return Err(Problem::unavailable(told!(
            "too many requests are under way; try again in a moment",
            "処理中のリクエストが多すぎます。しばらくしてから再試行してください"
        )));
    };
    let slot = Slot(Arc::new(Mutex::new(Some(permit))));
    let response = SLOT.scope(slot.clone(), next.run(request)).await;
    Ok(response.map(|body| Body::new(Counted { body, _slot: slot })))
}

/// The body of an answer that is under way until its end.
struct Counted {
    body: Body,
    _slot: Slot,
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Piece<Bytes>, axum::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
