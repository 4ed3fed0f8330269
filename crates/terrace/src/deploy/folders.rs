//! Where this machine keeps what a deployment works with: nothing of it is needed to deploy from another machine.

use std::path::PathBuf;

use terrace_cloud::foundation::{Place, System};

use crate::failure::Failure;
use crate::xdg;

/// Where Terraform works for a system in a place.
pub(super) fn work(place: &Place, system: &System) -> Result<PathBuf, Failure> {
    let folder = xdg::state()?.join("terraform");
    let Place { account, region } = place;
    Ok(folder.join(format!("{account}-{region}-{}-{}", system.name(), system.environment())))
}

/// The environments of a system that this machine has worked on in a region, whosever account it was; nobody is asked.
pub(crate) fn known(region: &str, system: &str) -> Vec<String> {
    let folder = xdg::state().map(|own| own.join("terraform"));
    let Some(entries) = folder.ok().and_then(|folder| std::fs::read_dir(folder).ok()) else {
        return Vec::new();
    };
    let middle = format!("-{region}-{system}-");
    let environment = |name: String| {
        let (account, environment) = name.split_once(&middle)?;
        account.bytes().all(|byte| byte.is_ascii_digit()).then(|| environment.to_owned())
    };
    let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let mut all: Vec<String> = names.filter_map(environment).collect();
    all.sort();
    all.dedup();
    all
}

/// Where providers are kept for all systems.
pub(super) fn providers() -> Result<PathBuf, Failure> {
    Ok(xdg::cache()?.join("providers"))
}
