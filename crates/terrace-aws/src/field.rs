//! How a typed field becomes an argument, and an argument a typed field again.
//!
//! LAW: `read(write(f)) == f` for every field; and for what a plan's JSON leaves of an expression,
//! `read(forgotten(write(f)))` is the field with its templates made opaque.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use terrace_net::{Ipv4Block, Port};

use crate::{Attribute, Json, Kind, Record, Ref, ResourceType, Target, Text, Value};

/// Why an argument is no value of its field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// It is not there and has to be.
    #[error("is missing")]
    Missing,
    /// It is something else.
    #[error("is not {0}")]
    Expected(&'static str),
    /// Its value cannot be.
    #[error("{0}")]
    Invalid(String),
    /// It is none of these words.
    #[error("is not one of {}", .0.join(", "))]
    Word(&'static [&'static str]),
    /// It is not a reference to this attribute of this kind.
    #[error("is not the {attribute} of a `{}`", kind.type_name())]
    Reference {
        /// The kind expected.
        kind: Kind,
        /// The attribute expected.
        attribute: &'static str,
    },
    /// It has an argument or nested block that no field stands for.
    #[error("has `{name}`, which is not modelled")]
    Unknown {
        /// The argument.
        name: String,
        /// Those that are modelled.
        known: &'static [&'static str],
    },
    /// It is fine, but something inside it is not.
    #[error("`{0}` {1}")]
    Inside(String, Box<Misfit>),
    /// It is fine, but one of its items or blocks (counted from 0) is not.
    #[error("at number {number} {1}", number = .0 + 1)]
    Item(usize, Box<Misfit>),
}

/// One step on the way to what does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Into an argument or a nested block.
    Name(String),
    /// To an item, or to a block among others of its name, counted from 0.
    Item(usize),
}

impl Misfit {
    /// The same, one level further out.
    #[must_use]
    pub fn inside(self, name: impl Into<String>) -> Self {
        Self::Inside(name.into(), Box::new(self))
    }

    /// The same, one item further out.
    #[must_use]
    pub fn item(self, at: usize) -> Self {
        Self::Item(at, Box::new(self))
    }

    /// The way to what does not fit, and why it does not.
    pub fn place(&self) -> (Vec<Step>, &Self) {
        let (mut steps, mut innermost) = (Vec::new(), self);
        loop {
            match innermost {
                Self::Inside(name, inner) => {
                    steps.push(Step::Name(name.clone()));
                    innermost = inner;
                }
                Self::Item(at, inner) => {
                    steps.push(Step::Item(*at));
                    innermost = inner;
                }
                _ => return (steps, innermost),
            }
        }
    }
}

/// Stops at the first argument that no field stands for: a document is read whole or not at all.
pub(crate) fn refuse_unknown(record: &Record, known: &'static [&'static str]) -> Result<(), Misfit> {
    match record.iter().find(|(name, _)| !known.contains(name)) {
        None => Ok(()),
        Some((name, _)) => Err(Misfit::Unknown { name: name.to_owned(), known }),
    }
}

/// Reads items one by one.
fn read_each<'a, T, I: 'a>(
    items: impl IntoIterator<Item = &'a I>,
    read: impl Fn(&'a I) -> Result<T, Misfit>,
) -> Result<Vec<T>, Misfit> {
    items.into_iter().enumerate().map(|(at, item)| read(item).map_err(|misfit| misfit.item(at))).collect()
}

/// A typed field of a resource.
pub trait Field: Sized {
    /// The argument; nothing if it is not written at all.
    fn write(&self) -> Option<Value>;

    /// The field, from an argument that may not be there.
    fn read(value: Option<&Value>) -> Result<Self, Misfit>;
}

/// The arguments of a resource or of a nested block.
pub trait Fields: Sized {
    /// All fields as arguments.
    fn write_fields(&self) -> Record;

    /// The fields, from arguments.
    fn read_fields(record: &Record) -> Result<Self, Misfit>;

    /// The names of the fields.
    fn names() -> &'static [&'static str];
}

/// Nested blocks, as many as wanted: `ingress { … } ingress { … }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocks<T>(pub Vec<T>);

impl<T> Default for Blocks<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// One nested block, always there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block<T>(pub T);

/// Text that is handed over in base64.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Base64Text(pub Text);

/// A number with three decimals, in thousandths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Milli(pub i64);

impl<T: Fields> Field for Blocks<T> {
    fn write(&self) -> Option<Value> {
        let blocks = || self.0.iter().map(Fields::write_fields).collect();
        (!self.0.is_empty()).then(|| Value::Blocks(blocks()))
    }

    fn read(value: Option<&Value>) -> Result<Self, Misfit> {
        match value {
            None => Ok(Self::default()),
            Some(Value::Blocks(blocks)) => read_each(blocks, T::read_fields).map(Self),
            Some(_) => Err(Misfit::Expected("a block")),
        }
    }
}

impl<T: Fields> Field for Block<T> {
    fn write(&self) -> Option<Value> {
        Some(Value::Blocks(vec![self.0.write_fields()]))
    }

    fn read(value: Option<&Value>) -> Result<Self, Misfit> {
        match value {
            Some(Value::Blocks(blocks)) => match blocks.as_slice() {
                [block] => T::read_fields(block).map(Self).map_err(|misfit| misfit.item(0)),
                _ => Err(Misfit::Expected("one block")),
            },
            None => Err(Misfit::Missing),
            Some(_) => Err(Misfit::Expected("a block")),
        }
    }
}

impl<T: Field> Field for Option<T> {
    fn write(&self) -> Option<Value> {
        self.as_ref().and_then(Field::write)
    }

    fn read(value: Option<&Value>) -> Result<Self, Misfit> {
        value.map(|value| T::read(Some(value))).transpose()
    }
}

impl<T: Field> Field for Vec<T> {
    fn write(&self) -> Option<Value> {
        (!self.is_empty()).then(|| Value::List(self.iter().filter_map(Field::write).collect()))
    }

    fn read(value: Option<&Value>) -> Result<Self, Misfit> {
        match value {
            None => Ok(Self::new()),
            Some(Value::List(items)) => read_each(items, |item| T::read(Some(item))),
            // A plan's JSON tells the references of a list's expression, in order, and not the list.
            Some(Value::Opaque(references)) => {
                read_each(references, |reference| T::read(Some(&Value::Opaque(vec![reference.clone()]))))
            }
            Some(_) => Err(Misfit::Expected("a list")),
        }
    }
}

/// The key of a map's only entry, where an import was not told the keys.
pub const UNTOLD: &str = "?";

impl<T: Field> Field for BTreeMap<String, T> {
    fn write(&self) -> Option<Value> {
        let items = || self.iter().filter_map(|(k, v)| v.write().map(|v| (k.clone(), v))).collect();
        (!self.is_empty()).then(|| Value::Map(items()))
    }

    fn read(value: Option<&Value>) -> Result<Self, Misfit> {
        match value {
            None => Ok(Self::new()),
            Some(Value::Map(items)) => {
                let read = |v| T::read(Some(v));
                items
                    .iter()
                    .map(|(k, v)| read(v).map(|v| (k.clone(), v)).map_err(|misfit| misfit.inside(k)))
                    .collect()
            }
            // A plan's JSON tells the references of a map's expression, and not its keys.
            Some(opaque @ Value::Opaque(_)) => Ok(Self::from([(UNTOLD.to_owned(), T::read(Some(opaque))?)])),
            Some(_) => Err(Misfit::Expected("a map")),
        }
    }
}

impl Field for bool {
    fn write(&self) -> Option<Value> {
        Some(Value::Bool(*self))
    }

    fn read(value: Option<&Value>) -> Result<Self, Misfit> {
        match value.ok_or(Misfit::Missing)? {
            Value::Bool(value) => Ok(*value),
            // Terraform and CloudFormation both take the words.
            Value::Text(text) if text.literal() == Some("true") => Ok(true),
            Value::Text(text) if text.literal() == Some("false") => Ok(false),
            _ => Err(Misfit::Expected("true or false")),
        }
    }
}

macro_rules! whole {
    ($($kind:ty)*) => {$(
        impl Field for $kind {
            fn write(&self) -> Option<Value> {
                Some(Value::Int(i64::from(*self)))
            }

            fn read(value: Option<&Value>) -> Result<Self, Misfit> {
                let number = match value.ok_or(Misfit::Missing)? {
                    Value::Int(number) => *number,
                    Value::Text(text) => text
                        .literal()
                        .and_then(|text| text.parse().ok())
                        .ok_or(Misfit::Expected("a whole number"))?,
                    _ => return Err(Misfit::Expected("a whole number")),
                };
                Self::try_from(number).map_err(|_| Misfit::Expected(concat!("a number that fits ", stringify!($kind))))
            }
        }
    )*};
}
whole!(u8 u16 u32 i32 i64);

impl Field for Milli {
    fn write(&self) -> Option<Value> {
        Some(if self.0 % 1000 == 0 { Value::Int(self.0 / 1000) } else { Value::Milli(self.0) })
    }

    fn read(value: Option<&Value>) -> Result<Self, Misfit> {
        match value.ok_or(Misfit::Missing)? {
            Value::Milli(thousandths) => Ok(Self(*thousandths)),
            Value::Int(number) => number.checked_mul(1000).map(Self).ok_or(Misfit::Expected("a number")),
            _ => Err(Misfit::Expected("a number")),
        }
    }
}

impl Field for Text {
    fn write(&self) -> Option<Value> {
        Some(Value::Text(self.clone()))
    }

    fn read(value: Option<&Value>) -> Result<Self, Misfit> {
        match value.ok_or(Misfit::Missing)? {
            Value::Text(text) => Ok(text.clone()),
            Value::Bool(value) => Ok(Self::from(value.to_string())),
            Value::Int(number) => Ok(Self::from(number.to_string())),
            Value::Opaque(references) => Ok(Self::opaque(references.iter().cloned().collect())),
            _ => Err(Misfit::Expected("text")),
        }
    }
}

impl Field for Base64Text {
    fn write(&self) -> Option<Value> {
        Some(Value::Base64(self.0.clone()))
    }

    fn read(value: Option<&Value>) -> Result<Self, Misfit> {
        match value.ok_or(Misfit::Missing)? {
            Value::Base64(text) => Ok(Self(text.clone())),
            // What a plan or a state tells of it: the encoding.
            Value::Text(text) => match text.literal().map(crate::encoding::decode) {
                Some(Some(literal)) => Ok(Self(Text::from(literal))),
                Some(None) => Err(Misfit::Expected("text in base64")),
                None => Ok(Self(text.forgotten())),
            },
            Value::Opaque(references) => Ok(Self(Text::opaque(references.iter().cloned().collect()))),
            _ => Err(Misfit::Expected("text in base64")),
        }
    }
}

impl<T: ResourceType, A: Attribute> Field for Ref<T, A> {
    fn write(&self) -> Option<Value> {
        Some(Value::Text(Text::from(self)))
    }

    fn read(value: Option<&Value>) -> Result<Self, Misfit> {
        let expected = || Misfit::Reference { kind: T::KIND, attribute: A::PATH };
        let text = match value.ok_or(Misfit::Missing)? {
            Value::Text(text) => text,
            Value::Opaque(references) => {
                let mut all = references.iter();
                let (Some(reference), None) = (all.next(), all.next()) else {
                    return Err(expected());
                };
                return Self::read(Some(&Value::Text(Text::from(reference.clone()))));
            }
            _ => return Err(expected()),
        };
        if let Some(literal) = text.literal() {
            return Ok(Self::literal(literal.to_owned()));
        }
        let reference = text.reference().ok_or_else(expected)?;
        match reference.target() {
            Target::Resource(address) if address.kind() == T::KIND && reference.attribute() == A::PATH => {
                Ok(Self::new(address.label().clone()))
            }
            _ => Err(expected()),
        }
    }
}

/// A field that is text with a form of its own.
pub(crate) fn read_parsed<T>(value: Option<&Value>) -> Result<T, Misfit>
where
    T: FromStr,
    T::Err: Display,
{
    let text = match value.ok_or(Misfit::Missing)? {
        Value::Text(text) => text.literal().ok_or(Misfit::Expected("literal text"))?,
        _ => return Err(Misfit::Expected("text")),
    };
    text.parse().map_err(|error: T::Err| Misfit::Invalid(format!("`{text}`: {error}")))
}

/// Fields that are written as their text and read by `FromStr`.
macro_rules! text_fields {
    ($($kind:ty),* $(,)?) => {$(
        impl $crate::Field for $kind {
            fn write(&self) -> Option<$crate::Value> {
                Some($crate::Value::Text($crate::Text::from(self.to_string())))
            }

            fn read(value: Option<&$crate::Value>) -> Result<Self, $crate::Misfit> {
                $crate::field::read_parsed(value)
            }
        }
    )*};
}

text_fields!(Ipv4Block);

impl Field for Port {
    fn write(&self) -> Option<Value> {
        Some(Value::Int(i64::from(self.get())))
    }

    fn read(value: Option<&Value>) -> Result<Self, Misfit> {
        let number = u16::read(value)?;
        Self::new(number).map_err(|error| Misfit::Invalid(error.to_string()))
    }
}

impl Field for Json {
    fn write(&self) -> Option<Value> {
        Some(Value::Json(self.clone()))
    }

    fn read(value: Option<&Value>) -> Result<Self, Misfit> {
        match value.ok_or(Misfit::Missing)? {
            Value::Json(json) => Ok(json.clone()),
            Value::Text(text) => crate::json::parse(text),
            Value::Opaque(references) => Ok(Self::Text(Text::opaque(references.iter().cloned().collect()))),
            _ => Err(Misfit::Expected("a JSON document")),
        }
    }
}
