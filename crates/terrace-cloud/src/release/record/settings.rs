//! What a service starts with beside its code.
//!
//! Plain settings are part of a release: what goes out with it is what its record says, and a way back brings it back. Of secret
//! ones only the names are known here; where their values are is part of the infrastructure.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// The settings of a service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Plain ones, by name.
    pub plain: BTreeMap<String, String>,
    /// The names of secret ones.
    pub secret: BTreeSet<String>,
}

impl Settings {
    /// The plain ones as `terrace-boot` reads them: a JSON object of texts, the same bytes each time.
    pub fn text(&self) -> String {
        serde_json::json!(self.plain).to_string()
    }

    /// In which plain ones these differ from former ones, and in the names of which secret ones.
    pub fn since(&self, before: &Self) -> Differences {
        let names = |all: &BTreeMap<String, String>| all.keys().cloned().collect::<BTreeSet<_>>();
        let (was, is) = (names(&before.plain), names(&self.plain));
        let changed = was.intersection(&is).filter(|name| before.plain.get(*name) != self.plain.get(*name));
        Differences {
            new: is.difference(&was).cloned().collect(),
            changed: changed.cloned().collect(),
            gone: was.difference(&is).cloned().collect(),
            new_secret: self.secret.difference(&before.secret).cloned().collect(),
            gone_secret: before.secret.difference(&self.secret).cloned().collect(),
        }
    }
}

/// In what settings differ: names, and never a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    new: Vec<String>,
    changed: Vec<String>,
    gone: Vec<String>,
    new_secret: Vec<String>,
    gone_secret: Vec<String>,
}

impl Differences {
    /// In words: `LOG_LEVEL changed; MODE, THEME new; secret KEY gone`; nothing if they do not differ.
    pub fn words(&self) -> Option<String> {
        let said = [
            ("", &self.changed, "changed"),
            ("", &self.new, "new"),
            ("", &self.gone, "gone"),
            ("secret ", &self.new_secret, "new"),
            ("secret ", &self.gone_secret, "gone"),
        ];
        let said = said.iter().filter(|(_, names, _)| !names.is_empty());
        let said: Vec<String> =
            said.map(|(what, names, word)| format!("{what}{} {word}", names.join(", "))).collect();
        (!said.is_empty()).then(|| said.join("; "))
    }
}
