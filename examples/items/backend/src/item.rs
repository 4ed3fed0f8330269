//! An item, and what a valid one looks like.
//!
//! [`Draft`] and [`Change`] can only be built by validation, so whatever reaches the store fits
//! its columns. Validation reports every wrong field at once.

use serde::Serialize;
use serde_json::{Map, Value};
use time::OffsetDateTime;

use crate::problem::FieldError;

/// The longest name, in characters; the column's width.
pub const NAME_MAX: usize = 120;
/// The longest description, in characters; the column's width.
pub const DESCRIPTION_MAX: usize = 2000;
/// The highest price: a million, less a cent.
pub const PRICE_CENTS_MAX: i32 = 99_999_999;
/// The highest quantity.
pub const QUANTITY_MAX: i32 = 1_000_000;

/// The number the database gave an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct ItemId(i64);

impl ItemId {
    /// A number that came from the database.
    pub(crate) fn stored(number: i64) -> Self {
        Self(number)
    }

    /// Reads the last segment of an item's path; `None` where no item can have that name.
    pub fn parse(segment: &str) -> Option<Self> {
        segment.parse().ok().filter(|number| *number > 0).map(Self)
    }

    /// The bare number.
    pub fn number(self) -> i64 {
        self.0
    }
}

/// An item as it is stored and as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Item {
    /// Given by the database, rising.
    pub id: ItemId,
    /// One line, 1 to [`NAME_MAX`] characters, no space around it.
    pub name: String,
    /// Free text, up to [`DESCRIPTION_MAX`] characters.
    pub description: String,
    /// Price in cents, 0 to [`PRICE_CENTS_MAX`].
    pub price_cents: i32,
    /// Pieces in stock, 0 to [`QUANTITY_MAX`].
    pub quantity: i32,
    /// The last write, RFC 3339, UTC.
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
}

/// A complete item that has no number yet: the body of POST and PUT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    name: String,
    description: String,
    price_cents: i32,
    quantity: i32,
}

/// Some fields of an item: the body of PATCH. What is absent stays as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    name: Option<String>,
    description: Option<String>,
    price_cents: Option<i32>,
    quantity: Option<i32>,
}

impl Draft {
    /// Takes a JSON object. `name` and `price_cents` are required; `description` is empty and
    /// `quantity` zero where absent; members this API does not know are ignored.
    ///
    /// # Errors
    /// Every field that is missing or wrong.
    pub fn from_json(body: &Map<String, Value>) -> Result<Self, Vec<FieldError>> {
        let mut wrong = Vec::new();
        let change = Change::collect(body, &mut wrong);
        for (field, what) in [("name", "a name"), ("price_cents", "a price")] {
            if !body.contains_key(field) {
                wrong.push(FieldError::body(field, format!("Give the item {what}.")));
            }
        }
        match change {
            Change { name: Some(name), description, price_cents: Some(price_cents), quantity }
                if wrong.is_empty() =>
            {
                Ok(Self {
                    name,
                    description: description.unwrap_or_default(),
                    price_cents,
                    quantity: quantity.unwrap_or_default(),
                })
            }
            _ => Err(wrong),
        }
    }

    /// See [`Item::name`].
    pub fn name(&self) -> &str {
        &self.name
    }

    /// See [`Item::description`].
    pub fn description(&self) -> &str {
        &self.description
    }

    /// See [`Item::price_cents`].
    pub fn price_cents(&self) -> i32 {
        self.price_cents
    }

    /// See [`Item::quantity`].
    pub fn quantity(&self) -> i32 {
        self.quantity
    }
}

impl Change {
    /// Takes a JSON object with any of the fields of [`Draft`].
    ///
    /// # Errors
    /// Every field that is wrong.
    pub fn from_json(body: &Map<String, Value>) -> Result<Self, Vec<FieldError>> {
        let mut wrong = Vec::new();
        let change = Self::collect(body, &mut wrong);
        if wrong.is_empty() { Ok(change) } else { Err(wrong) }
    }

    fn collect(body: &Map<String, Value>, wrong: &mut Vec<FieldError>) -> Self {
        let mut fields = Fields { body, wrong };
        Self {
            name: fields.read("name", name),
            description: fields.read("description", description),
            price_cents: fields.read("price_cents", |value| {
                whole(
                    value,
                    PRICE_CENTS_MAX,
                    "Give the price in whole cents.",
                    "Give a price from 0 to 999,999.99.",
                )
            }),
            quantity: fields.read("quantity", |value| {
                whole(value, QUANTITY_MAX, "Give a whole number.", "Give a number from 0 to 1,000,000.")
            }),
        }
    }

    /// The new name, if it changes.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The new description, if it changes.
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// The new price, if it changes.
    pub fn price_cents(&self) -> Option<i32> {
        self.price_cents
    }

    /// The new quantity, if it changes.
    pub fn quantity(&self) -> Option<i32> {
        self.quantity
    }
}

impl From<&Draft> for Change {
    /// A replacement is a change of everything.
    fn from(draft: &Draft) -> Self {
        Self {
            name: Some(draft.name.clone()),
            description: Some(draft.description.clone()),
            price_cents: Some(draft.price_cents),
            quantity: Some(draft.quantity),
        }
    }
}

struct Fields<'a> {
    body: &'a Map<String, Value>,
    wrong: &'a mut Vec<FieldError>,
}

impl Fields<'_> {
    fn read<T>(&mut self, field: &'static str, parse: impl FnOnce(&Value) -> Result<T, String>) -> Option<T> {
        match parse(self.body.get(field)?) {
            Ok(value) => Some(value),
            Err(message) => {
                self.wrong.push(FieldError::body(field, message));
                None
            }
        }
    }
}

fn name(value: &Value) -> Result<String, String> {
    let name = value.as_str().ok_or("Give the name as text.")?.trim();
    if name.is_empty() {
        Err("Give the item a name.".to_owned())
    } else if name.chars().count() > NAME_MAX {
        Err(format!("Keep the name to {NAME_MAX} characters."))
    } else if name.chars().any(char::is_control) {
        Err("Keep the name to one line of plain text.".to_owned())
    } else {
        Ok(name.to_owned())
    }
}

fn description(value: &Value) -> Result<String, String> {
    let text = value.as_str().ok_or("Give the description as text.")?.trim();
    if text.chars().count() > DESCRIPTION_MAX {
        Err(format!("Keep the description to {DESCRIPTION_MAX} characters."))
    } else if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        Err("Keep the description to plain text.".to_owned())
    } else {
        Ok(text.to_owned())
    }
}

fn whole(value: &Value, max: i32, not_whole: &str, out_of_range: &str) -> Result<i32, String> {
    if !value.is_i64() && !value.is_u64() {
        return Err(not_whole.to_owned());
    }
    value
        .as_i64()
        .and_then(|number| i32::try_from(number).ok())
        .filter(|number| (0..=max).contains(number))
        .ok_or_else(|| out_of_range.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn draft(body: Value) -> Result<Draft, Vec<(&'static str, String)>> {
        Draft::from_json(body.as_object().unwrap())
            .map_err(|wrong| wrong.into_iter().map(|e| (e.field(), e.detail().to_owned())).collect())
    }

    #[test]
    fn a_draft_is_trimmed_and_completed() {
        let draft = draft(json!({ "name": "  Oak desk ", "price_cents": 0, "colour": "red" })).unwrap();
        assert_eq!(
            (draft.name(), draft.description(), draft.price_cents(), draft.quantity()),
            ("Oak desk", "", 0, 0)
        );
    }

    #[test]
    fn every_wrong_field_is_named() {
        for (body, expected) in [
            (json!({}), vec!["name", "price_cents"]),
            (json!({ "name": " ", "price_cents": -1 }), vec!["name", "price_cents"]),
            (json!({ "name": "a\nb", "price_cents": 1.5 }), vec!["name", "price_cents"]),
            (json!({ "name": null, "price_cents": "5" }), vec!["name", "price_cents"]),
            (json!({ "name": "x".repeat(121), "price_cents": 1 }), vec!["name"]),
            (json!({ "name": "x", "description": "y".repeat(2001), "price_cents": 1 }), vec!["description"]),
            (json!({ "name": "x", "description": "a\u{0}b", "price_cents": 1 }), vec!["description"]),
            (
                json!({ "name": "x", "price_cents": 100_000_000, "quantity": u64::MAX }),
                vec!["price_cents", "quantity"],
            ),
            (
                json!({ "name": [], "description": 1, "price_cents": {}, "quantity": true }),
                vec!["name", "description", "price_cents", "quantity"],
            ),
        ] {
            let wrong = draft(body.clone()).unwrap_err();
            assert_eq!(wrong.iter().map(|(field, _)| *field).collect::<Vec<_>>(), expected, "{body}");
        }
    }

    #[test]
    fn limits_count_characters_not_bytes() {
        let name = "ä".repeat(NAME_MAX);
        assert_eq!(draft(json!({ "name": name, "price_cents": PRICE_CENTS_MAX })).unwrap().name(), name);
    }

    #[test]
    fn a_change_may_be_partial_but_not_wrong() {
        let change = Change::from_json(json!({ "quantity": 3 }).as_object().unwrap()).unwrap();
        assert_eq!(
            (change.name(), change.description(), change.price_cents(), change.quantity()),
            (None, None, None, Some(3))
        );
        assert!(Change::from_json(json!({ "name": "" }).as_object().unwrap()).is_err());
    }

    #[test]
    fn only_positive_numbers_name_items() {
        assert_eq!(ItemId::parse("7").map(ItemId::number), Some(7));
        for segment in ["", "0", "-1", "1.5", "seven", "9223372036854775808"] {
            assert_eq!(ItemId::parse(segment), None, "{segment}");
        }
    }
}
