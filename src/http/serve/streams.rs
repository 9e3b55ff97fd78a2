//! The requests of HTTP/2 connections, each a task of its own: known, so that the end of the server waits for them.

use hyper::rt::Executor;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

#[derive(Clone)]
pub struct Streams {
    pub tasks: TaskTracker,
    /// Nobody waits any more.
    pub cut: CancellationToken,
}

impl<F: Future<Output = ()> + Send + 'static> Executor<F> for Streams {
    fn execute(&self, future: F) {
        let cut = self.cut.clone();
        self.tasks.spawn(async move {
            tokio::select! {
                () = cut.cancelled() => {}
                () = future => {}
            }
        });
    }
}
