//! Tables that belong together, placed: boxes in columns, and lines in the gaps between them.

use std::collections::BTreeMap;

use super::{
    super::links::LinkKind,
    arrange::{Columns, columns, components},
    lines::{Gaps, Line, lines},
    sketch::Sketch,
};

/// Between two boxes of a column.
const APART: f64 = 16.0;

/// A link between two boxes, by their places in the list and the height at which it touches them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edge {
    pub kind: LinkKind,
    pub from: usize,
    pub from_port: f64,
    pub to: usize,
    pub to_port: f64,
}

/// Boxes and lines with places of their own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Block {
    /// Each with its place in the list of tables.
    pub boxes: BTreeMap<usize, Rectangle>,
    pub lines: Vec<Line>,
    pub width: f64,
    pub height: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rectangle {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

impl Edge {
    /// Whether it runs between these two, whichever is first.
    pub fn joins(&self, one: usize, other: usize) -> bool {
        (self.from, self.to) == (one, other) || (self.from, self.to) == (other, one)
    }
}

impl Rectangle {
    pub fn right(&self) -> f64 {
        self.x + self.width
    }

    pub fn bottom(&self) -> f64 {
        self.y + self.height
    }
}

/// A block for each group of tables that links connect.
pub fn blocks(sketches: &[Sketch<'_>], edges: &[Edge]) -> Vec<Block> {
    let heights: Vec<f64> = sketches.iter().map(|sketch| sketch.height).collect();
    let widths: Vec<f64> = sketches.iter().map(|sketch| sketch.width).collect();
    let place = |component: Vec<usize>| {
        let edges: Vec<Edge> = edges.iter().copied().filter(|edge| component.contains(&edge.from)).collect();
        block(&columns(&component, &edges, &heights), &edges, &widths, &heights)
    };
    components(sketches.len(), edges).into_iter().map(place).collect()
}

fn block(columns: &Columns, edges: &[Edge], widths: &[f64], heights: &[f64]) -> Block {
    let column_of: BTreeMap<usize, i32> =
        columns.iter().flat_map(|(column, nodes)| nodes.iter().map(|node| (*node, *column))).collect();
    let tops = tops(columns, edges, heights);
    let gaps = Gaps::new(&column_of, edges, &tops);
    let mut boxes = BTreeMap::new();
    let mut lefts = BTreeMap::new();
    let mut x = 0.0;
    for (column, nodes) in columns {
        lefts.insert(column - 1, x);
        x += gaps.width(column - 1, columns.contains_key(&(column - 1)));
        let width = nodes.iter().map(|node| widths[*node]).fold(0.0, f64::max);
        for node in nodes {
            boxes.insert(*node, Rectangle { x, y: tops[node], width, height: heights[*node] });
        }
        x += width;
        lefts.insert(*column, x);
    }
    let outer = columns.keys().last().map_or(0.0, |last| gaps.width(*last, false));
    let height = boxes.values().map(Rectangle::bottom).fold(0.0, f64::max);
    let lines = lines(&boxes, &lefts, &gaps);
    Block { boxes, lines, width: x + outer, height }
}

/// Where each box begins: columns are centred, and those far from the middle stand beside what they are linked with.
fn tops(columns: &Columns, edges: &[Edge], heights: &[f64]) -> BTreeMap<usize, f64> {
    let tall = |nodes: &[usize]| -> f64 {
        nodes.iter().map(|node| heights[*node]).sum::<f64>() + APART * nodes.len().saturating_sub(1) as f64
    };
    let tallest = columns.values().map(|nodes| tall(nodes)).fold(0.0, f64::max);
    let mut tops = BTreeMap::new();
    for (column, nodes) in columns {
        let mut nodes: Vec<(usize, f64)> = nodes.iter().map(|node| (*node, 0.0)).collect();
        let mut top = (tallest - tall(&columns[column])) / 2.0;
        if *column > 1 {
            for (node, wanted) in &mut nodes {
                *wanted = beside(*node, edges, &tops, heights) - heights[*node] / 2.0;
            }
            nodes.sort_by(|a, b| a.1.total_cmp(&b.1));
            let room = tallest - tall(&columns[column]);
            top = nodes.first().map_or(0.0, |(_, wanted)| wanted.clamp(0.0, room));
        }
        for (node, _) in nodes {
            tops.insert(node, top.round());
            top += heights[node] + APART;
        }
    }
    tops
}

/// The mean height of the boxes already placed that a box is linked with.
fn beside(node: usize, edges: &[Edge], tops: &BTreeMap<usize, f64>, heights: &[f64]) -> f64 {
    let linked = edges.iter().filter_map(|edge| match (edge.from == node, edge.to == node) {
        (true, _) => tops.get(&edge.to).map(|top| top + heights[edge.to] / 2.0),
        (_, true) => tops.get(&edge.from).map(|top| top + heights[edge.from] / 2.0),
        _ => None,
    });
    let all: Vec<f64> = linked.collect();
    if all.is_empty() { 0.0 } else { all.iter().sum::<f64>() / all.len() as f64 }
}
