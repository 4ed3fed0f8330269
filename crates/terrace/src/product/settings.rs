//! What a service starts with beside its code: the manifest's settings, as a release records them.

use terrace_cloud::release::record::Settings;
use terrace_topology::Service;

/// The settings of a service: plain ones, and the names of secret ones.
pub(crate) fn settings(service: &Service) -> Settings {
    let plain = service.variables.iter();
    Settings {
        plain: plain.map(|(name, value)| (name.to_string(), value.as_str().to_owned())).collect(),
        secret: service.secrets.keys().map(ToString::to_string).collect(),
    }
}
