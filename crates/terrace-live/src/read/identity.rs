//! IAM: users, groups, roles, policies, instance profiles, all from one call. IAM API Reference, 2010-05-08.

use std::collections::BTreeSet;

use percent_encoding::percent_decode_str;

use super::Items;
use super::fields::{Fields, tags};
use crate::asking::Account;
use terrace_account::Xml;
use terrace_account::service::IAM;

const VERSION: &str = "2010-05-08";
const TOKEN: (&str, &str) = ("Marker", "Marker");

pub(super) async fn read(account: &Account) -> Items {
    let pages = account.pages(IAM, VERSION, "GetAccountAuthorizationDetails", &[], TOKEN).await;
    let found = |list: &str| -> Vec<&Xml> {
        pages.iter().filter_map(|page| page.find(list)).flat_map(|list| list.children().iter()).collect()
    };
    let (mut items, mut attached) = (Items::new(), BTreeSet::new());
    let mut profiles = BTreeSet::new();
    for one in found("RoleDetailList") {
        let name = one.word("RoleName").unwrap_or_default();
        items.push(
            principal(one, "RoleName")
                .policy("assume_role_policy", policy(one, "AssumeRolePolicyDocument").as_deref())
                .item("aws_iam_role", name),
        );
        papers(one, ("RolePolicyList", "aws_iam_role", "role"), name, &mut items, &mut attached);
        for profile in one.list("InstanceProfileList") {
            let own = profile.word("InstanceProfileName").unwrap_or_default().to_owned();
            if profiles.insert(own.clone()) {
                let fields = Fields::new()
                    .words(profile, &[("arn", "Arn"), ("name", "InstanceProfileName"), ("path", "Path")])
                    .named("role", "aws_iam_role", Some(name), "name");
                items.push(fields.item("aws_iam_instance_profile", own));
            }
        }
    }
    for one in found("UserDetailList") {
        let name = one.word("UserName").unwrap_or_default();
        items.push(principal(one, "UserName").item("aws_iam_user", name));
        papers(one, ("UserPolicyList", "aws_iam_user", "user"), name, &mut items, &mut attached);
        let groups: Vec<_> = one.words("GroupList");
        if !groups.is_empty() {
            let groups = groups.iter().map(|group| super::fields::named("aws_iam_group", group, "name"));
            let fields = Fields::new()
                .named("user", "aws_iam_user", Some(name), "name")
                .set("groups", terrace_aws::Value::List(groups.collect()));
            items.push(fields.item("aws_iam_user_group_membership", name));
        }
    }
    for one in found("GroupDetailList") {
        let name = one.word("GroupName").unwrap_or_default();
        items.push(principal(one, "GroupName").item("aws_iam_group", name));
        papers(one, ("GroupPolicyList", "aws_iam_group", "group"), name, &mut items, &mut attached);
    }
    for one in found("Policies") {
        let arn = one.word("Arn").unwrap_or_default();
        // Of AWS's own thousand those that somebody has.
        if arn.contains(":iam::aws:") && !attached.contains(arn) {
            continue;
        }
        let version = one.list("PolicyVersionList").find(|version| version.is("IsDefaultVersion"));
        let document = version.and_then(|version| policy(version, "Document"));
        let fields = Fields::new()
            .words(one, &[("arn", "Arn"), ("name", "PolicyName"), ("path", "Path")])
            .policy("policy", document.as_deref());
        let name = if arn.contains(":iam::aws:") { arn } else { one.word("PolicyName").unwrap_or(arn) };
        items.push(fields.item("aws_iam_policy", name));
    }
    items
}

/// IAM encodes its documents as parts of an address.
fn policy(one: &Xml, name: &str) -> Option<String> {
    let text = one.word(name)?;
    Some(percent_decode_str(text).decode_utf8_lossy().into_owned())
}

fn principal(one: &Xml, name: &str) -> Fields {
    let boundary =
        one.get("PermissionsBoundary").and_then(|boundary| boundary.word("PermissionsBoundaryArn"));
    Fields::new()
        .words(one, &[("arn", "Arn"), ("name", name), ("path", "Path"), ("unique_id", "RoleId")])
        .text("permissions_boundary", boundary)
        .tags(tags(one, "Tags"))
}

/// Inline policies, and those that are attached.
fn papers(
    one: &Xml,
    (list, kind, argument): (&str, &str, &str),
    name: &str,
    items: &mut Items,
    attached: &mut BTreeSet<String>,
) {
    for paper in one.list(list) {
        let own = paper.word("PolicyName").unwrap_or_default();
        let fields = Fields::new()
            .named(argument, kind, Some(name), "name")
            .words(paper, &[("name", "PolicyName")])
            .policy("policy", policy(paper, "PolicyDocument").as_deref());
        items.push(fields.item(&format!("{kind}_policy"), format!("{name}:{own}")));
    }
    for paper in one.list("AttachedManagedPolicies") {
        let arn = paper.word("PolicyArn").unwrap_or_default();
        attached.insert(arn.to_owned());
        let fields = Fields::new().named(argument, kind, Some(name), "name").text("policy_arn", Some(arn));
        items.push(fields.item(&format!("{kind}_policy_attachment"), format!("{name}/{arn}")));
    }
}
