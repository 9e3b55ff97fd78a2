//! What the bodies that ask a job for something have in common.

use chrono::NaiveDate;
use serde_json::{Map, Value};

use crate::{
    http::{
        extract::rejection,
        problem::{Answer, Problem},
    },
    jobs::{JobError, Registered, RunParams},
};

/// What is wrong with a body: member and message.
pub type Wrong = Vec<(String, String)>;

/// The members of a body; an empty one has none.
///
/// # Errors
/// 400 when it is no JSON, 422 when it is no object.
pub fn members(body: &[u8]) -> Answer<Map<String, Value>> {
    if body.trim_ascii().is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(body).map_err(|error| rejection(&error))? {
        Value::Object(members) => Ok(members),
        _ => Err(Problem::unprocessable(vec![("body".to_owned(), "it is no JSON object".to_owned())])),
    }
}

/// Gives each member to `take` and adds what is wrong, also with the days taken together.
pub fn take_all<T>(
    asked: &mut T,
    members: &Map<String, Value>,
    take: impl Fn(&mut T, &str, &Value) -> Result<(), String>,
    days: impl Fn(&T) -> (Option<NaiveDate>, Option<NaiveDate>),
) -> Wrong {
    let mut wrong = Wrong::new();
    for (name, value) in members {
        if let Err(message) = take(asked, name, value) {
            wrong.push((name.clone(), message));
        }
    }
    if let (Some(from), Some(to)) = days(asked)
        && from > to
    {
        wrong.push(("from".to_owned(), format!("{from} is after to, {to}")));
    }
    wrong
}

/// Lets a faultless body pass; to another adds what the job itself has against the parameters, so that everything is
/// told in one answer.
///
/// # Errors
/// 422 with all of it.
pub async fn judge(registered: &Registered, params: &RunParams, mut wrong: Wrong) -> Answer<()> {
    if wrong.is_empty() {
        return Ok(());
    }
    let more = registered.job.check(params).await.map_err(|error| match error {
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
