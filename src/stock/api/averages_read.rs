//! The rows of moving averages: stored ones are read, others computed, in pieces. What fits into one piece is read with
//! one statement for all that is stored and one pass over the bars for all that is computed; longer ranges with a pass
//! for each moving average over one state of the database.

use std::{collections::HashMap, sync::Arc};

use chrono::NaiveDate;
use futures_util::{
    StreamExt as _, TryStreamExt as _, future,
    stream::{self, BoxStream},
};

use super::{
    asked::Asked,
    averages_wanted::{Origin, Wanted},
};
use crate::{
    db::{Database, View},
    http::{
        Answer,
        table::{Batch, Values},
    },
    stock::{
        bar::{Bar, CompanyId, Days},
        indicators::Average,
        store::serving::{
            self, ReadError,
            stream::{average, bars, fits, view},
        },
    },
};

/// Before every session there is; both databases know days from here on.
const FIRST_DAY: NaiveDate = match NaiveDate::from_ymd_opt(1, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// The values of one moving average, ascending.
type Points = Vec<(NaiveDate, f64)>;

/// The rows in the order of `wanted`, then by date.
///
/// # Errors
/// What the database says, or that too many long answers are under way.
pub(super) async fn batches(
    database: &Database,
    asked: &Asked,
    wanted: Vec<Wanted>,
) -> Answer<BoxStream<'static, Answer<Batch>>> {
    let Asked { company, series, days } = asked;
    let (company, days) = (company.company_id.clone(), *days);
    let computed = wanted.iter().filter(|one| matches!(one.origin, Origin::Computed(_))).count();
    let one_statement = match computed {
        0 => fits(series, days),
        all if all == wanted.len() => fits(series, history(days)),
        _ => false,
    };
    let view = view(database, one_statement).await?;
    if fits(series, days) {
        let all = at_once(&view, &company, days, wanted).await?;
        return Ok(stream::iter(all.into_iter().map(|(name, points)| Ok(batch(&name, points)))).boxed());
    }
    let passes = stream::iter(wanted).flat_map(move |one| pass(&view, &company, days, one));
    let full = passes.try_filter(|batch| future::ready(batch.rows() > 0));
    Ok(full.boxed())
}

/// A value depends on all sessions before it, or on as many as its span: on none that is not read.
fn history(days: Days) -> Days {
    Days { from: FIRST_DAY, to: days.to }
}

async fn at_once(
    view: &Arc<View>,
    company: &CompanyId,
    days: Days,
    wanted: Vec<Wanted>,
) -> Result<Vec<(Arc<str>, Points)>, ReadError> {
    let (mut kept, mut averages) = (Vec::new(), Vec::new());
    for one in &wanted {
        match &one.origin {
            Origin::Stored(average) => kept.push(average.clone()),
            Origin::Computed(ma) => averages.push((Arc::clone(&one.name), Average::new(*ma), Points::new())),
        }
    }
    let stored = serving::averages(view, company, days, &kept).await?;
    let mut pieces = bars(view, company, history(days));
    while !averages.is_empty()
        && let Some(piece) = pieces.try_next().await?
    {
        for (_, average, points) in &mut averages {
            points.extend(pushed(average, &piece, days.from));
            // Each takes a millisecond at most.
            tokio::task::yield_now().await;
        }
    }
    let mut points: HashMap<Arc<str>, Points> = averages.into_iter().map(|(name, _, points)| (name, points)).collect();
    for (name, values) in stored.columns {
        points.insert(name.into(), there(stored.dates.iter().copied().zip(values)));
    }
    Ok(wanted.into_iter().filter_map(|one| points.remove_entry(&one.name)).collect())
}

/// One moving average over a long range.
fn pass(view: &Arc<View>, company: &CompanyId, days: Days, one: Wanted) -> BoxStream<'static, Answer<Batch>> {
    let name = one.name;
    match one.origin {
        Origin::Stored(kept) => {
            average(view, company, days, &kept).map(move |piece| Ok(batch(&name, there(piece?)))).boxed()
        }
        Origin::Computed(ma) => {
            let mut average = Average::new(ma);
            let pieces = bars(view, company, history(days));
            pieces.map(move |piece| Ok(batch(&name, pushed(&mut average, &piece?, days.from)))).boxed()
        }
    }
}

/// The values at the sessions with a close, from a day on.
fn pushed(average: &mut Average, bars: &[Bar], from: NaiveDate) -> Points {
    let closes = bars.iter().filter_map(|bar| Some((bar.date, bar.close?)));
    let values = closes.filter_map(|(date, close)| Some((date, average.push(close)?)));
    values.filter(|(date, _)| *date >= from).collect()
}

/// Sessions before a value's first have none and are left out.
fn there(values: impl IntoIterator<Item = (NaiveDate, Option<f64>)>) -> Points {
    values.into_iter().filter_map(|(date, value)| Some((date, value?))).collect()
}

fn batch(name: &Arc<str>, points: Points) -> Batch {
    let (dates, values): (Vec<_>, Vec<_>) = points.into_iter().map(|(date, value)| (date, Some(value))).unzip();
    Batch(vec![Values::Day(dates), Values::same(name, values.len()), Values::Real(values)])
}
