//! Fewer boxes for the same set, and the one list of boxes that a set has.

use super::address::Family;
use super::header::{HeaderBox, Sides, with};
use super::rests::Rests;
use super::span::Span;

/// The number of sides.
const SIDES: usize = 5;

/// Joins boxes that touch in one side, are alike in the others and rest on the same, until none are left.
pub(super) fn merged(mut boxes: Vec<HeaderBox>) -> Vec<HeaderBox> {
    loop {
        let before = boxes.len();
        for at in 0..SIDES {
            boxes = merged_at(boxes, at);
        }
        if boxes.len() == before {
            boxes.sort_unstable();
            return boxes;
        }
    }
}

fn merged_at(mut boxes: Vec<HeaderBox>, at: usize) -> Vec<HeaderBox> {
    let rest = |b: &HeaderBox| with(b.sides, at, Span::one(0));
    boxes.sort_unstable_by(|a, b| {
        a.family
            .cmp(&b.family)
            .then_with(|| rest(a).cmp(&rest(b)))
            .then_with(|| a.rests.cmp(&b.rests))
            .then_with(|| a.sides.get(at).cmp(&b.sides.get(at)))
    });
    let mut out: Vec<HeaderBox> = Vec::with_capacity(boxes.len());
    for next in boxes {
        match out.last_mut().and_then(|last| last.joined(&next, at).map(|joined| (last, joined))) {
            Some((last, joined)) => *last = joined,
            None => out.push(next),
        }
    }
    out
}

/// Slabs along the first side, each as long as what is across it stays the same; so for each side in turn.
pub(super) fn slabs(boxes: &[HeaderBox]) -> Vec<HeaderBox> {
    let mut out = Vec::new();
    for family in Family::BOTH {
        let those: Vec<&HeaderBox> = boxes.iter().filter(|b| b.family == family).collect();
        let across = section(&those, 0);
        out.extend(across.into_iter().map(|(sides, rests)| HeaderBox { family, sides, rests }));
    }
    out
}

fn section(boxes: &[&HeaderBox], at: usize) -> Vec<(Sides, Rests)> {
    let Some(first) = boxes.first() else { return Vec::new() };
    let sides: Vec<Span> = boxes.iter().filter_map(|b| b.sides.get(at).copied()).collect();
    if sides.is_empty() {
        return vec![([Span::one(0); SIDES], first.rests.clone())];
    }
    let mut starts: Vec<u128> =
        sides.iter().flat_map(|s| [Some(s.first()), s.last().checked_add(1)]).flatten().collect();
    starts.sort_unstable();
    starts.dedup();
    let ends = starts.iter().skip(1).map(|next| next.saturating_sub(1)).chain([u128::MAX]);
    let mut found: Vec<(Span, Vec<(Sides, Rests)>)> = Vec::new();
    for (start, end) in starts.iter().zip(ends) {
        let slab = Span::between(*start, end);
        let there: Vec<&HeaderBox> =
            boxes.iter().zip(&sides).filter(|(_, s)| s.overlaps(slab)).map(|(b, _)| *b).collect();
        let across = section(&there, at + 1);
        if across.is_empty() {
            continue;
        }
        match found
            .last_mut()
            .and_then(|(last, had)| last.joined(slab).filter(|_| *had == across).map(|j| (last, j)))
        {
            Some((last, joined)) => *last = joined,
            None => found.push((slab, across)),
        }
    }
    let place = |(slab, across): (Span, Vec<(Sides, Rests)>)| {
        across.into_iter().map(move |(sides, rests)| (with(sides, at, slab), rests))
    };
    found.into_iter().flat_map(place).collect()
}
