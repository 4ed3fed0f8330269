//! Images and snapshots that everyone may copy.

use terrace_aws::inventory::{Inventory, Item, Told};

use super::answer::Answer;
use crate::{Finding, Findings, Rule, RuleName, Severity, Subject};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: RuleName::new("shared-images"),
    property: "no image or snapshot is shared with everyone",
    severity: Severity::High,
    what: "Looks at permissions of machine images, at snapshots of databases, at what Image Builder gives away, at documents of \
           Systems Manager and at layers. Finds those that every account of AWS may use.",
    why: "Everything that was on the disk or in the database is copied by whoever looks through the public lists, and there \
          are people who do nothing else.",
    example: r#"resource "aws_ami_launch_permission" "all" {
  image_id = "ami-0abc"
  group    = "all"
}"#,
    fix: r#"resource "aws_ami_launch_permission" "partner" {
  image_id   = "ami-0abc"
  account_id = "111122223333"
}"#,
    sources: &[
        "Amazon EC2 User Guide, \"Understand shared AMI usage in Amazon EC2\"",
        "Amazon RDS User Guide, \"Sharing a DB snapshot for Amazon RDS\"",
    ],
    check,
};

/// Resources and the argument that names with whom they are shared; `all`, in any case, is everyone.
const SHARES: [(&str, &str); 5] = [
    ("aws_ami_launch_permission", "group"),
    ("aws_db_snapshot", "shared_accounts"),
    ("aws_db_cluster_snapshot", "shared_accounts"),
    ("aws_db_snapshot_copy", "shared_accounts"),
    ("aws_lambda_layer_version_permission", "principal"),
];

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let inventory = subject.inventory;
    for (of, argument) in SHARES {
        for item in inventory.all(of) {
            findings.examine();
            if item.view().get("organization_id").is_some() {
                continue;
            }
            let answer = match item.view().texts(argument) {
                Told::Is(texts) => {
                    Answer::when(!texts.iter().any(|text| text.literal().is_some_and(is_everyone)))
                }
                Told::Nothing => Answer::Good,
                Told::Unknown(of) => Answer::open(crate::named(&of)),
            };
            answer.say(findings, || finding(item, argument));
        }
    }
    built(inventory, findings);
    for item in inventory.all("aws_ssm_document") {
        findings.examine();
        let Told::Is(permissions) = item.view().block("permissions") else { continue };
        Answer::of(permissions.literal("account_ids"), Answer::Good, |who| !is_everyone(&who))
            .say(findings, || finding(item, "permissions.account_ids"));
    }
}

fn is_everyone(who: &str) -> bool {
    who == "*" || who.eq_ignore_ascii_case("all")
}

fn finding(item: &Item, path: &str) -> Finding {
    let message = format!("every account of AWS may use what `{}` shares", item.id());
    let fix = format!("name in `{}` the accounts that need it", item.id());
    Finding::about(item, path, message, fix).weighing(RULE.severity)
}

fn built(inventory: &Inventory, findings: &mut Findings) {
    for item in inventory.all("aws_imagebuilder_distribution_configuration") {
        findings.examine();
        for (at, one) in
            item.view().blocks("distribution").known().unwrap_or_default().into_iter().enumerate()
        {
            let Told::Is(image) = one.block("ami_distribution_configuration") else { continue };
            let Told::Is(permission) = image.block("launch_permission") else { continue };
            let Told::Is(groups) = permission.texts("user_groups") else { continue };
            if groups.iter().any(|group| group.literal().is_some_and(is_everyone)) {
                let path = format!(
                    "distribution[{at}].ami_distribution_configuration.launch_permission.user_groups"
                );
                findings.push(finding(item, &path));
            }
        }
    }
}
