//! Kabutan's daily pages: `/stock/kabuka?code=1101&ashi=day&page=1`.
//!
//! Tables, menu and paging are as on the site, with its quirks: the header says 本日 whatever the newest row's day, a
//! body is closed twice, and a table above them carries wrong days in its `datetime`. Around them only what a parser
//! could trip over. How far back the site's pages go, what it answers beyond, and when it drops a delisted company is
//! unknown: here all of the history is served, then an empty table, and delisted companies stay.

use std::fmt::Write;

use axum::http::StatusCode;
use chrono::NaiveDate;

use super::page::{HTML, Page, Parameters};
use super::server::Asked;
use super::state::View;
use crate::stock::bar::Bar;
use crate::stock::calendar::Market;

pub(super) const NAME: &str = "kabutan";

const ROWS: usize = 30;
/// Pages that the paging offers at once.
const BLOCK: usize = 9;
/// What stands for a number that is not there.
const NONE: &str = "－";

pub(super) fn asked(parameters: &Parameters) -> Asked {
    let code = parameters.get("code").map_or("", String::as_str).to_ascii_uppercase();
    Asked { code, market: Some(Market::Tokyo) }
}

pub(super) fn page(view: Option<View<'_>>, parameters: &Parameters) -> Page {
    let daily = parameters.get("ashi").is_none_or(|ashi| ashi == "day");
    let number = parameters.get("page").map_or(Some(1), |text| text.parse::<u16>().ok().map(usize::from));
    let number = number.filter(|number| *number >= 1);
    let (Some(view), Some(number), true) = (view, number, daily) else {
        return Page::new(StatusCode::NOT_FOUND, HTML, NOT_FOUND);
    };
    let days = newest_first(&view.bars());
    let Some((newest, history)) = days.split_first() else {
        return Page::new(StatusCode::NOT_FOUND, HTML, NOT_FOUND);
    };
    // The newest row fills the first page's first place and is repeated above all others.
    let (skip, take) = if number == 1 { (0, ROWS - 1) } else { ((number - 1).saturating_mul(ROWS) - 1, ROWS) };
    let shown: Vec<&Day> = history.iter().skip(skip).take(take).collect();
    let history: String = shown.iter().copied().map(row).collect();
    let paging = paging(view.series.code, number, days.len().div_ceil(ROWS));
    let rows = std::iter::once(newest).chain(shown).map(|(bar, _)| bar);
    Page::ok(HTML, html(view, &row(newest), &history, &paging)).with_rows(rows)
}

const NOT_FOUND: &str = "<!DOCTYPE html>\n<html lang=\"ja\">\n<head>\n<meta charset=\"utf-8\">\n\
     <title>お探しのページが見つかりません。</title>\n</head>\n<body>\n<h1>お探しのページが見つかりません。</h1>\n\
     </body>\n</html>\n";

/// A bar and the last close before it.
type Day = (Bar, Option<f64>);

fn newest_first(bars: &[Bar]) -> Vec<Day> {
    let with_before = bars.iter().scan(None, |before, bar| {
        let day = (*bar, *before);
        *before = bar.close.or(*before);
        Some(day)
    });
    let mut days: Vec<Day> = with_before.collect();
    days.reverse();
    days
}

fn row((bar, before): &Day) -> String {
    let change = bar.close.zip(*before).map(|(close, before)| (close - before, (close / before - 1.0) * 100.0));
    let mut text = format!(
        "<tr>\n<th scope=\"row\"><time datetime=\"{}\">{}</time></th>\n",
        bar.date,
        bar.date.format("%y/%m/%d")
    );
    let price = |value: Option<f64>| value.map_or_else(|| NONE.to_owned(), |value| grouped(value, 1));
    let volume = bar.volume.map_or_else(|| NONE.to_owned(), |volume| grouped(volume, 0));
    let cells = [price(bar.open), price(bar.high), price(bar.low), price(bar.close)];
    let changes = [signed(change.map(|both| both.0), 1), signed(change.map(|both| both.1), 2), volume];
    for cell in cells.iter().chain(&changes) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "<td>{cell}</td>");
    }
    text.push_str("</tr>\n");
    text
}

fn signed(value: Option<f64>, decimals: usize) -> String {
    let Some(value) = value else { return NONE.to_owned() };
    let text = grouped(value.abs(), decimals);
    match text.bytes().any(|b| (b'1'..=b'9').contains(&b)) {
        false => format!("<span>{text}</span>"),
        true if value > 0.0 => format!("<span class=\"up\">+{text}</span>"),
        true => format!("<span class=\"down\">-{text}</span>"),
    }
}

/// `12,345.6`, of a number that is not negative.
fn grouped(value: f64, decimals: usize) -> String {
    let plain = format!("{value:.decimals$}");
    let (whole, rest) = plain.split_at(plain.find('.').unwrap_or(plain.len()));
    let mut text = String::with_capacity(plain.len() + whole.len() / 3);
    for (at, digit) in whole.char_indices() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text + rest
}

fn html(view: View<'_>, newest: &str, history: &str, paging: &str) -> String {
    let (code, name) = (view.series.code, view.series.name);
    let (today, date) = (heads("本日"), heads("日付"));
    let extremes = extremes(view.as_of);
    let quoted = format!("{}T{}+09:00", view.as_of, if view.in_session { "11:00" } else { "15:30" });
    format!(
        r#"<!DOCTYPE html>
<html lang="ja">
<head>
<meta charset="utf-8">
<title>{name}【{code}】の日々株価（日足）</title>
</head>
<body>
<!-- sample data of a simulated market -->
<h2>{code}　{name}</h2>
<time datetime="{quoted}"></time>
<div class="stock_kabuka_menu stock_kabuka_menu_dwm">
<ul>
<li class="active">日足</li>
<li><a href="/stock/kabuka?code={code}&ashi=wek" title="週足">週足</a></li>
</ul>
</div>
{extremes}<div id="stock_kabuka_table">

<table class="stock_kabuka0">
{today}<tbody>
{newest}</tbody>
</table>

<table class="stock_kabuka_dwm">
{date}<tbody>
{history}</tbody>
</tbody>
</table>
</div>
{paging}</body>
</html>
"#
    )
}

fn heads(first: &str) -> String {
    let names = [first, "始値", "高値", "安値", "終値", "前日比", "前日比％", "売買高(株)"];
    let cells: String = names.iter().map(|name| format!("<th scope=\"col\" class=\"w70\">{name}</th>\n")).collect();
    format!("<thead>\n<tr>\n{cells}</tr>\n</thead>\n")
}

/// A table that only misleads: `datetime` is another day than the text, as seen on the site.
fn extremes(as_of: NaiveDate) -> String {
    format!(
        "<table id=\"stock_kabuka_nenshorai\">\n<tbody>\n<tr>\n<th scope=\"row\">52週高値</th>\n<td>99,999.0</td>\n\
         <td><time datetime=\"{as_of}\">01/01/04</time></td>\n</tr>\n</tbody>\n</table>\n"
    )
}

/// Nine pages at once, the next one, and the first of the following nine.
fn paging(code: &str, number: usize, pages: usize) -> String {
    let link = |page: usize, text: &str| format!("<li><a href=\"?code={code}&ashi=day&page={page}\">{text}</a></li>");
    let first = (number - 1) / BLOCK * BLOCK + 1;
    let following = first + BLOCK;
    let mut items = String::new();
    if number > 1 {
        items += &link(number - 1, "＜前へ");
    }
    for page in first..following.min(pages + 1) {
        let text = page.to_string();
        items += &if page == number { format!("<li><strong>{text}</strong></li>") } else { link(page, &text) };
    }
    if number < pages {
        items += &link(number + 1, "次へ＞");
    }
    if following <= pages {
        items += &link(following, "&raquo;");
    }
    format!("<div class=\"pagination\"><ul>\n{items}\n</ul></div>\n")
}
