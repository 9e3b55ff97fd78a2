//! The sheet as SVG. Shapes are closed (`{}`): within HTML an open one would swallow those after it.

use std::fmt::Write as _;

use maud::{Markup, PreEscaped, html};

use super::{
    super::{links::LinkKind, model::Kind},
    block::Rectangle,
    lines::Line,
    pack::{Panel, Sheet},
    sketch::{self, HEADER, Mark, PADDING, Row, Sketch},
};

/// For page and file alike; light and dark by the reader's system.
const STYLE: &str = include_str!("style.css");
/// The radius of corners.
const ROUND: f64 = 7.0;
/// The hues that areas have in turn.
const HUES: usize = 9;

pub fn draw(sheet: &Sheet<'_>, address: &str) -> String {
    let (width, height) = (sheet.width, sheet.height + LEGEND);
    let tables: usize = sheet.panels.iter().map(|panel| panel.sketches.len()).sum();
    let svg = html! {
        svg class="data-model" xmlns="http://www.w3.org/2000/svg" viewBox={ "-1 -1 " (width + 2.0) " " (height + 2.0) }
            width=(width + 2.0) height=(height + 2.0) role="group" aria-label={ "Entity diagram of " (tables) " tables" } {
            style { (PreEscaped(STYLE)) }
            (legend())
            @for (number, panel) in sheet.panels.iter().enumerate() { (area(panel, number % HUES, address)) }
        }
    };
    svg.into_string()
}

/// The room above the panels.
const LEGEND: f64 = 30.0;

fn legend() -> Markup {
    let texts = [
        (0.0, Some(LinkKind::Key), "foreign key"),
        (150.0, Some(LinkKind::Like), "named as another table's key, none declared"),
        (505.0, Some(LinkKind::Reads), "a view reads"),
        (655.0, None, "● primary  ○ unique  ⇢ leads into another area"),
    ];
    html! {
        g class="legend" {
            @for (x, kind, text) in texts {
                @if let Some(kind) = kind {
                    (path(&Line { kind, points: vec![(x, 11.0), (x + 34.0, 11.0)], arrives: true }))
                }
                text x=(if kind.is_some() { x + 44.0 } else { x }) y="15" { (text) }
            }
        }
    }
}

fn area(panel: &Panel<'_>, hue: usize, address: &str) -> Markup {
    html! {
        g class={ "area hue" (hue) } transform=(moved(panel.x, panel.y + LEGEND)) {
            rect class="panel" width=(short(panel.width)) height=(short(panel.height)) rx="10" {}
            text class="title" x="18" y="25" { (panel.title) }
            @for (x, y, block) in &panel.blocks {
                g transform=(moved(*x, *y)) {
                    @for line in &block.lines { (path(line)) }
                    @for (table, place) in &block.boxes { (table_box(&panel.sketches[*table], *place, address)) }
                }
            }
        }
    }
}

fn table_box(sketch: &Sketch<'_>, place: Rectangle, address: &str) -> Markup {
    let table = sketch.table;
    let is_view = table.kind == Kind::View;
    html! {
        a href={ (address) "#" (table.name) } {
            g class=(if is_view { "table view" } else { "table" }) transform=(moved(place.x, place.y)) {
                @if let Some(comment) = &table.comment { title { (comment) } }
                rect class="box" width=(place.width) height=(place.height) rx="6" {}
                path class="head" d=(head(place.width)) {}
                text class="name" x=(PADDING) y="18.5" { (table.name) }
                @for (number, row) in sketch.rows.iter().enumerate() { (column(row, number, place.width)) }
                @if sketch.more > 0 {
                    text class="more" x=(PADDING + sketch::MARK) y=(baseline(sketch.rows.len())) {
                        (sketch::beside(sketch.more))
                    }
                }
            }
        }
    }
}

fn column(row: &Row<'_>, number: usize, width: f64) -> Markup {
    let mark = match row.mark {
        Mark::Primary => "primary",
        Mark::Unique => "unique",
        Mark::None => "",
    };
    html! {
        @if !mark.is_empty() { circle class=(mark) cx=(PADDING + 4.0) cy=(sketch::row_middle(number)) r="3.2" {} }
        text class={ "column " (mark) } x=(PADDING + sketch::MARK) y=(baseline(number)) { (row.name) }
        @if let Some(away) = row.away {
            text class="away" x=(width - PADDING) y=(baseline(number)) { "⇢ " (away) }
        }
    }
}

fn baseline(row: usize) -> f64 {
    sketch::row_middle(row) + 4.0
}

/// The upper part of a box, round above only.
fn head(width: f64) -> String {
    format!("M0 {HEADER}V6a6 6 0 0 1 6 -6H{}a6 6 0 0 1 6 6V{HEADER}Z", width - 6.0)
}

/// A line with round corners, a dot where it begins and an arrow where it arrives.
fn path(line: &Line) -> Markup {
    let kind = match line.kind {
        LinkKind::Key => "key",
        LinkKind::Like => "like",
        LinkKind::Reads => "reads",
    };
    let ends = (line.points.first(), line.points.last(), line.points.len().checked_sub(2).map(|n| line.points[n]));
    html! {
        path class={ "line " (kind) } d=(rounded(&line.points)) {}
        @if let (Some(start), Some(end), Some(before)) = ends {
            circle class={ "start " (kind) } cx=(short(start.0)) cy=(short(start.1)) r="2.4" {}
            @if line.arrives {
                @let back = if before.0 < end.0 { -8 } else { 8 };
                path class={ "arrow " (kind) } d={ "M" (short(end.0)) " " (short(end.1)) "l" (back) " -4v8z" } {}
            }
        }
    }
}

fn rounded(points: &[(f64, f64)]) -> String {
    let mut path = String::new();
    for (number, point) in points.iter().enumerate() {
        let _ = match (number.checked_sub(1).and_then(|n| points.get(n)), points.get(number + 1)) {
            (None, _) => write!(path, "M{} {}", short(point.0), short(point.1)),
            (Some(before), Some(after)) => {
                let round = ROUND.min(length(*before, *point) / 2.0).min(length(*point, *after) / 2.0);
                let (from, to) = (towards(*point, *before, round), towards(*point, *after, round));
                let (a, b, c, d) = (short(from.0), short(from.1), short(point.0), short(point.1));
                write!(path, "L{a} {b}Q{c} {d} {} {}", short(to.0), short(to.1))
            }
            (Some(_), None) => write!(path, "L{} {}", short(point.0), short(point.1)),
        };
    }
    path
}

fn length(a: (f64, f64), b: (f64, f64)) -> f64 {
    (a.0 - b.0).hypot(a.1 - b.1)
}

fn towards(from: (f64, f64), to: (f64, f64), so_far: f64) -> (f64, f64) {
    let length = length(from, to);
    if length == 0.0 {
        return from;
    }
    (from.0 + (to.0 - from.0) / length * so_far, from.1 + (to.1 - from.1) / length * so_far)
}

fn moved(x: f64, y: f64) -> String {
    format!("translate({} {})", short(x), short(y))
}

/// With one decimal.
fn short(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}
