//! Roles and what they may do.

use crate::define::resource;
use crate::{Name, PolicyDocument, Ref, Text};

use super::Tags;

resource! {
    /// A role.
    Role(Managed "aws_iam_role") {
        name: Text,
        description: Text,
        assume_role_policy: PolicyDocument,
        tags: Tags,
    }

    /// A policy written into a role.
    RolePolicy(Managed "aws_iam_role_policy") {
        name: Text,
        role: Ref<Role, Name>,
        policy: PolicyDocument,
    }

    /// A policy that AWS or somebody else keeps, given to a role.
    RolePolicyAttachment(Managed "aws_iam_role_policy_attachment") {
        role: Ref<Role, Name>,
        policy_arn: Text,
    }

    /// What an instance carries to act as a role.
    InstanceProfile(Managed "aws_iam_instance_profile") {
        name: Text,
        role: Ref<Role, Name>,
        tags: Tags,
    }

    /// The account that the graph is applied to.
    CallerIdentity(Data "aws_caller_identity") {
    }
}
