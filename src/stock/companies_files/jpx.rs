//! JPX's monthly list of the issues listed in Tokyo, `data_j.xls`, and its copies as CSV.
//!
//! Columns: 日付, コード, 銘柄名, 市場・商品区分, then sectors and scale, each with code and name; `-` for none. One day
//! stands in every row, as 20260131. <https://www.jpx.co.jp/markets/statistics-equities/misc/01.html>

use super::issues::{Columns, Publisher};

pub(super) const COLUMNS: Columns =
    Columns {
        publisher: Publisher::Jpx, date: "日付", code: "コード", name: "銘柄名", segment: "市場・商品区分"
    };
