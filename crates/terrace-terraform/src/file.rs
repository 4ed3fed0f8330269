//! The files of a Terraform folder, and which of them a resource belongs in.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use terrace_aws::{Concern, Kind};

/// The name of a `.tf` file, without a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileName(String);

/// The files of one folder, by name.
pub type Files = BTreeMap<FileName, String>;

/// Why a text is no name of a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a name such as `network.tf` was expected: no folders, letters, digits, `.`, `_` and `-`")]
pub struct FileNameError;

impl FileName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `network.tf` and so on.
    pub(crate) fn of(stem: &str) -> Self {
        Self(format!("{stem}.tf"))
    }
}

impl FromStr for FileName {
    type Err = FileNameError;

    fn from_str(text: &str) -> Result<Self, FileNameError> {
        let clean = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        let named = text.strip_suffix(".tf").is_some_and(|stem| !stem.is_empty() && !stem.starts_with('.'));
        if named && text.len() <= 255 && text.bytes().all(clean) {
            Ok(Self(text.to_owned()))
        } else {
            Err(FileNameError)
        }
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Beginnings of the provider's names and where such things belong; the first that fits counts.
const USUAL: &[(&str, Concern)] = &[
    ("aws_vpc", Concern::Network),
    ("aws_subnet", Concern::Network),
    ("aws_route53", Concern::Edge),
    ("aws_route", Concern::Network),
    ("aws_internet_gateway", Concern::Network),
    ("aws_nat_gateway", Concern::Network),
    ("aws_eip", Concern::Network),
    ("aws_security_group", Concern::Network),
    ("aws_default_security_group", Concern::Network),
    ("aws_network", Concern::Network),
    ("aws_default_network", Concern::Network),
    ("aws_ec2_managed_prefix_list", Concern::Network),
    ("aws_availability_zones", Concern::Network),
    ("aws_flow_log", Concern::Observability),
    ("aws_cloudwatch", Concern::Observability),
    ("aws_sns", Concern::Observability),
    ("aws_budgets", Concern::Observability),
    ("aws_lb", Concern::Edge),
    ("aws_cloudfront", Concern::Edge),
    ("aws_acm", Concern::Edge),
    ("aws_wafv2", Concern::Edge),
    ("aws_s3", Concern::Web),
    ("aws_db", Concern::Data),
    ("aws_rds", Concern::Data),
    ("aws_kms", Concern::Secrets),
    ("aws_secretsmanager", Concern::Secrets),
    ("aws_ssm_parameter", Concern::Secrets),
];

/// Where a resource belongs that has no note.
pub(crate) fn usual_concern(kind: Kind) -> Concern {
    concern(kind.type_name()).unwrap_or(Concern::App)
}

/// Where resources of a type belong, whoever writes them; none where the type does not say.
pub fn concern(type_name: &str) -> Option<Concern> {
    USUAL.iter().find(|(begin, _)| type_name.starts_with(begin)).map(|(_, concern)| *concern)
}
