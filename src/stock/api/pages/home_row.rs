//! One company of the home page.

use maud::{Markup, html};

use super::{badges::badges, currency::Currency, number};
use crate::stock::{
    api::{StockApi, head::source_note, svg},
    store::serving::Shown,
};

pub(super) fn row(api: &StockApi, shown: &Shown) -> Markup {
    let currency = Currency::of(&shown.country_code);
    let page = format!("/companies/{}", shown.stock_code);
    let closes: Vec<Option<f64>> = shown.closes.iter().map(|(_, close)| *close).collect();
    let mut traded = shown.closes.iter().rev().filter_map(|(date, close)| Some((date, (*close)?)));
    let (newest, before) = (traded.next(), traded.next());
    html! {
        tr {
            td { a href=(page) { (shown.stock_code) } }
            td {
                (shown.company_name) " "
                (badges(api.samples.simulated(&shown.company_id), shown.status, shown.listed_to))
            }
            td { (shown.listed_market) }
            td class="num" {
                (number::price(newest.map(|(_, close)| close), currency))
                @if let Some(code) = currency.code.filter(|_| newest.is_some()) { " " small class="unit" { (code) } }
            }
            td class="num" {
                @if let (Some((_, now)), Some((_, before))) = (newest, before) { (number::change(before, now, currency)) }
            }
            td { @if let Some((date, _)) = newest { time { (date) } } @else { span class="quiet" { "no bar yet" } } }
            td { (svg::sparkline(&closes, &format!("closes of {}", shown.stock_code))) }
            td class="quiet" { (source(api, shown)) }
        }
    }
}

/// The source's name; what must be known of its licence shows when pointed at.
fn source(api: &StockApi, shown: &Shown) -> Markup {
    let Some(source) = &shown.source else { return html! {} };
    let sample = api.samples.get(&shown.company_id).map(|note| note.licence_note.clone());
    html! { span title=(sample.unwrap_or_else(|| source_note(source))) { (source) } }
}
