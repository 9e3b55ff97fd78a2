//! A body on its way to the reader of files: text as it arrives, an archive as a whole, since its directory comes last.

use std::io::{self, Cursor, Read};

use axum::{
    body::{Body, BodyDataStream, Bytes},
    http::StatusCode,
};
use futures_util::StreamExt as _;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::{
    db::Database,
    http::{Answer, MAX_UPLOAD, Problem, cut_off},
    stock::{
        imports::{StageError, stage},
        sources::files::{Content, FileErrorKind, Given},
        store::imports::ImportFile,
    },
    told,
    told::Told,
};

/// Parts of a body between the network and the reader.
const AHEAD: usize = 8;
/// What tells an archive from text.
const MARK: usize = 4;

/// Reads the body into the database.
///
/// # Errors
/// 413, 415 or 422 with the reason; 400 when the body breaks off.
pub(super) async fn receive(database: &Database, body: Body, given: Given, actor: &str) -> Answer<ImportFile> {
    let mut incoming = Incoming { stream: body.into_data_stream(), length: 0 };
    let mut first = Vec::new();
    while first.len() < MARK {
        let Some(part) = incoming.next().await? else { break };
        first.extend_from_slice(&part);
    }
    if Content::is_archive(&first) {
        while let Some(part) = incoming.next().await? {
            first.extend_from_slice(&part);
        }
        let content = Content::Archive(Box::new(Cursor::new(first)));
        return stage(database, content, given, actor).await.map_err(problem);
    }
    let (sender, receiver) = channel(AHEAD);
    let content = Content::Text(Box::new(Parts { receiver, part: Bytes::new() }));
    let (staged, pumped) = tokio::join!(stage(database, content, given, actor), pump(first, incoming, sender));
    match (staged, pumped) {
        (Ok(file), Ok(())) => Ok(file),
        // Why the body ended says more than what its beginning was read as.
        (Err(_), Err(problem)) => Err(problem),
        (Err(error), Ok(())) => Err(self::problem(error)),
        // The reader takes no body without its end for a whole one.
        (Ok(_), Err(problem)) => Err(problem),
    }
}

fn problem(error: StageError) -> Problem {
    let error = match error {
        StageError::File(error) => error,
        StageError::Database(error) => return error.into(),
        StageError::Reader(reason) => return Problem::internal(reason),
    };
    let message = Told::from(&error);
    match error.kind {
        FileErrorKind::Unreadable => Problem::bad_request("body", message),
        FileErrorKind::Unknown => Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message),
        FileErrorKind::TooLarge => Problem::new(StatusCode::PAYLOAD_TOO_LARGE, message),
        FileErrorKind::Content => Problem::unprocessable(vec![("body".to_owned(), message)]),
    }
}

/// Hands the body on; when the reader wants no more, the rest is read over, so that the client hears the answer.
async fn pump(first: Vec<u8>, mut incoming: Incoming, sender: Sender<io::Result<Bytes>>) -> Answer<()> {
    let mut wanted = first.is_empty() || sender.send(Ok(first.into())).await.is_ok();
    loop {
        match incoming.next().await {
            Ok(None) => return Ok(()),
            Ok(Some(part)) => wanted = wanted && sender.send(Ok(part)).await.is_ok(),
            Err(problem) => {
                // Nobody may take what has arrived for the whole.
                let _ = sender.send(Err(io::Error::other("the body did not arrive to its end"))).await;
                return Err(problem);
            }
        }
    }
}

struct Incoming {
    stream: BodyDataStream,
    length: usize,
}

impl Incoming {
    async fn next(&mut self) -> Answer<Option<Bytes>> {
        let Some(part) = self.stream.next().await else { return Ok(None) };
        let part = part.map_err(|_| cut_off())?;
        self.length += part.len();
        if self.length > MAX_UPLOAD {
            let most = MAX_UPLOAD / (1024 * 1024);
            let message = told!("the body is larger than {most} MiB", "本文が大きすぎます。{most} MiB までです");
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, message));
        }
        Ok(Some(part))
    }
}

/// The parts as something to read from, for a thread that may block.
struct Parts {
    receiver: Receiver<io::Result<Bytes>>,
    part: Bytes,
}

impl Read for Parts {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.part.is_empty() {
            match self.receiver.blocking_recv() {
                None => return Ok(0),
                Some(part) => self.part = part?,
            }
        }
        let length = buffer.len().min(self.part.len());
        buffer[..length].copy_from_slice(&self.part.split_to(length));
        Ok(length)
    }
}
