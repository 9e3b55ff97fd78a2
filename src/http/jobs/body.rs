//! What the bodies that ask a job for something have in common.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Map, Value};

use crate::{
    http::{
        extract::json_object,
        problem::{Answer, Problem},
    },
    jobs::{JobError, ParamProblem, Registered, RunParams, problems},
    told::Told,
};

/// What is wrong with a body: member and message.
pub type Wrong = Vec<(String, Told)>;

/// The members of a body; an empty one has none.
///
/// # Errors
/// 400 when it is no JSON, 422 when it is no object or has a member twice.
pub fn members(body: &[u8]) -> Answer<Map<String, Value>> {
    if body.trim_ascii().is_empty() {
        return Ok(Map::new());
    }
    json_object(body)
}

/// Gives each member to `take` and adds what is wrong, also with the days taken together.
pub fn take_all<T>(
    asked: &mut T,
    members: &Map<String, Value>,
    take: impl Fn(&mut T, &str, &Value) -> Result<(), Told>,
    days: impl Fn(&T) -> (Option<NaiveDate>, Option<NaiveDate>),
) -> Wrong {
    let mut wrong = Wrong::new();
    for (name, value) in members {
        if let Err(message) = take(asked, name, value) {
            wrong.push((name.clone(), message));
        }
    }
    let (from, to) = days(asked);
    wrong.extend(named(ParamProblem::of_days(from, to).into_iter().collect()));
    wrong
}

/// What a job has against parameters, by the members they came from.
#[must_use]
pub fn named(problems: Vec<ParamProblem>) -> Wrong {
    problems.into_iter().map(|problem| (problem.param.to_owned(), problem.message)).collect()
}

/// Lets a faultless body pass; to another adds what the job itself has against the parameters at this instant, so that
/// everything is told in one answer.
///
/// # Errors
/// 422 with all of it.
pub async fn judge(registered: &Registered, params: &RunParams, now: DateTime<Utc>, mut wrong: Wrong) -> Answer<()> {
    if wrong.is_empty() {
        return Ok(());
    }
    let more = problems(registered.job.as_ref(), params, registered.today(now)).await.map_err(|error| match error {
        JobError::Refused(reason) => Problem::conflict(reason, None),
        JobError::Database(error) => error.into(),
    })?;
    for problem in more {
        if !wrong.iter().any(|(member, _)| member == problem.param) {
            wrong.push((problem.param.to_owned(), problem.message));
        }
    }
    Err(Problem::unprocessable(wrong))
}
