//! What a session is started on.

use std::fmt;
use std::str::FromStr;

/// A target of Session Manager: a container of a running task, an instance, or a managed machine.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target(String);

/// Why a text is no target.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no target: `ecs:<cluster>_<task id>_<runtime id>` (all three from `aws ecs describe-tasks`; the last is the container's runtimeId, not the service's name), `i-…` or `mi-…` was expected"
)]
pub struct TargetError(String);

impl Target {
    /// As AWS takes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Cluster, task and runtime id of a container.
    pub fn container(&self) -> Option<(&str, &str, &str)> {
        // A cluster's name may have `_`; the two ids never do.
        let mut parts = self.0.strip_prefix("ecs:")?.rsplitn(3, '_');
        let (runtime, task, cluster) = (parts.next()?, parts.next()?, parts.next()?);
        Some((cluster, task, runtime))
    }

    /// Its ARN as a policy names it, with `*` for the account.
    pub fn arn(&self, region: &str) -> String {
        let partition = terrace_account::service::partition(region);
        match self.container() {
            Some((cluster, task, _)) => format!("arn:{partition}:ecs:{region}:*:task/{cluster}/{task}"),
            None if self.0.starts_with("mi-") => {
                format!("arn:{partition}:ssm:{region}:*:managed-instance/{}", self.0)
            }
            None => format!("arn:{partition}:ec2:{region}:*:instance/{}", self.0),
        }
    }
}

/// Hexadecimal digits, as ids have them.
fn is_hex(text: &str, counts: &[usize]) -> bool {
    counts.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        let target = Self(text.to_owned());
        let good = match (text.strip_prefix("i-"), text.strip_prefix("mi-")) {
            (Some(id), _) => is_hex(id, &[8, 17]),
            (_, Some(id)) => is_hex(id, &[17]),
            _ => target.container().is_some_and(|(cluster, task, runtime)| {
                let name = |text: &str| {
                    !text.is_empty()
                        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
                };
                // Task ids have been UUIDs once; runtime ids are `<task>-<digits>` or the container's id of Docker.
                let hex =
                    |text: &str| text.len() >= 12 && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
                name(cluster) && cluster.len() <= 255 && hex(task) && hex(runtime)
            }),
        };
        if good { Ok(target) } else { Err(TargetError(text.chars().take(300).collect())) }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_read_from_the_right_and_services_are_none() {
        let task = "0f2a61c5c1f9430c8f2b6ac1f0d2e7aa";
        let cases = [
            format!("ecs:items-prod_{task}_{task}-3811061257"),
            format!("ecs:my_cluster_{task}_{task}-3811061257"),
            "ecs:items-prod_app_0f2a61c5c1f9430c8f2b6ac1f0d2e7aa".to_owned(),
            format!("ecs:items-prod_{task}"),
            "i-0a1b2c3d4e5f60718".to_owned(),
            "i-0a1b2c3d".to_owned(),
            "i-xyz".to_owned(),
            "mi-0a1b2c3d4e5f60718".to_owned(),
            String::new(),
        ];
        let told: Vec<String> = cases
            .iter()
            .map(|text| match text.parse::<Target>() {
                Ok(target) => format!("{:?} {}", target.container(), target.arn("us-east-1")),
                Err(_) => "no target".to_owned(),
            })
            .collect();
        insta::assert_snapshot!(told.join("\n"), @r#"
        Some(("items-prod", "0f2a61c5c1f9430c8f2b6ac1f0d2e7aa", "0f2a61c5c1f9430c8f2b6ac1f0d2e7aa-3811061257")) arn:aws:ecs:us-east-1:*:task/items-prod/0f2a61c5c1f9430c8f2b6ac1f0d2e7aa
        Some(("my_cluster", "0f2a61c5c1f9430c8f2b6ac1f0d2e7aa", "0f2a61c5c1f9430c8f2b6ac1f0d2e7aa-3811061257")) arn:aws:ecs:us-east-1:*:task/my_cluster/0f2a61c5c1f9430c8f2b6ac1f0d2e7aa
        no target
        no target
        None arn:aws:ec2:us-east-1:*:instance/i-0a1b2c3d4e5f60718
        None arn:aws:ec2:us-east-1:*:instance/i-0a1b2c3d
        no target
        None arn:aws:ssm:us-east-1:*:managed-instance/mi-0a1b2c3d4e5f60718
        no target
        "#);
    }
}
