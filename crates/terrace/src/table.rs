//! A table in columns, for people.

use anstream::adapter::strip_str;

use crate::style::{QUIET, paint};

/// Rows of as many columns as the head has.
#[derive(Debug)]
pub(crate) struct Table<const N: usize> {
    head: [&'static str; N],
    rows: Vec<[String; N]>,
}

impl<const N: usize> Table<N> {
    /// An empty table.
    pub(crate) const fn new(head: [&'static str; N]) -> Self {
        Self { head, rows: Vec::new() }
    }

    /// Adds a row; its texts may have styles.
    pub(crate) fn row(&mut self, row: [String; N]) {
        self.rows.push(row);
    }

    /// The table as text, each column as wide as its widest text.
    pub(crate) fn render(&self) -> String {
        let length = |text: &str| strip_str(text).to_string().chars().count();
        let mut widths = self.head.map(str::len);
        for row in &self.rows {
            for (width, text) in widths.iter_mut().zip(row) {
                *width = (*width).max(length(text));
            }
        }
        let line = |row: &[String; N]| {
            let mut text = String::new();
            for (cell, width) in row.iter().zip(widths) {
                text.push_str(cell);
                text.extend(std::iter::repeat_n(' ', width.saturating_sub(length(cell)) + 2));
            }
            text.trim_end().to_owned()
        };
        let head = line(&self.head.map(|title| paint(QUIET, title)));
        std::iter::once(head).chain(self.rows.iter().map(line)).collect::<Vec<_>>().join("\n") + "\n"
    }
}
