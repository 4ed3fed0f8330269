//! Where this machine keeps what a deployment works with: nothing of it is needed to deploy from another machine.

use std::path::PathBuf;

use terrace_cloud::foundation::{Place, System};

use crate::failure::Failure;

/// Where Terraform works for a system in a place. XDG Base Directory Specification.
pub(super) fn work(place: &Place, system: &System) -> Result<PathBuf, Failure> {
    let folder = base("XDG_STATE_HOME", ".local/state")?.join("terrace/terraform");
    let Place { account, region } = place;
    Ok(folder.join(format!("{account}-{region}-{}-{}", system.name(), system.environment())))
}

/// The environments of a system that this machine has worked on in a region, whosever account it was; nobody is asked.
pub(crate) fn known(region: &str, system: &str) -> Vec<String> {
    let folder = base("XDG_STATE_HOME", ".local/state").map(|base| base.join("terrace/terraform"));
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
    Ok(base("XDG_CACHE_HOME", ".cache")?.join("terrace/providers"))
}

fn base(variable: &str, below_home: &str) -> Result<PathBuf, Failure> {
    let set = std::env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || Some(std::env::home_dir().filter(|home| home.is_absolute())?.join(below_home));
    set.or_else(home).ok_or_else(|| {
        Failure::new("nobody says where this user's files lie")
            .help(format!("set HOME, or {variable}, to a folder that is yours"))
    })
}
