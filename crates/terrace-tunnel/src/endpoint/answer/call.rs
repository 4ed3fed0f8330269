//! A request as a call: which service, which operation, with what.
//!
//! GUARANTEE: a call's body is at most [`LARGEST`] bytes, its form fields at most [`FIELDS`].

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::refusal::{Form, Refusal};

/// The largest body, in bytes.
pub(in crate::endpoint) const LARGEST: usize = 64 * 1024;
/// The most fields of a form.
const FIELDS: usize = 1000;

/// What is asked for: the service in the name that it signs for, and the operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::endpoint) struct Operation {
    pub(in crate::endpoint) service: String,
    pub(in crate::endpoint) name: String,
}

/// What it is asked with.
#[derive(Clone, Debug)]
pub(in crate::endpoint) enum Input {
    Json(Map<String, Value>),
    Query(BTreeMap<String, String>),
}

impl Operation {
    /// By the `X-Amz-Target` header: `AmazonSSM.StartSession`.
    pub(in crate::endpoint) fn of_target(target: &str) -> Result<Self, Refusal> {
        let (prefix, name) = target.split_once('.').unwrap_or((target, ""));
        let service = match prefix {
            "AmazonSSM" => "ssm",
            "AmazonEC2ContainerServiceV20141113" => "ecs",
            _ => return Err(super::unknown(Form::Json, target)),
        };
        Ok(Self { service: service.to_owned(), name: name.to_owned() })
    }
}

impl Input {
    /// The JSON of a body; nothing is an empty object.
    pub(in crate::endpoint) fn json(body: &[u8]) -> Result<Self, Refusal> {
        if body.is_empty() {
            return Ok(Self::Json(Map::new()));
        }
        let wrong = |why: String| {
            Refusal::new("SerializationException", format!("the body is no JSON object: {why}"))
        };
        match serde_json::from_slice(body) {
            Ok(Value::Object(map)) => Ok(Self::Json(map)),
            Ok(_) => Err(wrong("it is something else".to_owned())),
            Err(error) => Err(wrong(error.to_string())),
        }
    }

    /// The fields of a form (application/x-www-form-urlencoded).
    pub(in crate::endpoint) fn query(body: &[u8]) -> Result<Self, Refusal> {
        let wrong = || Refusal::new("MalformedQueryString", "the body is no form, or too long a one");
        let text = std::str::from_utf8(body).map_err(|_| wrong())?;
        let mut fields = BTreeMap::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let plain = |text: &str| {
                percent_decode_str(&text.replace('+', " "))
                    .decode_utf8()
                    .map(String::from)
                    .map_err(|_| wrong())
            };
            fields.insert(plain(name)?, plain(value)?);
            if fields.len() > FIELDS {
                return Err(wrong());
            }
        }
        Ok(Self::Query(fields))
    }

    /// The action of a form.
    pub(in crate::endpoint) fn action(&self) -> String {
        self.text("Action").unwrap_or_default().to_owned()
    }

    /// One text.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        match self {
            Self::Json(map) => map.get(name).and_then(Value::as_str),
            Self::Query(fields) => fields.get(name).map(String::as_str),
        }
    }

    /// A list of texts: an array, or fields `NAME.1`, `NAME.2` (EC2) or `NAME.MEMBER.1` (query).
    pub(super) fn texts(&self, name: &str) -> Vec<String> {
        match self {
            Self::Json(map) => texts(map.get(name)),
            Self::Query(fields) => {
                let start = format!("{name}.");
                let mut found: Vec<(u32, &String)> = fields
                    .iter()
                    .filter_map(|(field, value)| {
                        let number = field.strip_prefix(&start)?.rsplit('.').next()?.parse().ok()?;
                        Some((number, value))
                    })
                    .collect();
                found.sort_unstable();
                found.into_iter().map(|(_, value)| value.clone()).collect()
            }
        }
    }

    /// Filters: a name and the values that fit, in whichever of the four spellings.
    pub(super) fn filters(&self, name: &str) -> Vec<(String, Vec<String>)> {
        match self {
            Self::Json(map) => {
                let all = map.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
                let either = |filter: &Value, names: [&str; 2]| {
                    names.iter().find_map(|name| filter.get(name).cloned())
                };
                all.iter()
                    .filter_map(|filter| {
                        let key = either(filter, ["Key", "key"])?.as_str()?.to_owned();
                        let values =
                            either(filter, ["Values", "valueSet"]).or_else(|| filter.get("value").cloned());
                        Some((key, texts(values.as_ref())))
                    })
                    .collect()
            }
            Self::Query(fields) => {
                // Filter.1.Name (EC2), Filters.Filter.1.Name (query)
                let start = format!("{name}.");
                let names = fields.iter().filter(|(field, _)| field.starts_with(&start));
                names
                    .filter_map(|(field, key)| {
                        let of = field.strip_suffix(".Name")?;
                        let values =
                            [self.texts(&format!("{of}.Value")), self.texts(&format!("{of}.Values"))];
                        Some((
                            key.clone(),
                            values.into_iter().find(|list| !list.is_empty()).unwrap_or_default(),
                        ))
                    })
                    .collect()
            }
        }
    }

    /// A map of lists of texts: a document's parameters.
    pub(super) fn lists(&self, name: &str) -> BTreeMap<String, Vec<String>> {
        match self {
            Self::Json(map) => map
                .get(name)
                .and_then(Value::as_object)
                .map(|lists| lists.iter().map(|(name, list)| (name.clone(), texts(Some(list)))).collect())
                .unwrap_or_default(),
            Self::Query(_) => BTreeMap::new(),
        }
    }
}

fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(Value::String(text)) => vec![text.clone()],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lists_and_filters_are_read_in_every_spelling() {
        let query = Input::query(
            b"Filters.Filter.1.Name=engine&Filters.Filter.1.Values.Value.2=b+c&Filters.Filter.1.Values.Value.1=a%26\
              &Filter.1.Name=tag%3Ax&Filter.1.Value.1=y&InstanceId.10=k&InstanceId.9=j&Names.member.1=n",
        )
        .unwrap();
        assert_eq!(
            query.filters("Filters"),
            [("engine".to_owned(), vec!["a&".to_owned(), "b c".to_owned()])]
        );
        assert_eq!(query.filters("Filter"), [("tag:x".to_owned(), vec!["y".to_owned()])]);
        assert_eq!(
            (query.texts("InstanceId"), query.texts("Names")),
            (vec!["j".into(), "k".into()], vec!["n".into()])
        );
        let json = Input::json(
            br#"{"Filters": [{"Key": "a", "Values": ["b", 1, "c"]}, {"Key": 1}], "List": [{"key": "d", "valueSet": ["e"]}]}"#,
        )
        .unwrap();
        assert_eq!(json.filters("Filters"), [("a".to_owned(), vec!["b".to_owned(), "c".to_owned()])]);
        assert_eq!(json.filters("List"), [("d".to_owned(), vec!["e".to_owned()])]);
    }

    proptest! {
        #[test]
        fn no_body_is_too_odd(bytes in prop::collection::vec(any::<u8>(), 0..200), form in "([A-Za-z0-9.%+&=]|Filter|\\.1){0,40}") {
            for body in [bytes.as_slice(), form.as_bytes()] {
                for input in [Input::json(body), Input::query(body)].into_iter().flatten() {
                    let _ = (input.action(), input.filters("Filter"), input.texts("Filter"), input.lists("Filter"));
                }
            }
        }
    }
}
