//! Which moving averages are asked for, and where the values of each come from. Pure.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    http::{Answer, Problem},
    stock::{
        indicators::MaType,
        store::{series::Series, serving::KeptAverage},
    },
    told,
};

/// As many at once.
const MOST: usize = 50;

/// A moving average of an answer.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub name: Arc<str>,
    pub origin: Origin,
}

#[derive(Clone, Debug)]
pub(super) enum Origin {
    Stored(KeptAverage),
    Computed(MaType),
}

/// Those that `maTypes` names, each once, by name; the kept ones without it. What is kept by now is computed as long as
/// the series was stored without it.
///
/// # Errors
/// 400 naming what is no moving average.
pub(super) fn wanted(kept: Vec<KeptAverage>, series: &Series, ma_types: Option<&str>) -> Answer<Vec<Wanted>> {
    let names: BTreeSet<MaType> = match ma_types {
        Some(text) => text.split(',').map(|name| named(name.trim())).collect::<Answer<_>>()?,
        None => kept.iter().filter_map(|average| MaType::parse(&average.ma_type).ok()).collect(),
    };
    if ma_types.is_some() && names.len() > MOST {
        let count = names.len();
        let message = told!(
            "there are {count} moving averages; {MOST} at once are the most",
            "移動平均が {count} 個指定されています。一度に指定できるのは {MOST} 個までです"
        );
        return Err(Problem::bad_request("maTypes", message));
    }
    let stored: Vec<&str> = series.indicator_spec.split(',').collect();
    let wanted = |ma: MaType| {
        let name = ma.to_string();
        let kept = kept.iter().find(|average| average.ma_type == name && stored.contains(&name.as_str()));
        let origin = kept.cloned().map_or(Origin::Computed(ma), Origin::Stored);
        Wanted { name: name.into(), origin }
    };
    let mut wanted: Vec<Wanted> = names.into_iter().map(wanted).collect();
    wanted.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(wanted)
}

fn named(name: &str) -> Answer<MaType> {
    MaType::parse(name).map_err(|_| {
        let shown = crate::settings::shown(name);
        let message = told!(
            "{shown} is no moving average: write sma, ema or wma and a span of 1 to 400 sessions, as in sma5",
            "{shown} という移動平均はありません。sma・ema・wma のいずれかに続けて 1〜400 の日数を書いてください(例: sma5)"
        );
        Problem::bad_request("maTypes", message)
    })
}
