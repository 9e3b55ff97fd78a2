//! The parts of a company's page.

use chrono::NaiveDate;
use maud::{Markup, html};

use super::{badges::badges, currency::Currency, number};
use crate::stock::{
    api::svg::{self, Line},
    bar::Basis,
    company::Company,
    store::{
        series::Series,
        serving::{Averages, SourcedBar},
    },
};

/// Sessions of the table.
const ROWS: usize = 20;

pub(super) fn facts(
    company: &Company,
    currency: Currency,
    series: &Series,
    note: Option<&str>,
    simulated: bool,
) -> Markup {
    let adjusted = series.basis.map(|basis| match basis {
        Basis::Split => "for splits, not for dividends",
        Basis::SplitDividend => "for splits and dividends",
    });
    let facts = [
        ("Company id", Some(company.company_id.to_string())),
        ("Market", Some(format!("{} ({})", company.listed_market, company.country_code))),
        ("Founded", company.foundation_date.map(|founded| founded.date().to_string())),
        ("First day of trading", company.listed_from.map(|day| day.to_string())),
        ("Last day of trading", company.listed_to.map(|day| day.to_string())),
        ("Source of the newest bars", series.source.clone()),
        ("Currency", currency.code.map(str::to_owned)),
        ("Adjusted", adjusted.map(str::to_owned)),
        ("Licence", note.map(str::to_owned)),
    ];
    html! {
        p { (badges(simulated, company.status, company.listed_to)) }
        dl class="facts" {
            @for (name, fact) in facts { @if let Some(fact) = fact { dt { (name) } dd { (fact) } } }
        }
    }
}

/// Closes and their moving average over the sessions of `bars`.
pub(super) fn year(company: &Company, currency: Currency, bars: &[SourcedBar], averages: &Averages) -> Markup {
    if bars.is_empty() {
        return html! { p { "No bar is stored yet: the next run of the job fetches them." } };
    }
    let dates: Vec<NaiveDate> = bars.iter().map(|bar| bar.bar.date).collect();
    let closes: Vec<Option<f64>> = bars.iter().map(|bar| bar.bar.close).collect();
    let average = averages.columns.first().map(|(name, values)| (name, over(&dates, &averages.dates, values)));
    let mut lines = vec![Line { class: "close", values: &closes }];
    lines.extend(average.iter().map(|(_, values)| Line { class: "average", values }));
    html! {
        h2 { "The last " (bars.len()) " sessions" }
        div class="scroll plot" {
            (svg::chart(&dates, &lines, &currency.behind(&format!("closes of {}", company.stock_code))))
        }
        p class="key" {
            span {} (currency.behind("close"))
            @if let Some((name, _)) = &average { span class="average" {} (name) }
        }
    }
}

/// The values of `at`'s days on the days of `dates`, both ascending: sessions without trade have no moving average.
fn over(dates: &[NaiveDate], at: &[NaiveDate], values: &[Option<f64>]) -> Vec<Option<f64>> {
    let value = |date| at.binary_search(date).ok().and_then(|index| values.get(index).copied().flatten());
    dates.iter().map(value).collect()
}

pub(super) fn newest(bars: &[SourcedBar], currency: Currency) -> Markup {
    html! {
        @if !bars.is_empty() {
            h2 { "The newest sessions" }
            div class="scroll" { table {
                thead { tr {
                    th { "Session" }
                    @for price in ["Open", "High", "Low", "Close"] { th class="num" { (currency.behind(price)) } }
                    th class="num" { "Volume" } th { "Source" }
                } }
                tbody { @for bar in bars.iter().rev().take(ROWS) { (bar_row(bar, currency)) } }
            } }
        }
    }
}

fn bar_row(SourcedBar { bar, source }: &SourcedBar, currency: Currency) -> Markup {
    html! {
        tr {
            td { time { (bar.date) } @if bar.close.is_none() { " " span class="quiet" { "no trade" } } }
            @for value in [bar.open, bar.high, bar.low, bar.close] { td class="num" { (number::price(value, currency)) } }
            td class="num" { (number::volume(bar.volume)) }
            td class="quiet" { (source.as_deref().unwrap_or("–")) }
        }
    }
}

pub(super) fn links(company: &Company) -> Markup {
    let code = company.stock_code.as_str();
    let links = [
        ("bars as JSON", format!("/api/v1/stockprices/rawdata/{code}")),
        ("bars as CSV", format!("/api/v1/stockprices/rawdata/{code}?format=csv")),
        ("moving averages", format!("/api/v1/stockprices/ma/{code}")),
        ("rows not loaded", format!("/quarantine?stockCode={}", code.replace('^', "%5E"))),
        ("corrections and rebasings", format!("/api/v1/revisions?stockCode={}", code.replace('^', "%5E"))),
        ("coverage", format!("/api/v1/coverage/{code}")),
        ("the company as JSON", format!("/api/v1/companies/{code}")),
        ("all companies", "/".to_owned()),
    ];
    html! { h2 { "More" } ul { @for (name, link) in links { li { a href=(link) { (name) } } } } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_without_a_moving_average_is_a_gap_in_its_line() {
        let day = |n| NaiveDate::from_ymd_opt(2026, 11, n).unwrap();
        let found = over(&[day(1), day(2), day(3)], &[day(1), day(3)], &[None, Some(7.0)]);
        assert_eq!(found, [None, None, Some(7.0)]);
    }
}
