//! The entity diagram, as SVG, for a page or as a file of its own. Pure.
//!
//! Each area is a panel, and in it a box for each table with its key columns. Lines run between boxes of one area, never
//! through a box; what leads into another area is named at the column, since lines over the whole sheet tell nothing.

mod arrange;
mod block;
mod draw;
mod lines;
mod pack;
mod sketch;

use self::{
    pack::{Panel, shelves},
    sketch::Sketch,
};
use super::{
    links::{Link, links},
    model::Model,
};

/// How wide the drawing is, in its units: what a laptop shows of a page. A table with very long names makes it wider.
const WIDTH: f64 = 1176.0;

/// The diagram. A table's box leads to `{address}#{table}`.
#[must_use]
pub fn diagram(model: &Model, address: &str) -> String {
    let links = links(model);
    let panels = model.sections.iter().map(|section| {
        let sketches: Vec<Sketch<'_>> = section.tables.iter().map(|table| Sketch::of(table, section, &links)).collect();
        let blocks = block::blocks(&sketches, &inner(&sketches, &links));
        Panel::new(section.area.title, sketches, blocks, WIDTH)
    });
    draw::draw(&shelves(panels.collect(), WIDTH), address)
}

/// The links between these tables, by their places; none of a table to itself.
fn inner(sketches: &[Sketch<'_>], links: &[Link<'_>]) -> Vec<block::Edge> {
    let place = |name: &str| sketches.iter().position(|sketch| sketch.table.name == name);
    let edge = |link: &Link<'_>| {
        let (from, to) = (place(link.from)?, place(link.to)?);
        let (from_port, to_port) = (sketches[from].port(link.column), sketches[to].port(link.target));
        (from != to).then_some(block::Edge { kind: link.kind, from, from_port, to, to_port })
    };
    links.iter().filter_map(edge).collect()
}

#[cfg(test)]
mod tests;
