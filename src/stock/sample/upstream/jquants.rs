//! J-Quants V2: `/equities/bars/daily` by code or by date, `/equities/master` and `/markets/calendar`.
//!
//! Small pages with a `pagination_key`, a record of nulls for a session without trades, the day's records only once
//! they are final, and an account of the free plan that gives what it documents and refuses the rest.

use axum::Router;
use axum::extract::{Query, State as Shared};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use axum::routing::get;
use chrono::{Datelike, Months, NaiveDate, TimeDelta};
use serde_json::{Value, json};

use super::page::{JSON, Page, Parameters};
use super::server::{Answering, Asked};
use super::state::View;
use crate::stock::bar::Days;
use crate::stock::calendar::Market;

const NAME: &str = "jquants";

/// The key of an account that gives everything.
pub const KEY: &str = "sample-key";
/// The key of an account of the free plan.
pub const FREE_KEY: &str = "sample-free-key";

/// Records a page, of one company's history and of everything else.
const HISTORY_PAGE: usize = 250;
const PAGE: usize = 5;

pub(super) fn routes() -> Router<Answering> {
    Router::new()
        .route("/jquants/equities/bars/daily", get(bars))
        .route("/jquants/equities/master", get(master))
        .route("/jquants/markets/calendar", get(calendar))
}

async fn bars(
    Shared(answering): Shared<Answering>,
    Query(parameters): Query<Parameters>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let code = parameters.get("code").map(|code| ours(code));
    let day = parameters.get("date").cloned();
    let (as_of, plan) = (answering.state.as_of(), Account::of(&headers));
    let everybody = if code.is_none() { answering.state.views(NAME, Market::Tokyo) } else { Vec::new() };
    // A fault of a company does not strike the whole market.
    let asked = Asked { code: code.clone().or(day).unwrap_or_default(), market: Some(Market::Tokyo) };
    let answer = |view: Option<View<'_>>| {
        let Some(plan) = plan else { return refused(StatusCode::FORBIDDEN, WRONG_KEY) };
        match (&code, days(&parameters)) {
            (_, None) => refused(StatusCode::BAD_REQUEST, "'date', 'from' and 'to' must be dates such as 2024-05-31."),
            (None, Some(_)) if !parameters.contains_key("date") => refused(StatusCode::BAD_REQUEST, NEITHER),
            (_, Some(days)) if !plan.covers(days, as_of) => refused(StatusCode::BAD_REQUEST, &plan.told(as_of)),
            (Some(_), Some(days)) => {
                paged(view.map_or_else(Vec::new, |view| records(view, days)), HISTORY_PAGE, &parameters)
            }
            (None, Some(days)) => {
                paged(everybody.iter().flat_map(|view| records(*view, days)).collect(), PAGE, &parameters)
            }
        }
    };
    answering.answer(NAME, asked, &uri, &headers, answer).await
}

async fn master(
    Shared(answering): Shared<Answering>,
    Query(parameters): Query<Parameters>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let code = parameters.get("code").map(|code| ours(code));
    let (as_of, key) = (answering.state.as_of(), Account::of(&headers));
    let views = answering.state.views(NAME, Market::Tokyo);
    let asked = Asked { code: code.clone().unwrap_or_default(), market: Some(Market::Tokyo) };
    let answer = |_: Option<View<'_>>| {
        if key.is_none() {
            return refused(StatusCode::FORBIDDEN, WRONG_KEY);
        }
        let listed = |view: &&View<'_>| view.series.listed_to.is_none_or(|last| as_of <= last);
        let wanted = |view: &&View<'_>| code.as_ref().is_none_or(|code| view.series.code == code);
        paged(views.iter().filter(listed).filter(wanted).map(|view| issue(*view, as_of)).collect(), PAGE, &parameters)
    };
    answering.answer(NAME, asked, &uri, &headers, answer).await
}

async fn calendar(
    Shared(answering): Shared<Answering>,
    Query(parameters): Query<Parameters>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let key = Account::of(&headers);
    let (published, as_of) = (answering.state.published(), answering.state.as_of());
    let asked = Asked { code: String::new(), market: Some(Market::Tokyo) };
    let answer = |_: Option<View<'_>>| match (key, days(&parameters)) {
        (None, _) => refused(StatusCode::FORBIDDEN, WRONG_KEY),
        (Some(_), None) => refused(StatusCode::BAD_REQUEST, "'from' and 'to' must be dates such as 2024-05-31."),
        (Some(_), Some(days)) => {
            let division = |date| if published.is_session(date) { "1" } else { "0" };
            let day = |date: NaiveDate| json!({ "Date": date, "HolDiv": division(date) });
            // The exchange publishes the days of a year in the course of the year before.
            let known = |date: &NaiveDate| *date <= days.to && date.year() <= as_of.year() + 1;
            let within = days.from.iter_days().take_while(known).take(5000);
            paged(within.map(day).collect(), HISTORY_PAGE, &parameters)
        }
    };
    answering.answer(NAME, asked, &uri, &headers, answer).await
}

const WRONG_KEY: &str = "The incoming api key is invalid or expired.";
const NEITHER: &str = "This API requires at least 1 parameter as follows; date, code";

fn refused(status: StatusCode, message: &str) -> Page {
    Page::new(status, JSON, json!({ "message": message }).to_string())
}

/// Five characters back to ours, in upper case.
fn ours(code: &str) -> String {
    let code = code.to_ascii_uppercase();
    match code.strip_suffix('0') {
        Some(short) if short.len() == 4 => short.to_owned(),
        _ => code,
    }
}

/// The day asked for, or from and to; none when one of them is no date.
fn days(parameters: &Parameters) -> Option<Days> {
    let day = |name: &str, default| parameters.get(name).map_or(Some(default), |text| text.parse().ok());
    let (first, last) = (NaiveDate::from_ymd_opt(2008, 5, 7)?, NaiveDate::MAX);
    match parameters.get("date") {
        Some(_) => Some(Days { from: day("date", first)?, to: day("date", first)? }),
        None => Some(Days { from: day("from", first)?, to: day("to", last)? }),
    }
}

#[derive(Clone, Copy)]
enum Account {
    Whole,
    Free,
}

impl Account {
    fn of(headers: &HeaderMap) -> Option<Self> {
        match headers.get("x-api-key")?.to_str().ok()? {
            KEY => Some(Self::Whole),
            FREE_KEY => Some(Self::Free),
            _ => None,
        }
    }

    /// Two years up to twelve weeks before the day.
    fn window(as_of: NaiveDate) -> Days {
        let to = as_of - TimeDelta::weeks(12);
        Days { from: to - Months::new(24), to }
    }

    fn covers(self, days: Days, as_of: NaiveDate) -> bool {
        let window = Self::window(as_of);
        matches!(self, Self::Whole) || (window.from <= days.from && days.to <= window.to)
    }

    fn told(self, as_of: NaiveDate) -> String {
        let Days { from, to } = Self::window(as_of);
        format!(
            "Your subscription covers the following dates: {from} ~ {to}. If you want more data, please check other \
             plans: https://jpx-jquants.com/"
        )
    }
}

/// One page of the records, and the key of the next where there is one.
fn paged(records: Vec<Value>, size: usize, parameters: &Parameters) -> Page {
    let from = match parameters.get("pagination_key").map(|key| key.strip_prefix("page-from-").map(str::parse)) {
        None => 0,
        Some(Some(Ok(from))) => from,
        Some(_) => return refused(StatusCode::BAD_REQUEST, "The pagination_key is invalid."),
    };
    let page: Vec<&Value> = records.iter().skip(from).take(size).collect();
    let next = from + page.len();
    let mut body = json!({ "data": page });
    if next < records.len() {
        body["pagination_key"] = json!(format!("page-from-{next}"));
    }
    Page::ok(JSON, body.to_string())
}

/// The bars as traded and adjusted, side by side.
fn records(view: View<'_>, days: Days) -> Vec<Value> {
    let published = |date: NaiveDate| !(view.in_session && date == view.as_of);
    let traded = view.series.raw_as_of(view.as_of);
    let splits = view.series.splits_as_of(view.as_of);
    let factor = |date| splits.iter().find(|split| split.date == date).map_or(1.0, |split| digits(1.0 / split.ratio));
    let code = theirs(view);
    let adjusted = view.series.bars_as_of(view.as_of);
    let shown = traded.iter().zip(&adjusted).filter(|(bar, _)| days.contains(bar.date) && published(bar.date));
    shown
        .map(|(raw, bar)| {
            json!({
                "Date": raw.date, "Code": code,
                "O": raw.open, "H": raw.high, "L": raw.low, "C": raw.close, "UL": "0", "LL": "0",
                "Vo": raw.volume, "Va": raw.close.zip(raw.volume).map(|(close, volume)| close * volume),
                "AdjFactor": factor(raw.date),
                "AdjO": bar.open, "AdjH": bar.high, "AdjL": bar.low, "AdjC": bar.close, "AdjVo": bar.volume,
            })
        })
        .collect()
}

fn issue(view: View<'_>, as_of: NaiveDate) -> Value {
    json!({
        "Date": as_of, "Code": theirs(view), "CoName": view.series.name, "CoNameEn": view.series.name,
        "S17": "99", "S17Nm": "その他", "S33": "9999", "S33Nm": "その他", "ScaleCat": "-",
        "Mkt": "0111", "MktNm": "プライム",
    })
}

fn theirs(view: View<'_>) -> String {
    if view.series.code.len() == 4 { format!("{}0", view.series.code) } else { view.series.code.to_owned() }
}

/// As few digits as theirs.
fn digits(factor: f64) -> f64 {
    (factor * 1e6).round() / 1e6
}
