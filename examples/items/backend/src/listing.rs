//! What a client may ask of the list, and what it gets: search and paging.
//!
//! A [`Listing`] is always answerable: its numbers are in range and its search text is one the
//! databases accept.

use serde::{Deserialize, Serialize};

use crate::{item::Item, problem::FieldError};

const PER_PAGE_DEFAULT: u32 = 10;
const PER_PAGE_MAX: u32 = 100;
const PAGE_MAX: u32 = 1_000_000;
const SEARCH_MAX: usize = 100;

/// The query string as it came.
#[derive(Debug, Default, Deserialize)]
pub struct RawListing {
    q: Option<String>,
    page: Option<String>,
    per_page: Option<String>,
}

/// A valid question to the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    search: Option<String>,
    page: u32,
    per_page: u32,
}

/// One page of the list, newest item first.
#[derive(Debug, Serialize)]
pub struct Page {
    /// At most `per_page` items; none where the page lies past the end.
    pub items: Vec<Item>,
    /// The page, from 1.
    pub page: u32,
    /// How many items make a page.
    pub per_page: u32,
    /// How many items match in all.
    pub total: i64,
}

impl RawListing {
    /// Checks all three parameters.
    ///
    /// # Errors
    /// Every parameter that is wrong.
    pub fn validate(self) -> Result<Listing, Vec<FieldError>> {
        let mut wrong = Vec::new();
        let mut number = |field, text: Option<String>, default: u32, max: u32| {
            let Some(text) = text else { return default };
            text.parse().ok().filter(|number| (1..=max).contains(number)).unwrap_or_else(|| {
                wrong.push(FieldError::query(field, format!("Give a whole number from 1 to {max}.")));
                default
            })
        };
        let page = number("page", self.page, 1, PAGE_MAX);
        let per_page = number("per_page", self.per_page, PER_PAGE_DEFAULT, PER_PAGE_MAX);
        let search = self.q.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        if let Some(text) = &search {
            if text.chars().count() > SEARCH_MAX {
                wrong.push(FieldError::query("q", format!("Keep the search to {SEARCH_MAX} characters.")));
            }
            if text.chars().any(char::is_control) {
                wrong.push(FieldError::query("q", "Keep the search to plain text.".to_owned()));
            }
        }
        if wrong.is_empty() { Ok(Listing { search, page, per_page }) } else { Err(wrong) }
    }
}

impl Listing {
    /// The search as a `LIKE` pattern with `!` as its escape character; `None` matches all.
    pub fn pattern(&self) -> Option<String> {
        let search = self.search.as_ref()?;
        let mut pattern = String::with_capacity(search.len() + 2);
        pattern.push('%');
        for c in search.chars() {
            if matches!(c, '!' | '%' | '_') {
                pattern.push('!');
            }
            pattern.push(c);
        }
        pattern.push('%');
        Some(pattern)
    }

    /// How many rows at most.
    pub fn limit(&self) -> i64 {
        i64::from(self.per_page)
    }

    /// How many rows to pass over first.
    pub fn offset(&self) -> i64 {
        i64::from(self.page - 1) * i64::from(self.per_page)
    }

    /// The answer to this question.
    pub fn answer(&self, items: Vec<Item>, total: i64) -> Page {
        Page { items, page: self.page, per_page: self.per_page, total }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(
        q: Option<&str>,
        page: Option<&str>,
        per_page: Option<&str>,
    ) -> Result<Listing, Vec<&'static str>> {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        RawListing { q: owned(q), page: owned(page), per_page: owned(per_page) }
            .validate()
            .map_err(|wrong| wrong.iter().map(FieldError::field).collect())
    }

    #[test]
    fn nothing_asked_is_the_first_ten() {
        let listing = listing(None, None, None).unwrap();
        assert_eq!((listing.limit(), listing.offset(), listing.pattern()), (10, 0, None));
    }

    #[test]
    fn pages_become_offsets() {
        let listing = listing(Some("  "), Some("3"), Some("25")).unwrap();
        assert_eq!((listing.limit(), listing.offset(), listing.pattern()), (25, 50, None));
    }

    #[test]
    fn wildcards_are_looked_for_as_they_are() {
        assert_eq!(listing(Some(" 50%_!x "), None, None).unwrap().pattern().as_deref(), Some("%50!%!_!!x%"));
    }

    #[test]
    fn every_wrong_parameter_is_named() {
        for (q, page, per_page, expected) in [
            (None, Some("0"), Some("101"), vec!["page", "per_page"]),
            (None, Some("-1"), Some(""), vec!["page", "per_page"]),
            (Some("a\u{0}"), Some("1000001"), None, vec!["page", "q"]),
            (None, Some("1e3"), Some("ten"), vec!["page", "per_page"]),
        ] {
            assert_eq!(listing(q, page, per_page).unwrap_err(), expected);
        }
        assert_eq!(listing(Some(&"x".repeat(101)), None, None).unwrap_err(), vec!["q"]);
    }
}
