//! Going on with a list behind a place: unlike a count of rows, it neither repeats nor skips any when others come or go.

use sea_orm::Value;

use crate::jobs::place::Place;

/// Adds to the conditions that a row stands behind `after`.
pub fn behind(after: Option<&Place>, conditions: &mut String, values: &mut Vec<Value>) {
    let Some(place) = after else { return };
    values.extend([place.position.into(), place.key.as_str().into()]);
    conditions.push_str(&format!(" AND (position, key) > (${}, ${})", values.len() - 1, values.len()));
}
