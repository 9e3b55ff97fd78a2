use proptest::prelude::*;

use super::{
    super::model::{
        Section,
        tests::{FIRST, table, view},
    },
    block::Block,
    *,
};

/// A sheet of tables `0…n`, with foreign keys between them.
fn model(count: usize, links: &[(usize, usize)]) -> Model {
    let names: Vec<String> = (0..count).map(|n| format!("table_{n}")).collect();
    let tables = (0..count).map(|n| {
        let mut columns = vec!["id".to_owned()];
        let mine = || links.iter().filter(|(from, _)| *from == n);
        columns.extend(mine().map(|(_, to)| format!("to_{to}")));
        columns.extend((0..n % 3).map(|n| format!("other_{n}")));
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        let column = |to: usize| columns.iter().copied().find(|name| *name == format!("to_{to}")).unwrap();
        let foreign: Vec<(&str, &str)> = mine().map(|(_, to)| (column(*to), names[*to].as_str())).collect();
        table(&names[n], 1, &columns, &foreign)
    });
    Model { database: "SQLite", sections: vec![Section { area: FIRST, tables: tables.collect() }], others: Vec::new() }
}

fn sheet(model: &Model) -> (Vec<Block>, usize) {
    let links = links(model);
    let section = &model.sections[0];
    let sketches: Vec<_> = section.tables.iter().map(|table| Sketch::of(table, section, &links)).collect();
    let edges = inner(&sketches, &links);
    let count = edges.len();
    (block::blocks(&sketches, &edges), count)
}

/// Whether the inside of a box and a straight, upright or level piece of a line have a point in common.
fn crosses(piece: ((f64, f64), (f64, f64)), place: &block::Rectangle) -> bool {
    let ((x1, y1), (x2, y2)) = piece;
    x1.max(x2) > place.x + 0.01
        && x1.min(x2) < place.right() - 0.01
        && y1.max(y2) > place.y + 0.01
        && y1.min(y2) < place.bottom() - 0.01
}

proptest! {
    #[test]
    fn boxes_do_not_touch_and_no_line_runs_through_one(
        count in 1_usize..14,
        links in proptest::collection::vec((0_usize..14, 0_usize..14), 0..24),
    ) {
        let mut links: Vec<_> = links.into_iter().map(|(from, to)| (from % count, to % count)).collect();
        links.sort_unstable();
        links.dedup();
        let (blocks, edges) = sheet(&model(count, &links));
        prop_assert_eq!(blocks.iter().map(|block| block.boxes.len()).sum::<usize>(), count);
        prop_assert_eq!(blocks.iter().map(|block| block.lines.len()).sum::<usize>(), edges, "a line for each link");
        for block in &blocks {
            let boxes: Vec<_> = block.boxes.values().collect();
            for (number, one) in boxes.iter().enumerate() {
                prop_assert!(one.x >= 0.0 && one.right() <= block.width && one.y >= 0.0 && one.bottom() <= block.height);
                for other in &boxes[..number] {
                    let apart = one.right() < other.x || other.right() < one.x
                        || one.bottom() < other.y || other.bottom() < one.y;
                    prop_assert!(apart, "{:?} {:?}", one, other);
                }
            }
            for line in &block.lines {
                for piece in line.points.windows(2) {
                    let (from, to) = (piece[0], piece[1]);
                    prop_assert!(from.0 == to.0 || from.1 == to.1, "level or upright: {:?}", line);
                    prop_assert!(boxes.iter().all(|place| !crosses((from, to), place)), "{:?} {:?}", line, boxes);
                    prop_assert!(to.0 >= 0.0 && to.0 <= block.width, "{:?} within {}", line, block.width);
                }
            }
        }
    }
}

#[test]
fn each_line_begins_at_its_column_and_one_of_a_trunk_arrives_at_the_key() {
    let (blocks, _) = sheet(&model(3, &[(1, 0), (2, 0)]));
    let [block] = &blocks[..] else { panic!("they are connected") };
    assert_eq!(block.lines.iter().filter(|line| line.arrives).count(), 1);
    let (hub, child) = (block.boxes[&0], block.boxes[&1]);
    let main = block.lines.iter().find(|line| line.arrives).unwrap();
    assert_eq!(main.points[3], (hub.right(), hub.y + sketch::row_middle(0)));
    let starts: Vec<_> = block.lines.iter().map(|line| line.points[0]).collect();
    assert!(starts.contains(&(child.x, child.y + sketch::row_middle(1))), "{starts:?}");
}

#[test]
fn the_one_that_most_lead_to_stands_between_the_others() {
    let (blocks, _) = sheet(&model(6, &[(1, 0), (2, 0), (3, 0), (4, 0), (5, 0)]));
    let boxes = &blocks[0].boxes;
    let lefts = (1..6).filter(|n| boxes[n].x < boxes[&0].x).count();
    assert!((2..=3).contains(&lefts), "{boxes:?}");
}

#[test]
fn a_box_leads_to_its_section_and_what_leads_away_is_named() {
    let mut model = model(2, &[(1, 0)]);
    let away = Section { area: FIRST, tables: vec![table("far", 1, &["id", "to"], &[("to", "table_0")])] };
    model.sections.push(away);
    model.sections[0].tables.push(view("seen", &["id"], "SELECT id FROM table_1"));
    model.sections[0].tables[0].comment = Some("<b> & c".to_owned());
    let svg = diagram(&model, "page");
    for text in
        ["href=\"page#table_1\"", "⇢ table_0", "&lt;b&gt; &amp; c", "class=\"table view\"", "class=\"line reads\""]
    {
        assert!(svg.contains(text), "{text}: {svg}");
    }
    for shape in ["path", "rect", "circle", "text", "g"] {
        assert_eq!(svg.matches(&format!("<{shape} ")).count(), svg.matches(&format!("</{shape}>")).count(), "{shape}");
    }
    assert!(!svg.contains("NaN") && !svg.contains("<script"));
}

#[test]
fn the_sheet_is_as_wide_as_a_page_and_many_panels_stand_on_shelves() {
    let one = model(2, &[(1, 0)]).sections.remove(0);
    let sections = (0..9).map(|_| one.clone()).collect();
    let svg = diagram(&Model { database: "SQLite", sections, others: Vec::new() }, "");
    assert!(svg.contains("width=\"1178\""), "{}", &svg[..300]);
    let panels: Vec<&str> = svg.split("class=\"area hue").skip(1).collect();
    let first = panels.iter().filter(|panel| panel[1..].starts_with("\" transform=\"translate(0 ")).count();
    assert!(panels.len() == 9 && (2..9).contains(&first), "some stand beside others: {first}");
}

#[test]
fn nothing_is_drawn_of_an_empty_database() {
    let svg = diagram(&Model { database: "SQLite", sections: Vec::new(), others: Vec::new() }, "");
    assert!(svg.contains("Entity diagram of 0 tables"), "{svg}");
}
