//! Troubles of jobs that have passed: a run succeeded that was to do what went wrong before.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{hook::Hook, incident::Incident, lateness::late_by, settings::Event, store};
use crate::{
    db::{Connection, DbError},
    jobs::{Run, RunId, store::find_run},
};

/// The run that ended some troubles of its job.
pub struct Recovery {
    pub run: Run,
    pub passed: Vec<(Event, Incident)>,
}

/// The recoveries that the hook has not been told of: one for each job.
///
/// # Errors
/// What the database says.
pub async fn recoveries(
    connection: &impl Connection,
    hook: &Hook,
    now: DateTime<Utc>,
) -> Result<Vec<Recovery>, DbError> {
    let mut jobs: BTreeMap<String, Vec<(Event, Incident)>> = BTreeMap::new();
    for (event, job, incident) in store::open_incidents(connection, &hook.name).await? {
        if incident.may_close(now, hook.repeat_after()) {
            jobs.entry(job).or_default().push((event, incident));
        }
    }
    let mut found = Vec::new();
    for (job, open) in jobs {
        found.extend(recovery(connection, hook, &job, open, now).await?);
    }
    Ok(found)
}

async fn recovery(
    connection: &impl Connection,
    hook: &Hook,
    job: &str,
    open: Vec<(Event, Incident)>,
    now: DateTime<Utc>,
) -> Result<Option<Recovery>, DbError> {
    let Some(since) = open.iter().map(|(_, incident)| incident.last_at).min() else { return Ok(None) };
    let successes = store::successes_since(connection, job, since).await?;
    let mut found: Option<Recovery> = None;
    for (event, incident) in open {
        let cause = match incident.run.as_deref().and_then(RunId::parse) {
            Some(id) => find_run(connection, &id).await?,
            None => None,
        };
        let after = |run: &&Run| run.finished_at.is_some_and(|at| at >= incident.last_at);
        let Some(run) = successes.iter().filter(after).find(|run| makes_up_for(run, cause.as_ref())) else { continue };
        if event == Event::Late && is_behind(connection, hook, job, now).await? {
            continue;
        }
        let recovery = found.get_or_insert_with(|| Recovery { run: run.clone(), passed: Vec::new() });
        if run.finished_at > recovery.run.finished_at {
            recovery.run = run.clone();
        }
        recovery.passed.push((event, incident));
    }
    Ok(found)
}

/// Whether other runs of the job are late and not over: then it has not caught up.
async fn is_behind(connection: &impl Connection, hook: &Hook, job: &str, now: DateTime<Utc>) -> Result<bool, DbError> {
    let active = store::unfinished(connection, job).await?;
    Ok(active.iter().any(|run| late_by(run, now).to_std().is_ok_and(|by| by > hook.settings.late_after)))
}

/// Whether a success did the work of a run that went wrong: everything, or at least all that run was asked for, or
/// what failed of that very run. A dry run did nothing.
fn makes_up_for(success: &Run, cause: Option<&Run>) -> bool {
    let done = &success.params;
    if done.dry_run {
        return false;
    }
    if let Some(repeated) = &success.retry_of {
        return cause.is_some_and(|cause| cause.id == *repeated);
    }
    if done.companies.is_empty() && done.from.is_none() && done.to.is_none() {
        return true;
    }
    cause.map(|cause| &cause.params).is_some_and(|asked| {
        let all = done.companies.is_empty()
            || (!asked.companies.is_empty() && asked.companies.iter().all(|key| done.companies.contains(key)));
        all && done.from == asked.from && done.to == asked.to
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::{RowCounts, RunParams, RunState, RunTrace, Trigger};

    fn run(companies: &[&str], retry_of: Option<&Run>) -> Run {
        let companies = companies.iter().map(|&key| key.to_owned()).collect();
        Run {
            id: RunId::generate(),
            job: "stock".into(),
            state: RunState::Succeeded,
            trigger: Trigger::Manual,
            scheduled_for: None,
            created_at: DateTime::UNIX_EPOCH,
            started_at: None,
            finished_at: None,
            attempt: 1,
            owner: None,
            params: RunParams { companies, ..RunParams::default() },
            note: String::new(),
            retry_of: retry_of.map(|run| run.id.clone()),
            parallel: None,
            total: 1,
            done: 1,
            failed: 0,
            rows: RowCounts::default(),
            error: None,
            trace: RunTrace::default(),
        }
    }

    #[test]
    fn only_a_success_over_all_that_went_wrong_is_a_recovery() {
        let (whole, some, one) = (run(&[], None), run(&["a", "b"], None), run(&["a"], None));
        assert!(makes_up_for(&whole, None) && makes_up_for(&whole, Some(&whole)) && makes_up_for(&whole, Some(&some)));
        assert!(
            makes_up_for(&some, Some(&one)) && !makes_up_for(&one, Some(&some)) && !makes_up_for(&one, Some(&whole))
        );
        assert!(!makes_up_for(&one, None));
        let mut dry = run(&[], None);
        dry.params.dry_run = true;
        assert!(!makes_up_for(&dry, Some(&whole)));
        let mut days = run(&[], None);
        days.params.from = "2019-01-01".parse().ok();
        assert!(
            !makes_up_for(&days, Some(&whole)) && makes_up_for(&days, Some(&days)) && makes_up_for(&whole, Some(&days))
        );
    }

    #[test]
    fn a_repeat_of_failed_tasks_makes_up_for_the_run_they_failed_in() {
        let (first, second) = (run(&[], None), run(&[], None));
        let repeat = run(&[], Some(&first));
        assert!(makes_up_for(&repeat, Some(&first)) && !makes_up_for(&repeat, Some(&second)));
        assert!(!makes_up_for(&repeat, None));
    }
}
