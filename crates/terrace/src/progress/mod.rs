//! How a run is shown while it goes on: as a tree where a person watches, as plain lines elsewhere.

mod board;
mod keys;
mod lines;
mod steps;
#[cfg(test)]
mod tests;
mod tree;
mod view;

pub(crate) use board::Board;
pub(crate) use steps::{End, Steps};
pub(crate) use view::{BEAT, View, headline};

/// Milliseconds as people read them: `0.8 s`, `74 s`, `3 min 10 s`.
pub(crate) fn seconds(millis: u64) -> String {
    let whole = millis / 1000;
    match whole {
        0..10 => format!("{}.{} s", whole, millis % 1000 / 100),
        10..120 => format!("{whole} s"),
        _ => format!("{} min {} s", whole / 60, whole % 60),
    }
}
