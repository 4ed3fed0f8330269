//! What can be typed about how a product is built.

use std::path::PathBuf;

/// Where the things lie that a release needs and the project does not have.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct BuildFlags {
    /// The folder with the static terrace-boot and terrace-edge of the system's processor [default: TERRACE_PARTS, else lib/terrace beside this program's folder]
    #[arg(long, value_name = "FOLDER", value_hint = clap::ValueHint::DirPath)]
    parts: Option<PathBuf>,
    /// AWS's authorities by which a database is known, in PEM [default: TERRACE_RDS_CA, else rds-ca.pem in the folder of parts, else AWS's list is fetched once]
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    rds_ca: Option<PathBuf>,
    /// What builds a Dockerfile: docker, podman or buildah, by name or by path [default: TERRACE_BUILDER, else the first that works]
    #[arg(long, value_name = "PROGRAM")]
    builder: Option<String>,
}

impl BuildFlags {
    /// The folder of parts, if it was said.
    pub(super) fn parts(&self) -> Option<PathBuf> {
        self.parts.clone().or_else(|| said("TERRACE_PARTS"))
    }

    /// The file of authorities, if it was said.
    pub(super) fn rds_ca(&self) -> Option<PathBuf> {
        self.rds_ca.clone().or_else(|| said("TERRACE_RDS_CA"))
    }

    /// What builds Dockerfiles, if it was said.
    pub(super) fn builder(&self) -> Option<String> {
        self.builder.clone().or_else(|| said("TERRACE_BUILDER")?.into_os_string().into_string().ok())
    }

    /// With these, as a test says them.
    #[cfg(test)]
    pub(super) fn of(parts: Option<PathBuf>, rds_ca: Option<PathBuf>, builder: Option<&str>) -> Self {
        Self { parts, rds_ca, builder: builder.map(str::to_owned) }
    }
}

fn said(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}
