//! `terrace.toml`: what is written ([`Manifest`]), and what it means (a [`Topology`]).
//!
//! This is the only crate that knows the file. [`parse`] never stops at the first error and never panics: it
//! returns all that is wrong, each with its place, and as much of the meaning as could be had. One description
//! of every key ([`json_schema`] prints it) drives the decoding, the suggestions and the editors' schema, so
//! they cannot drift apart.
//!
//! [`scaffold`] goes the other way: from what a folder holds to a manifest that works.
//!
//! INVARIANT: values come in, values go out. No file, clock, environment or network is touched.

mod checks;
pub mod code;
mod decode;
mod describe;
mod effect;
mod environments;
mod foreign;
mod json;
mod keys;
mod lower;
mod manifest;
mod meaning;
mod migration;
mod missing;
mod network;
mod numbers;
mod overlay;
mod places;
mod print;
mod read;
mod refuse;
pub mod scaffold;
mod suggest;
mod syntax;
mod tables;
mod unknown;
mod words;
mod written;

pub use json::json_schema;
pub use manifest::{Addresses, App, Count, Data, Exits, Manifest, Page, Secret, Settings, ZoneChoice};
pub use places::Places;
pub use print::print;
pub use written::Written;

use terrace_diag::Diagnostics;
use terrace_topology::{EnvironmentName, Topology};
use toml::de::DeTable;

/// The name of the file.
pub const FILE_NAME: &str = "terrace.toml";

/// All that one reading of a manifest gives.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// What is written, as far as it could be read; complete if there are no errors.
    pub manifest: Manifest,
    /// What is meant, with the chosen environment's settings over the others. `None` if something that it needs
    /// is wrong or missing. Another environment's errors do not take it away: ask `diagnostics` whether the file
    /// as a whole is sound.
    pub topology: Option<Topology>,
    /// Where each setting of `topology` was written.
    pub places: Places,
    /// All that is wrong or doubtful anywhere in the file, in its order. Every environment is checked, whichever
    /// is chosen.
    pub diagnostics: Diagnostics,
}

impl Parsed {
    /// The environments that the manifest has.
    pub fn environments(&self) -> impl Iterator<Item = &EnvironmentName> {
        self.manifest.environments.keys()
    }
}

/// Reads a manifest, and means the environment `environment` if one is named.
pub fn parse(text: &str, environment: Option<&str>) -> Parsed {
    let syntax::Cleaned { readable, errors } = syntax::clean(text);
    let (document, _) = DeTable::parse_recoverable(&readable);
    let mut diagnostics = Diagnostics::new();
    let decoded = decode::manifest(document.get_ref(), text.len(), &mut diagnostics);
    let chosen = lower::choose(&decoded, environment, &mut diagnostics);
    let diagnostics = syntax::combine(text, errors, diagnostics);
    let topology = chosen.topology.filter(|_| !syntax::broken(&diagnostics));
    Parsed { manifest: decoded.manifest, topology, places: chosen.places, diagnostics }
}
