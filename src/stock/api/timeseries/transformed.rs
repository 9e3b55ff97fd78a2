//! `priceType`, `period`, `log` and `diffCount`, and the series they make of a company's bars.

use std::sync::Arc;

use chrono::NaiveDate;
use futures_util::stream::{BoxStream, StreamExt as _};

use super::{
    super::price::Price,
    parameters::{flag, whole},
};
use crate::{
    db::View,
    http::Answer,
    stock::{
        analysis::{TimeSeries, Transform},
        bar::{Bar, CompanyId, Days},
        indicators::SPANS,
        store::serving::stream,
    },
};

/// The most differences of differences.
const DIFFERENCES: u16 = 10;

/// What is asked for, as text.
pub(super) struct Params<'a> {
    pub price_type: Option<&'a str>,
    pub period: Option<&'a str>,
    pub log: Option<&'a str>,
    pub diff_count: Option<&'a str>,
}

/// Which values, and what is done to them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Transformed {
    price: Price,
    transform: Transform,
}

impl Transformed {
    /// # Errors
    /// 400 naming the parameter.
    pub(super) fn read(params: &Params<'_>) -> Answer<Self> {
        let period = whole("period", params.period, &SPANS)?.unwrap_or(1);
        let differences = whole("diffCount", params.diff_count, &(0..=DIFFERENCES))?.unwrap_or(0);
        let differences = u8::try_from(differences).unwrap_or(u8::MAX);
        let transform = Transform { log: flag("log", params.log)?, period, differences };
        Ok(Self { price: Price::read(params.price_type)?, transform })
    }

    /// The values of a company within the days, in pieces.
    pub(super) fn values(
        self,
        view: &Arc<View>,
        company: &CompanyId,
        days: Days,
    ) -> BoxStream<'static, Answer<Vec<(NaiveDate, f64)>>> {
        let mut series = TimeSeries::new(self.transform);
        let mut value = move |bar: &Bar| Some((bar.date, series.push(self.price.of(bar)?)?));
        stream::bars(view, company, days).map(move |bars| Ok(bars?.iter().filter_map(&mut value).collect())).boxed()
    }
}
