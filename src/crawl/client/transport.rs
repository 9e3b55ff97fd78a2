//! Where a request goes: over the wire, or into an archive of what was answered before.

use std::time::Duration;

use url::Url;

use super::wire::{self, Wire};
use crate::crawl::answer::Refusal;
use crate::crawl::archive::Recording;
use crate::crawl::raw_answer::RawAnswer;
use crate::crawl::request::Request;

pub(super) enum Transport {
    Wire(Wire),
    /// One fetch as it was answered: nobody is asked.
    Archive(Recording),
}

/// What one request led to.
pub(super) enum Hop {
    Answer(RawAnswer),
    /// To the same host.
    Redirect(Url),
}

/// A refusal, the wait the source asked for, and the answer it was told with, if there was one.
pub(super) struct Failure {
    pub(super) refusal: Refusal,
    pub(super) retry_after: Option<Duration>,
    pub(super) answer: Option<Box<RawAnswer>>,
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self { refusal, retry_after: None, answer: None }
    }
}

impl Transport {
    pub(super) async fn send(&self, url: &Url, request: &Request) -> Result<Hop, Failure> {
        match self {
            Self::Wire(wire) => wire.send(url, request).await,
            Self::Archive(recording) => replayed(recording, &request.shown(url)),
        }
    }
}

fn replayed(recording: &Recording, shown: &Url) -> Result<Hop, Failure> {
    match recording.answer(shown) {
        None => Err(Refusal::Network { reason: format!("not in the archive: {shown}") }.into()),
        Some(answer) if wire::turns_away(answer.status) => Err(wire::turned_away(answer.status, None, shown).into()),
        Some(answer) => Ok(Hop::Answer(answer.clone())),
    }
}
