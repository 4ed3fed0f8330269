//! How a resource type of CloudFormation is told in Terraform's words: the tables' language.
//!
//! A table holds only what differs. A property that is not in it keeps its name in snake case (`CidrBlock` is
//! `cidr_block`), maps in it become nested blocks, and so on inside.

use crate::build::Build;
use crate::node::{Node, What};
use crate::service;

/// A resource type.
pub(crate) struct Model {
    /// As templates say: `AWS::EC2::Subnet`.
    pub(crate) type_name: &'static str,
    /// As the provider says: `aws_subnet`.
    pub(crate) terraform: &'static str,
    /// Which attribute `Ref` gives; `=` before it marks a property whose value it is.
    pub(crate) reference: &'static str,
    /// Attributes of `Fn::GetAtt` whose name is not the one in snake case; `[]` behind it marks a list,
    /// `[one]` a list that has one element, `+` text that follows it.
    pub(crate) attributes: &'static [(&'static str, &'static str)],
    /// Attributes that repeat a property, which is taken where it is literal.
    pub(crate) repeated: &'static [&'static str],
    /// What becomes of properties.
    pub(crate) fields: &'static [Field],
    /// What is to do besides.
    pub(crate) shape: fn(&mut Build<'_, '_>),
    /// The type in its place if one of these properties is given.
    pub(crate) instead: Option<(&'static [&'static str], &'static str)>,
}

/// A property, the argument's name, and how the value is told.
pub(crate) struct Field(pub(crate) &'static str, pub(crate) &'static str, pub(crate) How);

/// Tags, as nearly every type has them.
pub(crate) const TAGS: Field = Field("Tags", "tags", How::Tags);

/// How a value is told.
#[derive(Clone, Copy)]
pub(crate) enum How {
    /// As it is, names inside in snake case.
    Same,
    /// `[{Key, Value}]` or a map: a map of texts.
    Tags,
    /// A JSON document.
    Json,
    /// A map with keys of the user's.
    Map,
    /// Nested blocks, one or a list, with these fields.
    Blocks(&'static [Field]),
    /// Its entries belong to what it stands in.
    Lift(&'static [Field]),
    /// A list of texts; a lone text is a list of one.
    List,
    /// One text as the only element of a list.
    Only,
    /// Text; base64 is decoded where it is literal.
    Base64,
    /// A JSON document whose keys begin with a small letter, as ECS has them.
    Camel,
    /// `ENABLED` or `DISABLED`: a truth.
    Enabled,
    /// Not told in Terraform's words.
    Drop,
}

/// A type with nothing particular.
pub(crate) const fn model(
    type_name: &'static str,
    terraform: &'static str,
    reference: &'static str,
    fields: &'static [Field],
) -> Model {
    Model {
        type_name,
        terraform,
        reference,
        attributes: &[],
        repeated: &[],
        fields,
        shape: |build| build.finish(),
        instead: None,
    }
}

impl Model {
    pub(crate) const fn attributes(mut self, attributes: &'static [(&'static str, &'static str)]) -> Self {
        self.attributes = attributes;
        self
    }

    pub(crate) const fn repeated(mut self, repeated: &'static [&'static str]) -> Self {
        self.repeated = repeated;
        self
    }

    pub(crate) const fn shape(mut self, shape: fn(&mut Build<'_, '_>)) -> Self {
        self.shape = shape;
        self
    }

    pub(crate) const fn instead(
        mut self,
        properties: &'static [&'static str],
        type_name: &'static str,
    ) -> Self {
        self.instead = Some((properties, type_name));
        self
    }

    /// The provider's name of an attribute.
    pub(crate) fn attribute(&self, name: &str) -> Option<&'static str> {
        self.attributes.iter().find(|(known, _)| *known == name).map(|(_, attribute)| *attribute)
    }

    /// The property that an attribute repeats.
    pub(crate) fn told(&self, attribute: &str) -> Option<&'static str> {
        self.repeated.iter().find(|known| **known == attribute).copied()
    }
}

/// How a resource is read; none if its type is not modelled.
pub(crate) fn of(resource: &Node) -> Option<&'static Model> {
    let model = named(resource.get("Type")?.text()?)?;
    match model.instead {
        Some((properties, type_name)) if properties.iter().any(|property| is_given(resource, property)) => {
            named(type_name)
        }
        _ => Some(model),
    }
}

fn is_given(resource: &Node, property: &str) -> bool {
    let value = resource.get("Properties").and_then(|properties| properties.get(property));
    value.is_some_and(|value| !matches!(&value.what, What::Scalar { text, plain: true } if text.is_empty()))
}

fn named(type_name: &str) -> Option<&'static Model> {
    service::ALL.iter().flat_map(|models| models.iter()).find(|model| model.type_name == type_name)
}

/// A name in snake case: `DBInstanceClass` is `db_instance_class`, `TargetGroupARNs` is `target_group_arns`.
pub(crate) fn snake(name: &str) -> String {
    let characters: Vec<char> = name.chars().collect();
    let mut snake = String::with_capacity(name.len() + 4);
    for (index, character) in characters.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|before| characters.get(before));
        let (next, after) = (characters.get(index + 1), characters.get(index + 2));
        if character.is_ascii_uppercase() {
            let is_plural = next == Some(&'s') && after.is_none_or(char::is_ascii_uppercase);
            let starts = match before {
                None | Some('_') => false,
                Some(before) if before.is_ascii_uppercase() => {
                    next.is_some_and(char::is_ascii_lowercase) && !is_plural
                }
                Some(_) => true,
            };
            if starts {
                snake.push('_');
            }
            snake.push(character.to_ascii_lowercase());
        } else {
            snake.push(match character {
                '.' | '-' | ':' => '_',
                character => *character,
            });
        }
    }
    snake
}
