//! The lines of a block. All that lead to one place share a trunk in the gap beside it, each kind its own.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    super::links::LinkKind,
    block::{Edge, Rectangle},
};

/// A gap's room at either side of its trunks, and for each of them.
const SIDE: f64 = 18.0;
const TRACK: f64 = 11.0;
/// A gap without trunks.
const BARE: f64 = 40.0;
/// How much of a trunk a line shares that runs into it.
const JOINING: f64 = 8.0;

/// A line, from corner to corner.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub kind: LinkKind,
    pub points: Vec<(f64, f64)>,
    /// Whether it ends at a box; otherwise it runs into another line.
    pub arrives: bool,
}

/// Lines to one place, from boxes on one side of a gap or both.
struct Trunk {
    gap: i32,
    /// Its place among those of its gap.
    track: usize,
    edges: Vec<Edge>,
    /// How far below the place in the box it arrives, where several do.
    aside: f64,
}

/// What runs in the gaps: the gap `n` lies at the right of the column `n`.
pub struct Gaps<'a> {
    columns: &'a BTreeMap<usize, i32>,
    trunks: Vec<Trunk>,
}

/// Trunks that arrive at one place differ in their kind. Heights are compared by their millionths.
type Place = (i32, usize, i64, LinkKind);

impl<'a> Gaps<'a> {
    pub fn new(columns: &'a BTreeMap<usize, i32>, edges: &[Edge], tops: &BTreeMap<usize, f64>) -> Self {
        let mut grouped: BTreeMap<Place, Vec<Edge>> = BTreeMap::new();
        for edge in edges {
            let place = (gap(columns[&edge.from], columns[&edge.to]), edge.to, (edge.to_port * 1e6) as i64, edge.kind);
            grouped.entry(place).or_default().push(*edge);
        }
        let arriving = |place: &Place| {
            let same = grouped.keys().filter(|other| (other.0, other.1, other.2) == (place.0, place.1, place.2));
            same.map(|other| other.3).collect::<BTreeSet<_>>()
        };
        let mut trunks: Vec<Trunk> = Vec::new();
        for (place, edges) in &grouped {
            let kinds = arriving(place);
            let number = kinds.iter().position(|kind| *kind == place.3).unwrap_or(0);
            let aside = (number as f64 - (kinds.len() - 1) as f64 / 2.0) * 7.0;
            trunks.push(Trunk { gap: place.0, track: 0, edges: edges.clone(), aside });
        }
        // The longest runs furthest from the box it leads to.
        let span = |trunk: &Trunk| {
            let ends = trunk.edges.iter().flat_map(|e| [tops[&e.from] + e.from_port, tops[&e.to] + e.to_port]);
            let (low, high) = ends.fold((f64::MAX, f64::MIN), |(low, high), y| (low.min(y), high.max(y)));
            high - low
        };
        trunks.sort_by(|a, b| span(a).total_cmp(&span(b)));
        let gaps: BTreeSet<i32> = trunks.iter().map(|trunk| trunk.gap).collect();
        for gap in gaps {
            let at_left = |trunk: &Trunk| columns[&trunk.edges[0].to] <= gap;
            let count = trunks.iter().filter(|trunk| trunk.gap == gap).count();
            let (mut left, mut right) = (0, count);
            for trunk in trunks.iter_mut().filter(|trunk| trunk.gap == gap) {
                if at_left(trunk) {
                    trunk.track = left;
                    left += 1;
                } else {
                    right -= 1;
                    trunk.track = right;
                }
            }
        }
        Self { columns, trunks }
    }

    /// How wide a gap is, between two columns or at the rim.
    pub fn width(&self, gap: i32, inner: bool) -> f64 {
        let count = self.trunks.iter().filter(|trunk| trunk.gap == gap).count();
        match (count, inner) {
            (0, false) => 0.0,
            (0, true) => BARE,
            _ => 2.0 * SIDE + TRACK * (count - 1) as f64,
        }
    }
}

/// The gap in which a line between these columns runs: within a column, at the side away from the middle.
fn gap(from: i32, to: i32) -> i32 {
    match from == to {
        true if from < 0 => from - 1,
        true => from,
        false => from.min(to),
    }
}

/// All lines, between boxes that have their places. `lefts`: where each gap begins.
pub fn lines(boxes: &BTreeMap<usize, Rectangle>, lefts: &BTreeMap<i32, f64>, gaps: &Gaps<'_>) -> Vec<Line> {
    let mut all = Vec::new();
    for trunk in &gaps.trunks {
        let x = lefts.get(&trunk.gap).copied().unwrap_or(0.0) + SIDE + TRACK * trunk.track as f64;
        let side = |node: usize| if gaps.columns[&node] <= trunk.gap { boxes[&node].right() } else { boxes[&node].x };
        let to = &trunk.edges[0];
        let end = (side(to.to), boxes[&to.to].y + to.to_port + trunk.aside);
        let start = |edge: &Edge| (side(edge.from), boxes[&edge.from].y + edge.from_port);
        let mut starts: Vec<(f64, f64)> = trunk.edges.iter().map(start).collect();
        // Those furthest away first: the others run into their lines.
        starts.sort_by(|a, b| (b.1 - end.1).abs().total_cmp(&(a.1 - end.1).abs()));
        let mut drawn: Vec<(f64, f64)> = Vec::new();
        for start in starts {
            let same_side = drawn.iter().any(|other| (other.1 < end.1) == (start.1 < end.1));
            let near = (start.1 - end.1).abs() < JOINING;
            let towards = if start.1 < end.1 { JOINING } else { -JOINING };
            let aim = if end.0 < x { -JOINING } else { JOINING };
            let points = match (drawn.is_empty(), same_side) {
                (true, _) => vec![start, (x, start.1), (x, end.1), end],
                (false, true) if near => vec![start, (x, start.1)],
                (false, true) => vec![start, (x, start.1), (x, start.1 + towards)],
                (false, false) => vec![start, (x, start.1), (x, end.1), (x + aim, end.1)],
            };
            all.push(Line { kind: to.kind, points, arrives: drawn.is_empty() });
            drawn.push(start);
        }
    }
    all
}
