//! IAM: roles, users, groups, and the policies on them.

use terrace_aws::{Text, Value};

use crate::build::Build;
use crate::datum::{Datum, Names, alternatives};
use crate::model::{Field, How, Model, TAGS, model};

const POLICY: &[Field] =
    &[Field("PolicyName", "name", How::Same), Field("PolicyDocument", "policy", How::Json)];

pub(super) const MODELS: &[Model] = &[
    model(
        "AWS::IAM::Role",
        "aws_iam_role",
        "name",
        &[
            TAGS,
            Field("RoleName", "name", How::Same),
            Field("AssumeRolePolicyDocument", "assume_role_policy", How::Json),
            Field("PermissionsBoundary", "permissions_boundary", How::Same),
        ],
    )
    .attributes(&[("RoleId", "unique_id")])
    .shape(|build| principal(build, &ROLE)),
    model("AWS::IAM::User", "aws_iam_user", "name", &[TAGS, Field("UserName", "name", How::Same)])
        .shape(|build| principal(build, &USER)),
    model("AWS::IAM::Group", "aws_iam_group", "name", &[Field("GroupName", "name", How::Same)])
        .shape(|build| principal(build, &GROUP)),
    model("AWS::IAM::Policy", "aws_iam_policy", "id", POLICY).shape(inline_policy),
    model("AWS::IAM::RolePolicy", "aws_iam_role_policy", "id", POLICY_OF_ROLE),
    model("AWS::IAM::UserPolicy", "aws_iam_user_policy", "id", POLICY_OF_USER),
    model("AWS::IAM::GroupPolicy", "aws_iam_group_policy", "id", POLICY_OF_GROUP),
    model(
        "AWS::IAM::ManagedPolicy",
        "aws_iam_policy",
        "arn",
        &[TAGS, Field("ManagedPolicyName", "name", How::Same), Field("PolicyDocument", "policy", How::Json)],
    )
    .attributes(&[("PolicyArn", "arn")])
    .shape(managed_policy),
    model(
        "AWS::IAM::InstanceProfile",
        "aws_iam_instance_profile",
        "name",
        &[Field("InstanceProfileName", "name", How::Same)],
    )
    .shape(profile),
    model(
        "AWS::IAM::UserToGroupAddition",
        "aws_iam_group_membership",
        "id",
        &[Field("GroupName", "group", How::Same), Field("Users", "users", How::List)],
    ),
    model("AWS::IAM::AccessKey", "aws_iam_access_key", "id", &[Field("UserName", "user", How::Same)])
        .attributes(&[("SecretAccessKey", "secret")]),
    model("AWS::IAM::OIDCProvider", "aws_iam_openid_connect_provider", "arn", &[TAGS]),
    model("AWS::IAM::SAMLProvider", "aws_iam_saml_provider", "arn", &[TAGS]),
    model("AWS::IAM::ServiceLinkedRole", "aws_iam_service_linked_role", "name", &[]),
];

const POLICY_OF_ROLE: &[Field] = &[
    Field("RoleName", "role", How::Same),
    Field("PolicyName", "name", How::Same),
    Field("PolicyDocument", "policy", How::Json),
];
const POLICY_OF_USER: &[Field] = &[
    Field("UserName", "user", How::Same),
    Field("PolicyName", "name", How::Same),
    Field("PolicyDocument", "policy", How::Json),
];
const POLICY_OF_GROUP: &[Field] = &[
    Field("GroupName", "group", How::Same),
    Field("PolicyName", "name", How::Same),
    Field("PolicyDocument", "policy", How::Json),
];

/// What carries policies: the argument that names it, and the types of a policy in it and of one attached to it.
struct Bearer {
    argument: &'static str,
    inline: &'static str,
    attachment: &'static str,
}

const ROLE: Bearer =
    Bearer { argument: "role", inline: "aws_iam_role_policy", attachment: "aws_iam_role_policy_attachment" };
const USER: Bearer =
    Bearer { argument: "user", inline: "aws_iam_user_policy", attachment: "aws_iam_user_policy_attachment" };
const GROUP: Bearer = Bearer {
    argument: "group",
    inline: "aws_iam_group_policy",
    attachment: "aws_iam_group_policy_attachment",
};

/// A role, user or group: its policies are items of their own.
fn principal(build: &mut Build<'_, '_>, bearer: &Bearer) {
    let policies = alternatives(build.take("Policies"));
    let managed = alternatives(build.take("ManagedPolicyArns"));
    let groups = build.take("Groups");
    let own = Value::Text(Text::from(build.own("name")));
    for (index, (names, policy)) in policies.into_iter().enumerate() {
        let name = format!("policies[{index}]");
        let arguments = vec![(bearer.argument, own.clone())];
        build.beside(bearer.inline, &name, policy, POLICY, arguments, &names);
    }
    for (index, (names, arn)) in managed.into_iter().enumerate() {
        attach(build, bearer, &format!("managed_policy_arns[{index}]"), own.clone(), arn, &names);
    }
    if let Some(groups) = groups {
        let map = groups.under("Groups");
        let fields = &[Field("Groups", "groups", How::List)];
        build.beside(
            "aws_iam_user_group_membership",
            "groups",
            map,
            fields,
            vec![("user", own)],
            &Names::new(),
        );
    }
    build.finish();
}

fn attach(build: &mut Build<'_, '_>, bearer: &Bearer, name: &str, of: Value, arn: Datum, names: &Names) {
    build.beside(bearer.attachment, name, arn.under("PolicyArn"), &[], vec![(bearer.argument, of)], names);
}

/// Whom a policy is put on, as the template lists them.
fn bearers(build: &mut Build<'_, '_>) -> Vec<(&'static Bearer, &'static str, usize, Names, Datum)> {
    let mut all = Vec::new();
    for (property, bearer, name) in
        [("Roles", &ROLE, "roles"), ("Users", &USER, "users"), ("Groups", &GROUP, "groups")]
    {
        for (index, (names, datum)) in alternatives(build.take(property)).into_iter().enumerate() {
            all.push((bearer, name, index, names, datum));
        }
    }
    all
}

/// A policy inside of each of its roles, users and groups.
fn inline_policy(build: &mut Build<'_, '_>) {
    for (bearer, list, index, names, datum) in bearers(build) {
        let of = Value::Text(datum.to_text());
        let name = format!("{list}[{index}]");
        let policy = build.properties.clone();
        build.beside(bearer.inline, &name, policy, POLICY, vec![(bearer.argument, of)], &names);
    }
}

fn managed_policy(build: &mut Build<'_, '_>) {
    for (bearer, list, index, names, datum) in bearers(build) {
        let arn = Datum::text(datum.line, build.own("arn"));
        attach(build, bearer, &format!("{list}[{index}]"), Value::Text(datum.to_text()), arn, &names);
    }
    build.finish();
}

/// A profile has one role.
fn profile(build: &mut Build<'_, '_>) {
    if let Some(role) = build.take("Roles").map(Datum::elements).unwrap_or_default().into_iter().next() {
        build.argument("role", role, How::Same);
    }
    build.finish();
}
