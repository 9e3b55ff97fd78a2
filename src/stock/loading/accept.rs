//! The bar of an accepted row on its way into the series.

use chrono::{DateTime, Utc};

use super::decide::DecideError;
use crate::{
    db::Transaction,
    stock::{
        bar::{Bar, Basis, Days},
        checks::{possible, without_carried_prices},
        overlap::OneBasis,
        store::{
            bars, companies, indicators, market_days,
            quarantine::Quarantined,
            revisions,
            series::{self, Series},
        },
    },
};

/// Loads the row's bar as a correction or a new bar of its session: written, recorded, and the indicators computed anew
/// from its day. `series` is locked.
pub(super) async fn accept(
    transaction: &Transaction,
    row: &Quarantined,
    mut series: Series,
    now: DateTime<Utc>,
) -> Result<(), DecideError> {
    if series.is_unsettled() {
        return Err(DecideError::Unsettled);
    }
    let (bar, basis) = acceptable(transaction, row, now).await?;
    let (id, date) = (&row.company_id, bar.date);
    let bars = OneBasis::single(bar, basis, series.basis)?;
    let before = bars::read(transaction, id, Days { from: date, to: date }).await?;
    let written = bars::store(transaction, id, &row.source, &bars).await?;
    series.basis = Some(bars.basis());
    if series.source.is_none() || series.newest_date < Some(date) {
        series.source = Some(row.source.clone());
    }
    series.newest_date = series.newest_date.max(Some(date));
    if let Some(changed) = written.first_day {
        let origin = (row.source.as_str(), row.run_id.as_str());
        revisions::add_accepted(transaction, id, origin, before.first(), &bar).await?;
        series.version += 1;
        // Those that the series has; a run computes what the configuration wants beyond them.
        let positions = indicators::of_spec(transaction, &series.indicator_spec).await?;
        if positions.width() > 0 {
            indicators::refresh(transaction, id, &positions, changed).await?;
        }
    }
    Ok(series::save(transaction, id, &series).await?)
}

/// The row's bar, if it can be one, its session is over, and it is in the unit of the series.
async fn acceptable(
    transaction: &Transaction,
    row: &Quarantined,
    now: DateTime<Utc>,
) -> Result<(Bar, Basis), DecideError> {
    let (bar, basis) = row.bar.ok_or(DecideError::Unreadable)?;
    possible(&bar).map_err(DecideError::Impossible)?;
    let company = companies::find_by_id(transaction, &row.company_id).await?;
    let market = company.and_then(|company| company.market()).ok_or(DecideError::NoCompany)?;
    let calendars = market_days::calendars(transaction).await?;
    if bar.date > calendars.of(market).newest_final_session(now) {
        return Err(DecideError::NotFinal(bar.date));
    }
    match revisions::rebased_since(transaction, &row.company_id, row.created_at, &row.run_id).await? {
        Some(day) => Err(DecideError::Rebased(day)),
        None => Ok((without_carried_prices(bar), basis)),
    }
}
