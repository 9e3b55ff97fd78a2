//! Finished files, kept for a short while: a reader of Parquet comes several times, for the length, the end, and then
//! the columns he wants, and the file is made once.

use std::{
    collections::VecDeque,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderName, Method, header},
    middleware::{Next, from_fn_with_state},
    response::Response,
};
use tokio::{
    sync::OnceCell,
    time::{Instant, timeout},
};

use super::write::Written;
use crate::{
    http::{
        problem::{Answer, Problem},
        table::caching::Tag,
    },
    told,
};

/// What is kept: the newest of them, of so many bytes in all, for so long.
const MOST: usize = 16;
const MOST_BYTES: u64 = 256 * 1024 * 1024;
const LIFE: Duration = Duration::from_mins(5);

/// How long the making of one may take: less than an answer may.
const TIME: Duration = Duration::from_secs(25);

/// The files that are kept. All clones are one.
#[derive(Clone)]
pub struct Files(Arc<Inner>);

struct Inner {
    folder: PathBuf,
    patience: Duration,
    /// The newest first.
    kept: Mutex<VecDeque<Kept>>,
}

struct Kept {
    tag: Tag,
    /// Empty while somebody makes the file.
    made: Arc<OnceCell<Made>>,
}

struct Made {
    file: Arc<Written>,
    at: Instant,
}

impl Default for Files {
    /// In the system's folder for temporary files.
    fn default() -> Self {
        Self::in_folder(tempfile::env::temp_dir())
    }
}

impl Files {
    /// Written in this folder.
    #[must_use]
    pub fn in_folder(folder: PathBuf) -> Self {
        Self::new(folder, TIME)
    }

    pub(super) fn new(folder: PathBuf, patience: Duration) -> Self {
        Self(Arc::new(Inner { folder, patience, kept: Mutex::default() }))
    }

    /// Hands them to the answers of this router: a task-local value, since only one format needs them, and every handler
    /// of a series would have to pass them on.
    pub fn around(self, router: Router) -> Router {
        router.layer(from_fn_with_state(self, provide))
    }

    /// The file of this tag: one that is kept, or one that is made now. Those who ask for the same at once wait for one
    /// to make it; when he goes away, the next one does.
    ///
    /// # Errors
    /// Those of `make`; 503 when that takes too long.
    pub(super) async fn file<M: Future<Output = Answer<Written>>>(
        &self,
        tag: &Tag,
        make: impl FnOnce(PathBuf) -> M,
    ) -> Answer<Arc<Written>> {
        let cell = self.cell(tag);
        let make = async || {
            let file = Arc::new(make(self.0.folder.clone()).await?);
            Ok::<_, Problem>(Made { file, at: Instant::now() })
        };
        let patience = self.0.patience;
        let made = timeout(patience, cell.get_or_try_init(make)).await.map_err(|_| too_long(patience))??;
        let file = Arc::clone(&made.file);
        self.sweep(Instant::now());
        Ok(file)
    }

    fn cell(&self, tag: &Tag) -> Arc<OnceCell<Made>> {
        self.sweep(Instant::now());
        let mut kept = self.0.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = kept.iter().find(|kept| kept.tag == *tag) {
            return Arc::clone(&found.made);
        }
        let made = Arc::new(OnceCell::new());
        kept.push_front(Kept { tag: tag.clone(), made: Arc::clone(&made) });
        made
    }

    /// Drops what is too old or too much, and what nobody makes any more.
    pub(super) fn sweep(&self, now: Instant) {
        let (mut files, mut bytes) = (0, 0);
        let mut kept = self.0.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|kept| {
            let Some(made) = kept.made.get() else { return Arc::strong_count(&kept.made) > 1 };
            let fits = files < MOST && bytes + made.file.length <= MOST_BYTES && now - made.at < LIFE;
            if fits {
                files += 1;
                bytes += made.file.length;
            }
            fits
        });
    }
}

fn too_long(patience: Duration) -> Problem {
    let seconds = patience.as_secs();
    Problem::unavailable(told!(
        "the file is not written within {seconds} s; ask for fewer days, or for arrow, csv or ndjson, which are sent \
         while they are read",
        "ファイルの作成が {seconds} 秒以内に終わりません。期間を短くするか、読み取りながら送る arrow, csv, ndjson を使ってください"
    ))
}

/// What is asked of a file, beside which one.
#[derive(Clone)]
pub struct Asked {
    pub files: Files,
    pub range: Option<String>,
    pub if_range: Option<String>,
}

tokio::task_local! {
    static ASKED: Asked;
}

impl Asked {
    /// Of the request that is being answered.
    pub fn now() -> Answer<Self> {
        ASKED.try_with(Self::clone).map_err(|_| Problem::internal("a table stands outside the root router: no files"))
    }

    fn of(files: Files, request: &Request) -> Self {
        // Parts are defined for GET only (RFC 9110, 14.2).
        let value = |name: HeaderName| {
            let value = request.headers().get(name).filter(|_| request.method() == Method::GET)?;
            value.to_str().ok().map(str::to_owned)
        };
        Self { files, range: value(header::RANGE), if_range: value(header::IF_RANGE) }
    }
}

/// Any request is an occasion to drop what is too old.
async fn provide(State(files): State<Files>, request: Request, next: Next) -> Response {
    files.sweep(Instant::now());
    let asked = Asked::of(files, &request);
    ASKED.scope(asked, next.run(request)).await
}
