//! Joins writes that come at the same time: while one statement is under way the next ones gather, and go in one.
//! Alone, a write goes at once. (Group commit, as databases do it.)

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::oneshot::{self, error::TryRecvError},
    time::timeout,
};

use crate::db::{DbError, interrupted, is_unavailable};

/// The most that go in one statement.
const MOST: usize = 500;
/// What a write may take: all others wait for it, and over a connection that has fallen silent it never ends.
const PATIENCE: Duration = Duration::from_secs(30);

/// An item, and where its answer goes.
type Waiting<T, A> = (T, oneshot::Sender<Result<A, DbError>>);

/// Gathers items of which each gets an answer of its own.
pub struct Together<T, A> {
    waiting: Mutex<Vec<Waiting<T, A>>>,
    turn: tokio::sync::Mutex<()>,
    patience: Duration,
}

impl<T, A> Default for Together<T, A> {
    fn default() -> Self {
        Self { waiting: Mutex::default(), turn: tokio::sync::Mutex::default(), patience: PATIENCE }
    }
}

impl<T: Clone, A> Together<T, A> {
    /// Has an item written by `write`, which gets all items that wait and answers each in their order.
    ///
    /// # Errors
    /// What the database says: to all who went together when it is away, otherwise to the item it refuses.
    pub async fn submit<F>(&self, item: T, write: impl Fn(Vec<T>) -> F) -> Result<A, DbError>
    where
        F: Future<Output = Result<Vec<A>, DbError>>,
    {
        let (answer, mut answered) = oneshot::channel();
        self.waiting().push((item, answer));
        // What begins in the same moment comes along.
        tokio::task::yield_now().await;
        let _turn = tokio::select! {
            biased;
            given = &mut answered => return given.unwrap_or_else(|_| Err(interrupted())),
            turn = self.turn.lock() => turn,
        };
        loop {
            // Whoever had the turn before may have taken this item along.
            match answered.try_recv() {
                Ok(given) => return given,
                Err(TryRecvError::Closed) => return Err(interrupted()),
                Err(TryRecvError::Empty) => {}
            }
            let (items, answers): (Vec<T>, Vec<_>) = {
                let mut waiting = self.waiting();
                let count = waiting.len().min(MOST);
                waiting.drain(..count).unzip()
            };
            let count = items.len();
            let written = timeout(self.patience, each(items, &write)).await;
            let written = written.unwrap_or_else(|_| (0..count).map(|_| Err(interrupted())).collect());
            answers.into_iter().zip(written).for_each(|(to, answer)| drop(to.send(answer)));
        }
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Vec<Waiting<T, A>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes items together. Where the database refuses, each goes alone: one that cannot be written takes no other along.
async fn each<T, A, F>(items: Vec<T>, write: &impl Fn(Vec<T>) -> F) -> Vec<Result<A, DbError>>
where
    T: Clone,
    F: Future<Output = Result<Vec<A>, DbError>>,
{
    let count = items.len();
    match write(items.clone()).await {
        Ok(answers) => answers.into_iter().map(Ok).collect(),
        Err(error) if count == 1 || is_unavailable(&error) => vec![error; count].into_iter().map(Err).collect(),
        Err(_) => {
            let mut answers = Vec::with_capacity(count);
            for item in items {
                answers.push(write(vec![item]).await.and_then(|mut one| one.pop().ok_or_else(interrupted)));
            }
            answers
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn what_comes_meanwhile_goes_in_one_statement_and_each_gets_its_own_answer() {
        let (together, writes) = (Together::<usize, usize>::default(), AtomicUsize::new(0));
        let write = |items: Vec<usize>| {
            writes.fetch_add(1, Ordering::SeqCst);
            async move {
                tokio::task::yield_now().await;
                Ok(items.into_iter().map(|item| item * 2).collect())
            }
        };
        let all = futures_util::future::join_all((0..1000).map(|item| together.submit(item, write))).await;
        let answers: Vec<usize> = all.into_iter().map(Result::unwrap).collect();
        assert_eq!(answers, (0..1000).map(|item| item * 2).collect::<Vec<_>>());
        assert!(writes.load(Ordering::SeqCst) < 10, "{writes:?}");
    }

    #[tokio::test]
    async fn a_database_that_is_away_is_away_for_all() {
        let (together, writes) = (Together::<usize, usize>::default(), AtomicUsize::new(0));
        let write = |_: Vec<usize>| {
            writes.fetch_add(1, Ordering::SeqCst);
            async { Err(interrupted()) }
        };
        let all = futures_util::future::join_all((0..3).map(|item| together.submit(item, write))).await;
        assert!(all.into_iter().all(|answer| answer.is_err()));
        assert_eq!(writes.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_write_that_hangs_does_not_hold_up_the_others_for_ever() {
        let together = Together::<usize, usize> { patience: Duration::from_millis(20), ..Together::default() };
        let writes = AtomicUsize::new(0);
        let write = |items: Vec<usize>| {
            let nth = writes.fetch_add(1, Ordering::SeqCst);
            async move { if nth == 0 { std::future::pending().await } else { Ok(items) } }
        };
        let hung = together.submit(0, write).await.unwrap_err();
        assert!(is_unavailable(&hung), "it is tried again: {hung}");
        assert_eq!(together.submit(1, write).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn one_that_is_refused_takes_no_other_along() {
        let together = Together::<usize, usize>::default();
        let write = |items: Vec<usize>| async move {
            if items.contains(&1) { Err(DbError::Custom("no".to_owned())) } else { Ok(items) }
        };
        let all = futures_util::future::join_all((0..3).map(|item| together.submit(item, write))).await;
        assert_eq!(all.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
    }
}
