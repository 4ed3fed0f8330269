//! The macros that define resources, nested blocks and words, each with its field names once.

/// Defines nested blocks: a struct whose fields are arguments of the same names.
macro_rules! block {
    ($($(#[$about:meta])* $name:ident { $($(#[$field_about:meta])* $field:ident: $type:ty,)* })*) => {$(
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name {
            $(
                #[doc = concat!("`", stringify!($field), "`")]
                $(#[$field_about])*
                pub $field: $type,
            )*
        }

        impl $crate::Fields for $name {
            fn write_fields(&self) -> $crate::Record {
                $crate::Record::of(vec![
                    $(($crate::define::argument(stringify!($field)), $crate::Field::write(&self.$field)),)*
                ])
            }

            fn read_fields(record: &$crate::Record) -> Result<Self, $crate::Misfit> {
                $crate::field::refuse_unknown(record, Self::names())?;
                Ok(Self {
                    $($field: {
                        let name = $crate::define::argument(stringify!($field));
                        $crate::Field::read(record.get(name)).map_err(|misfit| misfit.inside(name))?
                    },)*
                })
            }

            fn names() -> &'static [&'static str] {
                const NAMES: &[&str] = &[$($crate::define::argument(stringify!($field))),*];
                NAMES
            }
        }
    )*};
}

/// Defines resources: blocks with a provider's type name. `data` before it stands for a lookup.
macro_rules! resource {
    ($($(#[$about:meta])* $name:ident($mode:ident $type_name:literal) { $($(#[$field_about:meta])* $field:ident: $type:ty,)* })*) => {
        $crate::define::block! { $($(#[$about])* $name { $($(#[$field_about])* $field: $type,)* })* }
        $(
            impl $crate::ResourceType for $name {
                const KIND: $crate::Kind = $crate::Kind::$name;
                const TYPE_NAME: &'static str = $type_name;
                const MODE: $crate::Mode = $crate::Mode::$mode;

                fn of(resource: &$crate::Resource) -> Option<&Self> {
                    match resource {
                        $crate::Resource::$name(found) => Some(found),
                        _ => None,
                    }
                }

                fn wrap(self) -> $crate::Resource {
                    $crate::Resource::$name(self)
                }
            }
        )*
    };
}

/// Defines an enum of words.
macro_rules! words {
    ($($(#[$about:meta])* $name:ident { $($(#[$word_about:meta])* $variant:ident = $word:literal,)* })*) => {$(
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $(
                #[doc = concat!("`", $word, "`")]
                $(#[$word_about])*
                $variant,
            )*
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(match self { $(Self::$variant => $word,)* })
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                match text {
                    $($word => Ok(Self::$variant),)*
                    _ => Err([$($word),*].join(", ")).map_err(|known| format!("one of {known} was expected")),
                }
            }
        }

        impl $crate::Field for $name {
            fn write(&self) -> Option<$crate::Value> {
                Some($crate::Value::Text($crate::Text::from(self.to_string())))
            }

            fn read(value: Option<&$crate::Value>) -> Result<Self, $crate::Misfit> {
                match value.ok_or($crate::Misfit::Missing)? {
                    $crate::Value::Text(text) => text.literal().and_then(|text| text.parse().ok()),
                    _ => None,
                }
                .ok_or($crate::Misfit::Word(&[$($word),*]))
            }
        }
    )*};
}

pub(crate) use {block, resource, words};

/// The argument of a field: `r#type` is `type`.
pub(crate) const fn argument(field: &'static str) -> &'static str {
    match field.as_bytes() {
        [b'r', b'#', ..] => field.split_at(2).1,
        _ => field,
    }
}
