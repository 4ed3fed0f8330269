//! Roles and their policies, as texts that make them.
//!
//! GUARANTEE: what the texts make is what the JSON says; run again, they bring up to date what is there.

use std::fmt::Write as _;

use serde_json::{Value, json};
use terrace_aws::PolicyDocument;
use terrace_aws::deployer::{ISSUER, Policy, Repository, compact, pretty};
use terrace_topology::{AccountId, Topology};

/// A role with all that it is allowed.
#[derive(Clone, Debug)]
pub(crate) struct Role {
    /// Its name in AWS.
    pub(crate) name: String,
    /// What it is called in Terraform's text.
    pub(crate) label: &'static str,
    /// Who may become it.
    pub(crate) trust: PolicyDocument,
    /// What it may do.
    pub(crate) policies: Vec<Policy>,
}

impl Role {
    /// As JSON.
    pub(crate) fn json(&self) -> Value {
        let read = |document: &PolicyDocument| -> Value {
            serde_json::from_str(&compact(&document.json())).unwrap_or_default()
        };
        let policies: Vec<Value> = self
            .policies
            .iter()
            .map(|policy| json!({ "name": policy.name, "document": read(&policy.document) }))
            .collect();
        json!({ "name": self.name, "trust": read(&self.trust), "policies": policies })
    }
}

/// A file for Terraform.
pub(crate) fn terraform(topology: &Topology, roles: &[Role], github: Option<&Repository>) -> String {
    let mut text = format!(
        "# The roles that {} deployed with, by `terrace policy`. Apply it with an administrator's rights,\n\
         # and again when parts were added to the manifest.\n\n\
         terraform {{\n  required_providers {{\n    aws = {{\n      source = \"hashicorp/aws\"\n    }}\n  }}\n}}\n\n\
         provider \"aws\" {{\n  region = \"{}\"\n}}\n",
        match &topology.environment {
            Some(environment) => format!("{} in {environment} is", topology.name),
            None => format!("{} is", topology.name),
        },
        topology.region
    );
    if github.is_some() {
        let _ = write!(
            text,
            "\nvariable \"provider_exists\" {{\n  description = \"Whether the account knows GitHub already: it can be told once.\"\n  \
             type        = bool\n  default     = false\n}}\n\n\
             resource \"aws_iam_openid_connect_provider\" \"github\" {{\n  count = var.provider_exists ? 0 : 1\n\n  \
             url            = \"https://{ISSUER}\"\n  client_id_list = [\"sts.amazonaws.com\"]\n}}\n"
        );
    }
    for role in roles {
        let (label, name) = (role.label, &role.name);
        let _ = write!(
            text,
            "\nresource \"aws_iam_role\" \"{label}\" {{\n  name               = \"{name}\"\n  assume_role_policy = {}\n}}\n",
            document(&role.trust)
        );
        for (at, policy) in role.policies.iter().enumerate() {
            let number = at + 1;
            let _ = write!(
                text,
                "\nresource \"aws_iam_policy\" \"{label}_{number}\" {{\n  name   = \"{}\"\n  policy = {}\n}}\n\n\
                 resource \"aws_iam_role_policy_attachment\" \"{label}_{number}\" {{\n  \
                 role       = aws_iam_role.{label}.name\n  policy_arn = aws_iam_policy.{label}_{number}.arn\n}}\n",
                policy.name,
                document(&policy.document)
            );
        }
    }
    for role in roles {
        let label = role.label;
        let _ = write!(text, "\noutput \"{label}_role\" {{\n  value = aws_iam_role.{label}.arn\n}}\n");
    }
    text
}

/// A policy as a text of many lines. IAM's own variables are not Terraform's.
fn document(document: &PolicyDocument) -> String {
    let text = pretty(&document.json()).replace("${", "$${").replace("%{", "%%{");
    let indented: String = text.lines().map(|line| format!("    {line}\n")).collect();
    format!("<<-JSON\n{indented}  JSON")
}

/// A script for `sh`.
pub(crate) fn shell(
    roles: &[Role],
    partition: &str,
    account: &AccountId,
    github: Option<&Repository>,
) -> String {
    let mut text = format!(
        "#!/bin/sh\n\
         # Makes the roles of `terrace policy`, or brings them up to date. Run it with an administrator's rights.\n\
         set -eu\n\n\
         account={account}\n\
         found=$(aws sts get-caller-identity --query Account --output text)\n\
         [ \"$found\" = \"$account\" ] || {{ echo \"these credentials are of account $found, not $account\" >&2; exit 1; }}\n"
    );
    if github.is_some() {
        let _ = write!(
            text,
            "\nprovider=arn:{partition}:iam::$account:oidc-provider/{ISSUER}\n\
             aws iam get-open-id-connect-provider --open-id-connect-provider-arn \"$provider\" >/dev/null 2>&1 ||\n  \
             aws iam create-open-id-connect-provider --url https://{ISSUER} --client-id-list sts.amazonaws.com >/dev/null\n"
        );
    }
    let _ = write!(
        text,
        r#"
role() {{ # NAME, its trust on standard input
  trust=$(cat)
  if aws iam get-role --role-name "$1" >/dev/null 2>&1; then
    aws iam update-assume-role-policy --role-name "$1" --policy-document "$trust"
  else
    aws iam create-role --role-name "$1" --assume-role-policy-document "$trust" >/dev/null
  fi
}}

policy() {{ # ROLE NAME, the policy on standard input
  text=$(cat)
  arn=arn:{partition}:iam::$account:policy/$2
  if aws iam get-policy --policy-arn "$arn" >/dev/null 2>&1; then
    # A policy has five versions at most: all but the one in force go.
    for version in $(aws iam list-policy-versions --policy-arn "$arn" \
      --query 'Versions[?!IsDefaultVersion].VersionId' --output text); do
      aws iam delete-policy-version --policy-arn "$arn" --version-id "$version"
    done
    aws iam create-policy-version --policy-arn "$arn" --policy-document "$text" --set-as-default >/dev/null
  else
    aws iam create-policy --policy-name "$2" --policy-document "$text" >/dev/null
  fi
  aws iam attach-role-policy --role-name "$1" --policy-arn "$arn"
}}
"#
    );
    for role in roles {
        let _ = write!(text, "\nrole {} <<'JSON'\n{}\nJSON\n", role.name, compact(&role.trust.json()));
        for policy in &role.policies {
            let document = compact(&policy.document.json());
            let _ = write!(text, "\npolicy {} {} <<'JSON'\n{document}\nJSON\n", role.name, policy.name);
        }
        let _ = writeln!(text, "echo \"arn:{partition}:iam::$account:role/{}\"", role.name);
    }
    text
}
