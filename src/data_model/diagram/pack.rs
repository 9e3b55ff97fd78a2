//! Blocks into the panels of their areas, and panels onto the sheet: shelf by shelf, each where there is room first.

use super::{block::Block, sketch::Sketch};

/// Around what a panel holds, and its title.
const PADDING: f64 = 18.0;
pub const TITLE: f64 = 38.0;
/// Between blocks, and between panels.
const BETWEEN: f64 = 28.0;
const GUTTER: f64 = 16.0;

/// An area's part of the sheet.
pub struct Panel<'a> {
    pub title: &'a str,
    pub sketches: Vec<Sketch<'a>>,
    /// Each with its place in the panel.
    pub blocks: Vec<(f64, f64, Block)>,
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

/// All panels, placed.
pub struct Sheet<'a> {
    pub panels: Vec<Panel<'a>>,
    pub width: f64,
    pub height: f64,
}

/// Things of some width on shelves of this length: for each its shelf and its left end. Those that are longer than a
/// shelf stand on one alone.
fn stow(widths: &[f64], length: f64, between: f64) -> Vec<(usize, f64)> {
    let mut shelves: Vec<f64> = Vec::new();
    let mut places = Vec::new();
    for width in widths {
        let free = shelves.iter().position(|used| used + between + width <= length);
        let shelf = free.unwrap_or(shelves.len());
        if free.is_none() {
            shelves.push(-between);
        }
        places.push((shelf, shelves[shelf] + between));
        shelves[shelf] += between + width;
    }
    places
}

/// Where each shelf begins, of things of these heights; and where the last one ends.
fn tops(places: &[(usize, f64)], heights: &[f64], between: f64) -> (Vec<f64>, f64) {
    let count = places.iter().map(|(shelf, _)| shelf + 1).max().unwrap_or(0);
    let mut tall = vec![0.0_f64; count];
    for ((shelf, _), height) in places.iter().zip(heights) {
        tall[*shelf] = tall[*shelf].max(*height);
    }
    let mut top = 0.0;
    let tops = tall.iter().map(|height| {
        let here = top;
        top += height + between;
        here
    });
    let tops = tops.collect();
    (tops, (top - between).max(0.0))
}

impl<'a> Panel<'a> {
    pub fn new(title: &'a str, sketches: Vec<Sketch<'a>>, blocks: Vec<Block>, room: f64) -> Self {
        let widths: Vec<f64> = blocks.iter().map(|block| block.width).collect();
        let heights: Vec<f64> = blocks.iter().map(|block| block.height).collect();
        let places = stow(&widths, room - 2.0 * PADDING, BETWEEN);
        let (tops, height) = tops(&places, &heights, BETWEEN);
        let placed = blocks.into_iter().zip(&places);
        let blocks: Vec<_> = placed.map(|(block, (shelf, x))| (PADDING + x, TITLE + tops[*shelf], block)).collect();
        let width = blocks.iter().map(|(x, _, block)| x + block.width).fold(0.0, f64::max) + PADDING;
        // The title needs room, too.
        let width = width.max(title.chars().count() as f64 * 8.0 + 2.0 * PADDING);
        Self { title, sketches, blocks, x: 0.0, y: 0.0, width, height: TITLE + height + PADDING }
    }
}

/// Panels side by side, as wide as the sheet together and as high as the highest of their shelf.
pub fn shelves(mut panels: Vec<Panel<'_>>, room: f64) -> Sheet<'_> {
    let widths: Vec<f64> = panels.iter().map(|panel| panel.width).collect();
    let heights: Vec<f64> = panels.iter().map(|panel| panel.height).collect();
    let width = widths.iter().copied().fold(room, f64::max);
    let places = stow(&widths, width, GUTTER);
    let (tops, height) = tops(&places, &heights, GUTTER);
    for (shelf, top) in tops.iter().enumerate() {
        let here: Vec<usize> = (0..panels.len()).filter(|panel| places[*panel].0 == shelf).collect();
        let used: f64 = here.iter().map(|panel| widths[*panel] + GUTTER).sum::<f64>() - GUTTER;
        let more = (width - used) / here.len() as f64;
        let tall = here.iter().map(|panel| heights[*panel]).fold(0.0, f64::max);
        for (number, panel) in here.iter().enumerate() {
            let placed = &mut panels[*panel];
            placed.x = places[*panel].1 + more * number as f64;
            placed.y = *top;
            placed.width += more;
            placed.height = tall;
        }
    }
    Sheet { panels, width, height }
}
