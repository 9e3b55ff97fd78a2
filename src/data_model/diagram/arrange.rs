//! Which table stands in which column: the one that most lead to in the middle, the others on both sides of it, so that
//! every line runs between neighbouring columns or within one.

use std::collections::BTreeMap;

use super::block::Edge;

/// Columns from left to right; that of the middle has the number 0.
pub type Columns = BTreeMap<i32, Vec<usize>>;

/// No more columns than this on the right; what is further away stands in the last.
const FURTHEST: i32 = 2;
/// With so few neighbours all stand on the right.
const FEW: usize = 3;

/// Tables that links connect, each group in the order of the tables.
pub fn components(count: usize, edges: &[Edge]) -> Vec<Vec<usize>> {
    let nodes: Vec<usize> = (0..count).collect();
    connected(&nodes, edges)
}

fn connected(nodes: &[usize], edges: &[Edge]) -> Vec<Vec<usize>> {
    let mut left = nodes.to_vec();
    let mut groups = Vec::new();
    while !left.is_empty() {
        let mut group = vec![left.remove(0)];
        let mut next = 0;
        while let Some(&node) = group.get(next) {
            let (near, far) = left.iter().partition(|&&other| edges.iter().any(|edge| edge.joins(node, other)));
            group.extend::<Vec<usize>>(near);
            left = far;
            next += 1;
        }
        group.sort_unstable();
        groups.push(group);
    }
    groups
}

/// The columns of one component, of tables with these heights.
pub fn columns(component: &[usize], edges: &[Edge], heights: &[f64]) -> Columns {
    let degree = |node: usize| edges.iter().filter(|edge| edge.from == node || edge.to == node).count();
    let Some(hub) = component.iter().copied().max_by_key(|&node| (degree(node), usize::MAX - node)) else {
        return Columns::new();
    };
    let distances = distances(hub, component, edges);
    let rest: Vec<usize> = component.iter().copied().filter(|&node| node != hub).collect();
    let neighbours = rest.iter().filter(|node| distances.get(node) == Some(&1)).count();
    let mut columns = Columns::from([(0, vec![hub])]);
    let (mut left, mut right) = (0.0, 0.0);
    let mut groups = connected(&rest, edges);
    // What is deep can only go to the right; the tallest of the others are dealt first.
    let depth = |group: &[usize]| group.iter().filter_map(|node| distances.get(node)).copied().max().unwrap_or(1);
    let height = |group: &[usize]| -> f64 {
        group.iter().filter(|node| distances.get(node) == Some(&1)).map(|&node| heights[node]).sum()
    };
    groups.sort_by(|a, b| depth(b).min(2).cmp(&depth(a).min(2)).then(height(b).total_cmp(&height(a))));
    for group in groups {
        let goes_left = neighbours > FEW && depth(&group) == 1 && left < right;
        *(if goes_left { &mut left } else { &mut right }) += height(&group);
        for node in group {
            let distance = distances.get(&node).copied().unwrap_or(1).min(FURTHEST);
            columns.entry(if goes_left { -1 } else { distance }).or_default().push(node);
        }
    }
    columns
}

fn distances(hub: usize, component: &[usize], edges: &[Edge]) -> BTreeMap<usize, i32> {
    let mut known = BTreeMap::from([(hub, 0)]);
    for distance in 1.. {
        let near =
            |node: &usize| known.iter().any(|(k, d)| *d == distance - 1 && edges.iter().any(|e| e.joins(*k, *node)));
        let found: Vec<usize> =
            component.iter().copied().filter(|node| !known.contains_key(node) && near(node)).collect();
        if found.is_empty() {
            break;
        }
        known.extend(found.into_iter().map(|node| (node, distance)));
    }
    known
}
