//! Configuration files with parameters in them: `${NAME}` becomes the parameter's value, `$$` becomes `$`.
//!
//! Never a secret's: what is written to a file is for everyone who may read the file. Into a `.json` file values go
//! as text within a JSON string.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::environment::{Environment, Plain};
use crate::failure::{Exit, Failure};

/// A file to be filled, and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    from: PathBuf,
    to: PathBuf,
}

impl Template {
    /// `IN=OUT`
    pub(crate) fn parse(text: &OsStr) -> Result<Self, Failure> {
        let pair = text.to_str().and_then(|text| text.split_once('='));
        match pair {
            Some((from, to)) if !from.is_empty() && !to.is_empty() => {
                Ok(Self { from: from.into(), to: to.into() })
            }
            _ => Err(Failure::configuration(format!("--template {}: expected IN=OUT", text.display()))),
        }
    }

    /// Fills it. Whoever reads the file finds the old one or the new one, whole.
    pub(crate) fn render(&self, environment: &Environment) -> Result<(), Failure> {
        let failed = |what: String| Failure::new(Exit::Template, what);
        let text = std::fs::read_to_string(&self.from).map_err(|error| {
            failed(format!("the template `{}` cannot be read: {error}", self.from.display()))
        })?;
        let json = self.to.extension().is_some_and(|extension| extension == "json");
        let filled = fill(&text, json, |name| environment.plain(name))
            .map_err(|reason| failed(format!("the template `{}`{reason}", self.from.display())))?;
        write(&self.to, &filled)
            .map_err(|error| failed(format!("`{}` cannot be written: {error}", self.to.display())))
    }
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    std::fs::write(&beside, text)?;
    std::fs::rename(&beside, path)
}

fn fill<'e>(
    text: &str,
    json: bool,
    value: impl Fn(&str) -> Result<&'e str, Plain>,
) -> Result<String, String> {
    let mut filled = String::with_capacity(text.len());
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let at = |reason: &str| format!(", line {}: {reason}", index.saturating_add(1));
        let mut rest = line;
        while let Some((before, after)) = rest.split_once('$') {
            filled.push_str(before);
            if let Some(after) = after.strip_prefix('$') {
                filled.push('$');
                rest = after;
                continue;
            }
            let Some((name, after)) = after.strip_prefix('{').and_then(|rest| rest.split_once('}')) else {
                filled.push('$');
                rest = after;
                continue;
            };
            let value = value(name).map_err(|why| match why {
                Plain::Missing => {
                    at(&format!("there is no parameter `{name}`; a `$` of its own is written `$$`"))
                }
                Plain::NotForFiles => {
                    at(&format!("`{name}` is no plain parameter, and only those go into files"))
                }
            })?;
            if value.contains(|c: char| c.is_control()) {
                return Err(at(&format!("the value of `{name}` has control characters in it")));
            }
            if json {
                let quoted = serde_json::Value::from(value).to_string();
                filled
                    .push_str(quoted.strip_prefix('"').and_then(|q| q.strip_suffix('"')).unwrap_or_default());
            } else {
                filled.push_str(value);
            }
            rest = after;
        }
        filled.push_str(rest);
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(name: &str) -> Result<&'static str, Plain> {
        match name {
            "API" => Ok("internal.example"),
            "ODD" => Ok("a\"b\\c"),
            "LINES" => Ok("a\nb"),
            "KEY" => Err(Plain::NotForFiles),
            _ => Err(Plain::Missing),
        }
    }

    #[test]
    fn names_become_values_and_the_rest_stays() {
        let text = "to ${API}:80 $ $$ $${API} ${API\n${ODD}";
        assert_eq!(fill(text, false, value).unwrap(), "to internal.example:80 $ $ ${API} ${API\na\"b\\c");
        assert_eq!(fill(r#"{"a": "${ODD}"}"#, true, value).unwrap(), r#"{"a": "a\"b\\c"}"#);
    }

    #[test]
    fn what_cannot_go_in_is_refused_with_its_place() {
        for (text, said) in [
            ("a\n${NOPE}", "line 2: there is no parameter `NOPE`"),
            ("${KEY}", "line 1: `KEY` is no plain parameter"),
            ("${LINES}", "control characters"),
        ] {
            let error = fill(text, false, value).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
    }
}
