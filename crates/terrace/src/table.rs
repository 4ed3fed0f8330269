//! A table in columns, for people.

use anstream::adapter::strip_str;

use crate::style::{QUIET, paint};

/// Rows of as many columns as the head has.
#[derive(Debug)]
pub(crate) struct Table<const N: usize> {
    head: [String; N],
    numbers: [bool; N],
    rows: Vec<[String; N]>,
}

impl<const N: usize> Table<N> {
    /// An empty table.
    pub(crate) fn new(head: [&str; N]) -> Self {
        Self { head: head.map(str::to_owned), numbers: [false; N], rows: Vec::new() }
    }

    /// With the columns after the first `texts` set to the right, as numbers are.
    pub(crate) fn numbers_after(mut self, texts: usize) -> Self {
        for (at, number) in self.numbers.iter_mut().enumerate() {
            *number = at >= texts;
        }
        self
    }

    /// Adds a row; its texts may have styles.
    pub(crate) fn row(&mut self, row: [String; N]) {
        self.rows.push(row);
    }

    /// The table as text, each column as wide as its widest text. A row that has its first text only stands across
    /// all columns.
    pub(crate) fn render(&self) -> String {
        let length = |text: &str| strip_str(text).to_string().chars().count();
        let mut widths = self.head.each_ref().map(|title| length(title));
        let spans = |row: &&[String; N]| row.iter().skip(1).all(String::is_empty);
        for row in self.rows.iter().filter(|row| !spans(row)) {
            for (width, text) in widths.iter_mut().zip(row) {
                *width = (*width).max(length(text));
            }
        }
        let line = |row: &[String; N]| {
            let mut text = String::new();
            for ((cell, width), number) in row.iter().zip(widths).zip(self.numbers) {
                let room = std::iter::repeat_n(' ', width.saturating_sub(length(cell)));
                if number {
                    text.extend(room);
                    text.push_str(cell);
                } else {
                    text.push_str(cell);
                    text.extend(room);
                }
                text.push_str("  ");
            }
            text.trim_end().to_owned()
        };
        let quiet = |title: &String| if title.is_empty() { String::new() } else { paint(QUIET, title) };
        let head = line(&self.head.each_ref().map(quiet));
        std::iter::once(head).chain(self.rows.iter().map(line)).collect::<Vec<_>>().join("\n") + "\n"
    }
}
