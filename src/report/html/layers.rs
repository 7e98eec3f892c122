//! Where the boxes of a graph stand and how its arrows run, layer by layer from left to right.
//!
//! Boxes of a layer are put near those they are joined to (barycentres, as Sugiyama, Tagawa and Toda 1981 have
//! it), a few rounds back and forth. Arrows that lead back run below, so that what goes on is told from what
//! returns.

use std::collections::BTreeSet;

/// The gap between layers, and between the boxes of one.
const GAPS: (usize, usize) = (84, 18);
/// Room around.
const MARGIN: usize = 26;
/// Between arrows below the boxes.
const LANE: usize = 7;
/// How often the boxes of all layers are put in order.
const ROUNDS: usize = 8;

/// The boxes, all of one size.
#[derive(Debug)]
pub struct Layers {
    /// The size of a box.
    size: (usize, usize),
    /// Each box's layer.
    layers: Vec<usize>,
    /// The left upper corner of each.
    pub places: Vec<(usize, usize)>,
    /// The arrows that lead back over more than one layer, each with a lane of its own below the boxes.
    lanes: Vec<(usize, usize)>,
    /// Where the boxes end.
    floor: usize,
    /// The size of the picture.
    pub extent: (usize, usize),
}

impl Layers {
    /// Lays out boxes that are in these layers, with arrows from one to another.
    pub fn new(layers: Vec<usize>, arrows: &[(usize, usize)], size: (usize, usize)) -> Layers {
        let rows = ordered(&layers, arrows);
        let tallest = rows.iter().map(Vec::len).max().unwrap_or(0);
        let pitch = size.1 + GAPS.1;
        let mut places = vec![(0, 0); layers.len()];
        for (layer, row) in rows.iter().enumerate() {
            let above = (tallest - row.len()) * pitch / 2;
            for (n, at) in row.iter().enumerate() {
                if let Some(place) = places.get_mut(*at) {
                    *place = (MARGIN + layer * (size.0 + GAPS.0), MARGIN + above + n * pitch);
                }
            }
        }
        let layer = |n: &usize| layers.get(*n).copied().unwrap_or(0);
        let is_long = |(from, to): &&(usize, usize)| layer(from) > layer(to) + 1;
        let lanes: Vec<(usize, usize)> = arrows.iter().filter(is_long).copied().collect();
        let floor = MARGIN + tallest * pitch;
        let extent = (MARGIN + rows.len() * (size.0 + GAPS.0), floor + lanes.len() * LANE + LANE);
        Layers { size, layers, places, lanes, floor, extent }
    }

    /// The path of an arrow, and whether it leads on.
    pub fn path(&self, from: usize, to: usize) -> (String, bool) {
        let (width, height) = self.size;
        let place = |n: usize| self.places.get(n).copied().unwrap_or_default();
        let ((x, y), (end_x, end_y)) = (place(from), place(to));
        let layer = |n: usize| self.layers.get(n).copied().unwrap_or(0);
        if from == to {
            let x = x + width - 34;
            return (format!("M{x} {y}c-4 -22 30 -22 24 -3"), false);
        }
        if layer(to) > layer(from) {
            let (x, y, end_y) = (x + width, y + height / 2, end_y + height / 2);
            let middle = usize::midpoint(x, end_x);
            return (format!("M{x} {y}C{middle} {y} {middle} {end_y} {} {end_y}", end_x - 3), true);
        }
        if layer(to) == layer(from) {
            let (x, y, end_y) = (x + width, y + height * 2 / 3, end_y + height / 3);
            let out = x + (24 + y.abs_diff(end_y) / 6).min(GAPS.0);
            return (format!("M{x} {y}C{out} {y} {out} {end_y} {} {end_y}", x + 3), false);
        }
        (
            self.back(
                (x, y + height * 3 / 4),
                (end_x + width + 3, end_y + height * 3 / 4),
                (from, to),
            ),
            false,
        )
    }

    /// An arrow that leads back: across the gap to the layer before, or below the boxes.
    fn back(
        &self,
        (x, y): (usize, usize),
        (end_x, end_y): (usize, usize),
        arrow: (usize, usize),
    ) -> String {
        let Some(lane) = self.lanes.iter().position(|other| *other == arrow) else {
            let middle = usize::midpoint(x, end_x);
            return format!("M{x} {y}C{middle} {y} {middle} {end_y} {end_x} {end_y}");
        };
        let low = self.floor + lane * LANE;
        let aside = 14 + lane % 8 * 6;
        format!("M{x} {y}H{}V{low}H{}V{end_y}H{end_x}", x - aside, end_x + aside)
    }
}

/// The boxes of each layer, in an order in which few arrows cross.
fn ordered(layers: &[usize], arrows: &[(usize, usize)]) -> Vec<Vec<usize>> {
    let count = layers.iter().max().map_or(0, |last| last + 1);
    let mut rows: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (n, layer) in layers.iter().enumerate() {
        if let Some(row) = rows.get_mut(*layer) {
            row.push(n);
        }
    }
    let joined: BTreeSet<(usize, usize)> =
        arrows.iter().flat_map(|(from, to)| [(*from, *to), (*to, *from)]).collect();
    for round in 0..ROUNDS {
        for step in 1..count {
            let (at, beside) =
                if round % 2 == 0 { (step, step - 1) } else { (count - 1 - step, count - step) };
            let Some(fixed) = rows.get(beside).cloned() else { continue };
            if let Some(row) = rows.get_mut(at) {
                row.sort_by_cached_key(|n| barycentre(*n, &fixed, &joined));
            }
        }
    }
    rows
}

/// The mean place of the boxes of the next layer that a box is joined to, in thousandths.
fn barycentre(n: usize, beside: &[usize], joined: &BTreeSet<(usize, usize)>) -> usize {
    let places = beside.iter().enumerate().filter(|(_, other)| joined.contains(&(n, **other)));
    let (sum, count) = places.fold((0, 0), |(sum, count), (at, _)| (sum + at, count + 1));
    (sum * 1000usize).checked_div(count).unwrap_or(beside.len() * 500)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn boxes_of_a_layer_are_put_near_what_they_are_joined_to() {
        let layers = vec![0, 0, 1, 1];
        let rows = ordered(&layers, &[(0, 3), (1, 2)]);
        assert_eq!(rows, [vec![0, 1], vec![3, 2]]);
    }

    #[test]
    fn no_two_boxes_overlap_and_all_are_in_the_picture() {
        let layers = vec![0, 1, 1, 2, 2, 2, 3];
        let arrows = [(0, 1), (0, 2), (1, 3), (1, 4), (2, 5), (5, 6), (6, 0), (3, 3), (4, 5)];
        let laid = Layers::new(layers, &arrows, (100, 40));
        for (n, (x, y)) in laid.places.iter().enumerate() {
            assert!(x + 100 <= laid.extent.0 && y + 40 <= laid.extent.1);
            for (a, b) in &laid.places[..n] {
                assert!(x.abs_diff(*a) >= 100 || y.abs_diff(*b) >= 40);
            }
        }
        assert!(laid.path(0, 1).1 && !laid.path(6, 0).1 && !laid.path(3, 3).1);
    }

    #[test]
    fn nothing_takes_no_place() {
        assert!(Layers::new(Vec::new(), &[], (100, 40)).places.is_empty());
    }
}
