//! Looking for what happened since the last look: runs that ended badly, and what came late.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    hook::{Alerts, Hook},
    incident::Occurrence,
    lateness::{Lateness, gather},
    record::{Recorder, Trouble},
    recover::recoveries,
    sentence,
    settings::Event,
    store::{self, HookState},
};
use crate::{
    db::{Connection, DbError},
    jobs::{Run, RunId, RunState, store::find_run},
};

/// A commit may become visible later than the instants in it, and clocks of databases jump: so much is read again.
const OVERLAP: TimeDelta = TimeDelta::minutes(5);
/// Nobody is told of something older.
pub const OLDEST: TimeDelta = TimeDelta::hours(24);
/// How often is written down how far has been looked, while nothing happens.
const REMEMBER: TimeDelta = TimeDelta::minutes(1);

/// What a hook has not been told of.
struct Troubles {
    ended: Vec<Run>,
    late: Vec<Lateness>,
}

impl Alerts {
    /// Records what happened since the last look. Whether there is anything is asked without a transaction, since
    /// usually there is nothing; what to make of it is decided under the hook's lock.
    pub(super) async fn look_for(&self, hook: &Hook) -> Result<(), DbError> {
        let connection = self.database.connection();
        let state = store::meet_hook(connection, &hook.name).await?;
        let troubles = troubles(connection, hook, &state).await?;
        if troubles.is_empty() && recoveries(connection, hook, state.now).await?.is_empty() {
            if state.now - state.observed_until >= REMEMBER {
                store::observed(connection, &hook.name, state.now).await?;
            }
            return Ok(());
        }
        let mut recorder = Recorder::begin(self, hook).await?;
        let troubles = self::troubles(&recorder.transaction, hook, &recorder.state).await?;
        for run in &troubles.ended {
            ended(&mut recorder, run).await?;
        }
        for lateness in &troubles.late {
            late(&mut recorder, lateness).await?;
        }
        // When there is more, the next look goes on from the same instant; what was recorded is not read again.
        if troubles.ended.len() < store::MOST {
            for recovery in recoveries(&recorder.transaction, hook, recorder.state.now).await? {
                let message = sentence::recovered(&recovery.passed, &recovery.run, recorder.zone(&recovery.run.job));
                let at = recovery.run.finished_at.unwrap_or(recorder.state.now);
                let run = &recovery.run;
                recorder.passed(&run.job, &recovery.passed, Some(run), at, &message).await?;
            }
            store::observed(&recorder.transaction, &hook.name, recorder.state.now).await?;
        }
        recorder.commit(&self.metrics).await
    }
}

impl Troubles {
    fn is_empty(&self) -> bool {
        self.ended.is_empty() && self.late.is_empty()
    }
}

async fn troubles(connection: &impl Connection, hook: &Hook, state: &HookState) -> Result<Troubles, DbError> {
    let since = since(state);
    let states: Vec<RunState> = RunState::ALL
        .iter()
        .copied()
        .filter(|state| event_of(*state).is_some_and(|event| hook.settings.wants(event)))
        .collect();
    let mut ended = Vec::new();
    if !states.is_empty() {
        ended = store::ended_badly(connection, &hook.name, since, &states).await?;
    }
    let mut late = Vec::new();
    if hook.settings.wants(Event::Late) {
        let after = hook.settings.late_after;
        let due_before = state.now - TimeDelta::from_std(after).unwrap_or(OLDEST);
        let ticks = store::late_ticks(connection, &hook.name, since, after).await?;
        let runs = store::scheduled_runs(connection, &hook.name, since, due_before).await?;
        late = gather(ticks, runs, state.now, after);
    }
    Ok(Troubles { ended, late })
}

fn since(state: &HookState) -> DateTime<Utc> {
    (state.observed_until - OVERLAP).max(state.created_at).max(state.now - OLDEST)
}

/// What is told of a run that ended so; cancelling one was somebody's wish.
fn event_of(state: RunState) -> Option<Event> {
    match state {
        RunState::Failed | RunState::TimedOut => Some(Event::Failed),
        RunState::Partial => Some(Event::Partial),
        RunState::Lost => Some(Event::Lost),
        RunState::Queued | RunState::Running | RunState::Cancelling | RunState::Succeeded | RunState::Cancelled => None,
    }
}

async fn ended(recorder: &mut Recorder<'_>, run: &Run) -> Result<(), DbError> {
    let Some(event) = event_of(run.state) else { return Ok(()) };
    let (zone, repeat_after) = (recorder.zone(&run.job), recorder.hook.repeat_after());
    let at = run.finished_at.unwrap_or(recorder.state.now);
    let occurrence = Occurrence { at, count: 1, run: Some(run.id.to_string()), counted_to: None };
    let trouble = Trouble {
        key: format!("run:{}", run.id),
        event,
        subject: &run.job,
        job: Some(&run.job),
        run: Some(run),
        occurrence,
    };
    recorder.happened(trouble, |incident| sentence::ended(event, run, incident, repeat_after, zone)).await
}

async fn late(recorder: &mut Recorder<'_>, lateness: &Lateness) -> Result<(), DbError> {
    let (zone, repeat_after) = (recorder.zone(&lateness.job), recorder.hook.repeat_after());
    let run = match lateness.run.as_deref().and_then(RunId::parse) {
        Some(id) => find_run(&recorder.transaction, &id).await?,
        None => None,
    };
    let occurrence = Occurrence {
        at: lateness.at,
        count: lateness.count,
        run: lateness.run.clone(),
        counted_to: Some(lateness.newest),
    };
    let trouble = Trouble {
        key: format!("late:{}:{}", lateness.job, lateness.newest.timestamp_micros()),
        event: Event::Late,
        subject: &lateness.job,
        job: Some(&lateness.job),
        run: run.as_ref(),
        occurrence,
    };
    recorder.happened(trouble, |incident| sentence::late(lateness, incident, repeat_after, zone)).await
}
