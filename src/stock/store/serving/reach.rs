//! How far back a series has to be read for values that look back over some sessions.

use chrono::NaiveDate;

use super::ReadError;
use crate::{db::View, stock::bar::CompanyId};

/// The day of the `closes`-th session with a close before `day`; none where there are not so many.
///
/// # Errors
/// What the database says.
pub async fn first_needed(
    view: &View,
    company: &CompanyId,
    day: NaiveDate,
    closes: usize,
) -> Result<Option<NaiveDate>, ReadError> {
    let Some(skipped) = closes.checked_sub(1) else { return Ok(Some(day)) };
    let sql = format!(
        "SELECT date FROM stockprice WHERE company_id = $1 AND date < $2 AND close_price IS NOT NULL \
         ORDER BY date DESC LIMIT 1 OFFSET {skipped}"
    );
    let rows = view.all(&sql, [company.as_str().into(), day.into()]).await?;
    Ok(rows.first().map(|row| row.try_get_by_index(0)).transpose()?)
}
