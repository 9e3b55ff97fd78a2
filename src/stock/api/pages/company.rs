//! `GET /companies/{stockCode}`: a year of one company.

use std::{collections::BTreeSet, sync::Arc};

use axum::{extract::State, response::Html};
use maud::html;

use super::{STYLE, company_coverage::coverage, company_parts as parts, currency::Currency};
use crate::{
    db::View,
    http::{Answer, NoParams, Reader, page},
    stock::{
        api::{
            StockApi,
            code::{self, CodeInPath},
            coverage_report::reports,
            head::licence_note,
        },
        bar::{CompanyId, Days},
        store::{
            market_days, series,
            serving::{self, Averages, SourcedBar},
        },
    },
};

/// Sessions of the chart: a year.
const SESSIONS: u16 = 250;
/// The moving average drawn with the closes, where it is kept.
const AVERAGE: &str = "sma25";

pub(in crate::stock::api) async fn company(
    _: Reader,
    State(api): State<Arc<StockApi>>,
    CodeInPath(code): CodeInPath,
    _: NoParams,
) -> Answer<Html<String>> {
    let connection = api.database.connection();
    let company = code::company(connection, &code).await?;
    let series = series::find(connection, &company.company_id).await?;
    let bars = serving::newest_bars(connection, &company.company_id, SESSIONS).await?;
    let calendars = market_days::calendars(connection).await?;
    let reports = reports(connection, &calendars, vec![company.clone()], api.clock.now()).await?;
    let averages = averages(&api, &company.company_id, &bars).await?;
    let sources: BTreeSet<String> = bars.iter().filter_map(|bar| bar.source.clone()).collect();
    let note = licence_note(&company, &Vec::from_iter(sources), &api.samples);
    let simulated = api.samples.simulated(&company.company_id);
    let title = format!("{} {}", company.stock_code, company.company_name);
    let currency = Currency::of(&company.country_code);
    let body = html! {
        h1 { (title) }
        (parts::facts(&company, currency, &series, note.as_deref(), simulated))
        (parts::year(&company, currency, &bars, &averages))
        (parts::newest(&bars, currency))
        @for report in &reports { (coverage(report)) }
        (parts::links(&company))
    };
    Ok(Html(page::layout_with(&title, STYLE, body).into_string()))
}

/// The moving average over the days of the bars; none where it is not kept.
async fn averages(api: &StockApi, company: &CompanyId, bars: &[SourcedBar]) -> Answer<Averages> {
    let (Some(first), Some(last)) = (bars.first(), bars.last()) else { return Ok(Averages::default()) };
    let days = Days { from: first.bar.date, to: last.bar.date };
    let mut kept = serving::kept_averages(api.database.connection()).await?;
    kept.retain(|average| average.ma_type == AVERAGE);
    Ok(serving::averages(&View::Now(api.database.clone()), company, days, &kept).await?)
}
