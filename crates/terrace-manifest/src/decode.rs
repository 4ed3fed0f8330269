//! From the document to the manifest as written.

use std::collections::BTreeMap;

use terrace_diag::{Diagnostic, Diagnostics, Severity};
use terrace_topology::{
    EnvironmentName, GeneratedLength, KeptReleases, LogDays, MonthlyBudget, SettingName, SettingNameError,
    ZoneLetters, ZoneLettersError, Zones,
};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::describe::Kind;
use crate::manifest::{Manifest, Secret, Settings, ZoneChoice};
use crate::read::{Reader, Section};
use crate::refuse::example;
use crate::{Places, Written, code, keys, tables};

/// A manifest with what its lowering needs besides.
#[derive(Debug)]
pub(crate) struct Decoded {
    pub(crate) manifest: Manifest,
    /// Where the settings are written, and whether all of them could be read.
    pub(crate) base: Origin,
    /// The same of each environment's own settings.
    pub(crate) environments: BTreeMap<EnvironmentName, Origin>,
    /// The names of environments that are written, right or not.
    pub(crate) named: Vec<String>,
    /// Where the text ends.
    pub(crate) end: usize,
}

/// Where settings came from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origin {
    pub(crate) places: Places,
    pub(crate) sound: bool,
}

/// Reads all that can be read.
pub(crate) fn manifest(document: &DeTable<'_>, end: usize, diagnostics: &mut Diagnostics) -> Decoded {
    let before = diagnostics.count(Severity::Error);
    let mut reader = Reader::new(diagnostics, String::new());
    let top = reader.open("", document, &keys::MANIFEST);
    let settings = settings(&mut reader, &top);
    let written = reader.named::<EnvironmentName>(&top, &keys::ENVIRONMENTS);
    let places = reader.places.ending_at(end);
    let sound = diagnostics.count(Severity::Error) == before;

    let mut decoded = Decoded {
        manifest: Manifest { settings, environments: BTreeMap::new() },
        base: Origin { places, sound },
        environments: BTreeMap::new(),
        named: environment_names(document),
        end,
    };
    for (name, _, value) in written {
        let (own, origin) = environment(&name, value, diagnostics);
        decoded.manifest.environments.insert(name.clone(), own);
        decoded.environments.insert(name, origin);
    }
    decoded
}

fn environment_names(document: &DeTable<'_>) -> Vec<String> {
    let table = document.get(keys::ENVIRONMENTS.name).and_then(|value| value.get_ref().as_table());
    table.into_iter().flat_map(|t| t.keys()).map(|name| name.get_ref().to_string()).collect()
}

fn environment(
    name: &EnvironmentName,
    value: &Spanned<DeValue<'_>>,
    diagnostics: &mut Diagnostics,
) -> (Settings, Origin) {
    let before = diagnostics.count(Severity::Error);
    let mut reader = Reader::new(diagnostics, format!("{}.{name}", keys::ENVIRONMENTS.name));
    let own = match value.get_ref() {
        DeValue::Table(table) => {
            let section = reader.open("", table, &keys::SETTINGS);
            settings(&mut reader, &section)
        }
        _ => {
            reader.wrong_type("", name.as_str(), value, &Kind::Table(&keys::SETTINGS));
            Settings::default()
        }
    };
    let places = reader.places;
    (own, Origin { places, sound: diagnostics.count(Severity::Error) == before })
}

fn settings(reader: &mut Reader<'_>, top: &Section<'_, '_>) -> Settings {
    Settings {
        name: reader.text(top, &keys::NAME),
        shape: reader.word(top, &keys::SHAPE),
        region: reader.text(top, &keys::REGION),
        account: reader.text(top, &keys::ACCOUNT),
        zones: zones(reader, top),
        production: reader.flag(top, &keys::PRODUCTION),
        architecture: reader.word(top, &keys::ARCHITECTURE),
        edge: reader.word(top, &keys::EDGE),
        domain: reader.text(top, &keys::DOMAIN),
        zone: reader.text(top, &keys::ZONE),
        web: reader.table(top, &keys::WEB).map(|s| tables::page(reader, &s)).unwrap_or_default(),
        app: reader.table(top, &keys::APP).map(|s| tables::app(reader, &s)).unwrap_or_default(),
        data: reader.table(top, &keys::DATA).map(|s| tables::data(reader, &s)).unwrap_or_default(),
        egress: reader.table(top, &keys::EGRESS).map(|s| tables::exits(reader, &s)).unwrap_or_default(),
        network: reader.table(top, &keys::NETWORK).map(|s| tables::addresses(reader, &s)).unwrap_or_default(),
        alerts: reader.table(top, &keys::ALERTS).and_then(|s| reader.text(&s, &keys::upkeep::EMAIL)),
        budget: reader.table(top, &keys::BUDGET).and_then(|s| {
            let written = reader.whole(&s, &keys::upkeep::MONTHLY)?;
            tables::made(written, MonthlyBudget::new)
        }),
        log_days: reader.table(top, &keys::LOGS).and_then(|s| {
            let written = reader.number(&s, &keys::upkeep::DAYS)?;
            tables::made(written, LogDays::new)
        }),
        kept_releases: reader.table(top, &keys::RELEASES).and_then(|s| {
            let written = reader.whole(&s, &keys::upkeep::KEEP)?;
            tables::made(written, KeptReleases::new)
        }),
    }
}

/// A letter of a zone.
#[derive(Clone, Copy, PartialEq)]
struct Letter(char);

impl std::str::FromStr for Letter {
    type Err = ZoneLettersError;

    fn from_str(text: &str) -> Result<Self, ZoneLettersError> {
        match text.as_bytes() {
            [letter @ b'a'..=b'z'] => Ok(Self(char::from(*letter))),
            _ => Err(ZoneLettersError),
        }
    }
}

fn zones(reader: &mut Reader<'_>, top: &Section<'_, '_>) -> Option<Written<ZoneChoice>> {
    let key = &keys::ZONES;
    let Some(letters) = reader.distinct::<Letter>(top, key) else {
        if reader.is_list(top, key) {
            return None;
        }
        let count = reader.whole::<u8>(top, key)?;
        let zones = if *count.value() == 3 { Zones::Three } else { Zones::Two };
        return Some(Written::new(ZoneChoice::Count(zones), count.span()));
    };
    let chars: Vec<char> = letters.value().iter().map(|letter| letter.value().0).collect();
    Some(Written::new(ZoneChoice::Letters(ZoneLetters::new(&chars).ok()?), letters.span()))
}

/// `[app.variables]`.
pub(crate) fn variables<V: std::str::FromStr<Err: std::fmt::Display>>(
    reader: &mut Reader<'_>,
    section: &Section<'_, '_>,
) -> BTreeMap<SettingName, Written<V>> {
    let key = &keys::app::VARIABLES;
    let Kind::Named(_, kind, _) = &key.kind else { return BTreeMap::new() };
    let mut all = BTreeMap::new();
    for (name, _, value) in setting_names(reader, section, key) {
        let path = format!("{}.{name}", section.path_of(key.name));
        if let Some(written) = reader.text_value(&path, name.as_str(), value, kind) {
            all.insert(name, written);
        }
    }
    all
}

/// `[app.secrets]`.
pub(crate) fn secrets(reader: &mut Reader<'_>, section: &Section<'_, '_>) -> BTreeMap<SettingName, Secret> {
    use keys::app;
    let mut all = BTreeMap::new();
    for (name, span, value) in setting_names(reader, section, &app::SECRETS) {
        let path = format!("{}.{name}", section.path_of(app::SECRETS.name));
        let full = reader.full_name(&path);
        let DeValue::Table(table) = value.get_ref() else {
            // What stands here may be the secret itself, so nothing of it is repeated.
            let found = Diagnostic::error(code::WRONG_TYPE, format!("`{full}` holds a value"))
                .at(span, "expected where the secret comes from, never the secret itself")
                .help(format!("to have one made: `{name} = {{ generate = 32 }}`"))
                .help(format!("to name one that exists: `{name} = {{ secret = \"…\" }}`"));
            reader.report(found);
            continue;
        };
        let table = reader.open(&path, table, &app::SECRET_FIELDS);
        let generate = reader
            .whole::<u16>(&table, &app::GENERATE)
            .and_then(|n| Some(Written::new(GeneratedLength::new(*n.value()).ok()?, n.span())));
        let existing = reader.text(&table, &app::SECRET);
        match (generate, existing) {
            (Some(made), Some(named)) => {
                let found =
                    Diagnostic::error(code::CONTRADICTION, format!("`{full}` is both made and named"))
                        .at(named.span(), "this one exists already")
                        .with(made.span(), "and this one would be made")
                        .help("take one of them out");
                reader.report(found);
            }
            (Some(made), None) => {
                all.insert(name, Secret::Generate(made));
            }
            (None, Some(named)) => {
                all.insert(name, Secret::Existing(named));
            }
            (None, None) if table.names().next().is_none() => {
                let found = Diagnostic::error(code::MISSING_KEY, format!("`{full}` is empty"))
                    .at(value.span().into(), "expected `generate` or `secret`")
                    .help(example(&app::SECRETS));
                reader.report(found);
            }
            (None, None) => {}
        }
    }
    all
}

/// The settings that a table names. Names that Terrace sets itself get their own report.
fn setting_names<'t, 'i>(
    reader: &mut Reader<'_>,
    section: &Section<'t, 'i>,
    key: &crate::describe::Key,
) -> Vec<(SettingName, terrace_diag::Span, &'t Spanned<DeValue<'i>>)> {
    reader.named_or::<SettingName>(section, key, |name, span, full, error| match error {
        SettingNameError::Reserved(_) => Some(
            Diagnostic::error(code::RESERVED_NAME, format!("`{full}` is set by Terrace"))
                .at(span, "a name of Terrace's own")
                .help(format!("take it out; the app finds `{name}` in its environment")),
        ),
        SettingNameError::Form => None,
    })
}
