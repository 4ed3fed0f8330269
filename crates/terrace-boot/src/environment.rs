//! What the application finds in its environment: parameters, plain settings, secrets, the database, where to listen.
//!
//! Nothing is given twice: a parameter and a secret of the same name are refused rather than one of them lost.

use std::collections::BTreeMap;
use std::path::Path;

use crate::Secret;
use crate::aws::{Read, Version};
use crate::config::Config;
use crate::failure::{Exit, Failure};
use crate::name::VariableName;

/// The variables of one start.
#[derive(Debug)]
pub(crate) struct Environment {
    variables: BTreeMap<VariableName, Entry>,
    versions: Versions,
}

/// Which values these are, without being them.
pub(crate) type Versions = BTreeMap<String, Version>;

#[derive(Debug)]
struct Entry {
    value: Secret,
    /// `the parameter /items/prod/app/X`
    from: String,
    /// A plain parameter or setting, which a template may name.
    plain: bool,
}

impl Environment {
    /// Puts together what was read. `bundle` is what the database is verified against.
    pub(crate) fn compose(
        config: &Config,
        read: Read,
        bundle: Option<&Path>,
        inherited: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Failure> {
        let versions = versions(&read);
        let mut found = Self { variables: BTreeMap::new(), versions };
        for parameter in read.parameters {
            let from = format!("the parameter `{}`", parameter.name);
            let name = parameter.name.rsplit('/').next().unwrap_or_default();
            let name = name
                .parse()
                .map_err(|error| Failure::new(Exit::Value, format!("{from} becomes no variable: {error}")))?;
            found.add(name, Entry { value: parameter.value, from, plain: !parameter.secure })?;
        }
        for (name, value) in &config.plain {
            let (value, from) = (Secret::new(value.clone()), "the settings of the release".to_owned());
            found.add(name.clone(), Entry { value, from, plain: true })?;
        }
        for (name, place) in config.secrets.iter().flatten() {
            let Some((text, _)) = read.secrets.get(&place.secret) else { continue };
            let value = match &place.key {
                None => text.clone(),
                Some(key) => keyed(text, &place.secret, key)?,
            };
            let from = format!("the secret `{}`", place.secret);
            found.add(name.clone(), Entry { value, from, plain: false })?;
        }
        if let Some(database) = &config.database
            && let Some((text, _)) = read.secrets.get(&database.secret)
        {
            for (name, value) in database.variables(text, bundle)? {
                found.give(name, value, "the database")?;
            }
        }
        if !found.variables.contains_key("HOST") {
            let host = config.host.clone().or_else(|| inherited("HOST")).filter(|host| !host.is_empty());
            let host = host.unwrap_or_else(|| "0.0.0.0".to_owned());
            found.give("HOST", Secret::new(host), "the configuration")?;
        }
        if !found.variables.contains_key("PORT")
            && let Some(port) = config.port
        {
            found.give("PORT", Secret::new(port.to_string()), "the configuration")?;
        }
        Ok(found)
    }

    fn give(&mut self, name: &str, value: Secret, from: &str) -> Result<(), Failure> {
        let name = name.parse().map_err(|error| Failure::system("a name of ours", error))?;
        self.add(name, Entry { value, from: from.to_owned(), plain: false })
    }

    fn add(&mut self, name: VariableName, entry: Entry) -> Result<(), Failure> {
        if entry.value.reveal().contains('\0') {
            let text = format!("{} has a NUL in it, which no variable can have", entry.from);
            return Err(Failure::new(Exit::Value, text));
        }
        if let Some(other) = self.variables.get(&name) {
            let text = format!("`{name}` is given twice: by {} and by {}", other.from, entry.from);
            return Err(Failure::new(Exit::Value, text));
        }
        self.variables.insert(name, entry);
        Ok(())
    }

    /// All of them.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (&VariableName, &Secret)> {
        self.variables.iter().map(|(name, entry)| (name, &entry.value))
    }

    /// The value of a plain parameter or setting.
    pub(crate) fn plain(&self, name: &str) -> Result<&str, Plain> {
        match self.variables.get(name) {
            None => Err(Plain::Missing),
            Some(entry) if entry.plain => Ok(entry.value.reveal()),
            Some(_) => Err(Plain::NotForFiles),
        }
    }

    /// Which values these are.
    pub(crate) fn versions(&self) -> &Versions {
        &self.versions
    }

    /// One line for the log, without a value.
    pub(crate) fn summary(&self) -> String {
        let names: Vec<&str> = self.variables.keys().map(VariableName::as_str).collect();
        names.join(" ")
    }
}

/// Why a template does not get a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plain {
    Missing,
    NotForFiles,
}

/// The versions of all that was read.
pub(crate) fn versions(read: &Read) -> Versions {
    let parameters = read.parameters.iter().map(|p| (p.name.clone(), p.version.clone()));
    // A parameter's name starts with `/`, as a secret's may: the mark keeps them apart.
    let secrets = read.secrets.iter().map(|(name, (_, version))| (format!("secret {name}"), version.clone()));
    parameters.chain(secrets).collect()
}

fn keyed(text: &Secret, secret: &str, key: &str) -> Result<Secret, Failure> {
    let wrong = |reason: &str| Failure::new(Exit::Missing, format!("the secret `{secret}` {reason}"));
    let object: BTreeMap<String, Value> = serde_json::from_str(text.reveal())
        .map_err(|_| wrong(&format!("is no JSON object, and its key `{key}` is asked for")))?;
    match object.into_iter().find(|(name, _)| name == key) {
        Some((_, Value::Text(value))) => Ok(value),
        Some((_, Value::Other(value))) => Ok(Secret::new(value.to_string())),
        None => Err(wrong(&format!("has no key `{key}`: add it, or correct the key"))),
    }
}

/// A value in a secret's JSON: text as it is, anything else as JSON.
#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Value {
    Text(Secret),
    Other(serde_json::Value),
}
