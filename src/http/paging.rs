//! Lists in pages: `{"items":[…],"nextCursor":null}`.

use serde::Serialize;
use utoipa::ToSchema;

use super::problem::{Answer, Problem};
use crate::{settings::shown, told};

pub const DEFAULT_LIMIT: u32 = 50;
pub const MAX_LIMIT: u32 = 500;

/// One page of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Where the next page begins; none: this was the last.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// A page of what was read with a limit one higher than asked for, which tells whether there is more.
    #[must_use]
    pub fn cut(mut items: Vec<T>, limit: u32, cursor: impl FnOnce(&T) -> String) -> Self {
        let limit = limit as usize;
        let more = items.len() > limit;
        items.truncate(limit);
        let next_cursor = if more { items.last().map(cursor) } else { None };
        Self { items, next_cursor }
    }

    /// The same page of other items.
    #[must_use]
    pub fn map<U>(self, view: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(view).collect(), next_cursor: self.next_cursor }
    }
}

/// The size of a page: 1 to 500, 50 when not given.
///
/// # Errors
/// 400 naming `limit`.
pub fn limit(text: Option<&str>) -> Answer<u32> {
    let Some(text) = text else { return Ok(DEFAULT_LIMIT) };
    let number = text.parse().ok().filter(|number| (1..=MAX_LIMIT).contains(number));
    number.ok_or_else(|| {
        let text = shown(text);
        let message = told!(
            "{text} is no number from 1 to {MAX_LIMIT}",
            "{text} は使えません。1 から {MAX_LIMIT} までの整数を指定してください"
        );
        Problem::bad_request("limit", message)
    })
}

/// A cursor of a list that is ordered by names of our own, such as those of jobs.
#[must_use]
pub fn name(text: &str) -> Option<String> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    ((1..=64).contains(&text.len()) && text.bytes().all(fits)).then(|| text.to_owned())
}

/// Reads a cursor that an earlier page gave.
///
/// # Errors
/// 400 naming `cursor`.
pub fn cursor<'a, T>(text: Option<&'a str>, read: impl FnOnce(&'a str) -> Option<T>) -> Answer<Option<T>> {
    let Some(text) = text else { return Ok(None) };
    read(text).map(Some).ok_or_else(|| {
        let message = told!(
            "this is no cursor of an earlier page; leave it out for the first page",
            "前のページで受け取ったカーソルではありません。最初のページから見るときは cursor を外してください"
        );
        Problem::bad_request("cursor", message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_one_to_five_hundred() {
        assert_eq!(limit(None).unwrap(), 50);
        assert_eq!(limit(Some("500")).unwrap(), 500);
        for text in ["0", "501", "-1", "", "ten", "99999999999"] {
            assert!(limit(Some(text)).is_err(), "{text}");
        }
    }

    #[test]
    fn only_a_page_with_more_behind_it_has_a_cursor() {
        let page = Page::cut(vec![1, 2, 3], 2, ToString::to_string);
        assert_eq!((page.items, page.next_cursor.as_deref()), (vec![1, 2], Some("2")));
        assert_eq!(Page::cut(vec![1, 2], 2, ToString::to_string).next_cursor, None);
        let empty = serde_json::to_string(&Page::cut(Vec::<u8>::new(), 2, ToString::to_string)).unwrap();
        assert_eq!(empty, r#"{"items":[],"nextCursor":null}"#);
    }
}
