//! Classifies and reads one page of daily prices. Pure.

use std::sync::LazyLock;

use scraper::{ElementRef, Html, Selector};

use super::table::{self, selector, text};
use crate::crawl::answer::{Answer, Refusal};
use crate::crawl::raw_answer::require_ok;
use crate::stock::bar::{Rejection, Row, StockCode};
use crate::stock::sources::body::{blocked, mentions, schema_changed, snippet};

static NEWEST: LazyLock<Selector> = LazyLock::new(|| selector("table.stock_kabuka0"));
static HISTORY: LazyLock<Selector> = LazyLock::new(|| selector("table.stock_kabuka_dwm"));
static STEP: LazyLock<Selector> = LazyLock::new(|| selector(".stock_kabuka_menu_dwm li.active"));
static PAGES: LazyLock<Selector> = LazyLock::new(|| selector(".pagination a"));
static TITLE: LazyLock<Selector> = LazyLock::new(|| selector("title"));

/// Real pages have 80,000 bytes and 2,300 tags; some pages take a parser quadratic time, so that a megabyte
/// would take it minutes.
const MAX_BYTES: usize = 512 << 10;
const MAX_TAGS: usize = 10_000;

const NOT_FOUND: &str = "お探しのページが見つかりません";
/// So many rows with so many days between each two are no sessions in a row.
const STEPS: usize = 4;
const STEP_DAYS: i64 = 5;

/// The rows of one page, newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    pub rows: Vec<Row>,
    /// Rows that could not be read at all.
    pub unreadable: Vec<Rejection>,
    /// The page offers others, but none after it.
    pub is_last: bool,
}

/// # Errors
/// A [`Refusal`] when the answer says that, or is no page of daily prices of this company.
pub fn parse(status: u16, body: &[u8], code: &StockCode) -> Result<Answer<Page>, Refusal> {
    let text = String::from_utf8_lossy(body);
    if status == 404 && text.contains(NOT_FOUND) {
        return Ok(Answer::UnknownSymbol);
    }
    require_ok(status)?;
    require_sane_size(&text)?;
    let html = Html::parse_document(&text);
    let (Some(newest), Some(history)) = (html.select(&NEWEST).next(), html.select(&HISTORY).next()) else {
        return without_tables(&html);
    };
    require_whole(&text)?;
    agree(&html, code)?;
    let older = table::read(history)?;
    require_days(&older)?;
    let mut page = Page { rows: Vec::new(), unreadable: Vec::new(), is_last: is_last(&html) };
    for row in table::read(newest)?.into_iter().chain(older) {
        match row {
            Ok(row) => page.rows.push(row),
            Err(rejection) => page.unreadable.push(rejection),
        }
    }
    let empty = page.rows.is_empty() && page.unreadable.is_empty();
    Ok(if empty { Answer::NoNewData } else { Answer::Data(page) })
}

fn require_sane_size(text: &str) -> Result<(), Refusal> {
    let (bytes, tags) = (text.len(), text.bytes().filter(|byte| *byte == b'<').count());
    if bytes > MAX_BYTES || tags > MAX_TAGS {
        return Err(schema_changed(format!("a page of {bytes} bytes and {tags} tags, many times the usual")));
    }
    Ok(())
}

/// A page that is cut parses all the same: its last row may have lost digits of its volume, and the rows after it are
/// missing from a history that seems to go on.
fn require_whole(text: &str) -> Result<(), Refusal> {
    if text.contains("</html>") || text.contains("</HTML>") {
        return Ok(());
    }
    Err(schema_changed(format!("a page cut after {} bytes", text.len())))
}

fn without_tables(html: &Html) -> Result<Answer<Page>, Refusal> {
    let words = ["access denied", "captcha", "forbidden", "too many requests", "アクセスが制限", "アクセス制限"];
    let text = visible(html);
    if text.trim().is_empty() {
        Err(schema_changed("an empty page"))
    } else if text.contains(NOT_FOUND) {
        Ok(Answer::UnknownSymbol)
    } else if mentions(&text, &words) {
        Err(blocked(format!("a page that denies access: {}", snippet(&text))))
    } else {
        Err(schema_changed(format!("a page without the tables of prices: {}", snippet(&text))))
    }
}

/// What a person sees: the scripts of a good page speak of captchas too.
fn visible(html: &Html) -> String {
    let texts = html.tree.nodes().filter(|node| {
        let parent = node.parent().and_then(ElementRef::wrap);
        !parent.is_some_and(|parent| matches!(parent.value().name(), "script" | "style" | "noscript"))
    });
    texts.filter_map(|node| node.value().as_text()).map(|text| text.trim()).collect::<Vec<_>>().join(" ")
}

/// Pages of weeks and years have the same tables, and a code may lead to another company's page.
fn agree(html: &Html, code: &StockCode) -> Result<(), Refusal> {
    if let Some(step) = html.select(&STEP).next().map(text).filter(|step| step != "日足") {
        return Err(schema_changed(format!("asked for days (日足), answered with {}", snippet(&step))));
    }
    let title = html.select(&TITLE).next().map(text).unwrap_or_default();
    let named = title.split_once('【').and_then(|(_, rest)| rest.split_once('】')).map(|(named, _)| named.trim());
    match named {
        Some(named) if !named.eq_ignore_ascii_case(code.as_str()) => {
            Err(schema_changed(format!("asked for {code}, answered for {}", snippet(named))))
        }
        _ => Ok(()),
    }
}

/// Rows that never follow each other within five days are weeks, months or years under a heading of days.
fn require_days(rows: &[Result<Row, Rejection>]) -> Result<(), Refusal> {
    let dates: Vec<_> = rows.iter().flatten().map(|row| row.bar.date).collect();
    let steps: Vec<_> = dates.windows(2).map(|pair| (pair[0] - pair[1]).num_days().abs()).collect();
    if steps.len() >= STEPS && steps.iter().all(|days| *days >= STEP_DAYS) {
        return Err(schema_changed(format!("rows {} days apart under a heading of days", steps[0])));
    }
    Ok(())
}

/// Without any links to other pages nothing is said about a next one.
fn is_last(html: &Html) -> bool {
    let links: Vec<_> = html.select(&PAGES).collect();
    let next = |link: &ElementRef<'_>| text(*link).contains("次へ");
    !links.is_empty() && !links.iter().any(next)
}
