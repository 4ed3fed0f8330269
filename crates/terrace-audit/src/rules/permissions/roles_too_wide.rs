//! Roles that may do more than anything needs.

use terrace_aws::inventory::{Inventory, Item, Told, UnknownName};
use terrace_aws::{Field as _, PolicyDocument, PrincipalKind, Scope, Statement, Text};

use super::width::{self, Held};
use crate::rules::answer::Answer;
use crate::rules::linked;
use crate::{Finding, Findings, Rule, RuleName, Severity, Subject};

/// The rule.
pub(in crate::rules) const RULE: Rule = Rule {
    name: RuleName::new("roles-too-wide"),
    property: "roles may do what they need and no more",
    severity: Severity::High,
    what: "Looks at the policies of roles, users and groups, and at AWS's own policies that roles carry. Finds every action \
           (`*`), all but some (`NotAction`, `NotResource`), every action of a service, and actions that read or change data, \
           keys or secrets on every resource where AWS knows single ones. Listing and describing everything is no finding, and \
           neither is a statement that a condition holds to some resources.",
    why: "Whoever takes over the application, by whatever hole, may do all that its role may: with `*`, everything in the account.",
    example: r#"resource "aws_iam_role_policy" "app" {
  role = aws_iam_role.app.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }]
  })
}

resource "aws_iam_role" "app" {
  name = "app"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}"#,
    fix: r#"resource "aws_iam_role_policy" "app" {
  role = aws_iam_role.app.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject"], Resource = "arn:aws:s3:::uploads/*" }]
  })
}

resource "aws_iam_role" "app" {
  name = "app"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}"#,
    sources: &[
        "IAM User Guide, \"Security best practices in IAM\"",
        "Service Authorization Reference, \"Actions, resources, and condition keys for AWS services\"",
    ],
    check,
};

/// Actions on data, keys and secrets that know single resources (lower case).
const TOUCHING: [&str; 38] = [
    "secretsmanager:getsecretvalue",
    "secretsmanager:putsecretvalue",
    "secretsmanager:deletesecret",
    "ssm:getparameter",
    "ssm:getparameters",
    "ssm:getparametersbypath",
    "ssm:putparameter",
    "ssm:sendcommand",
    "ssm:startsession",
    "kms:decrypt",
    "kms:schedulekeydeletion",
    "kms:putkeypolicy",
    "s3:getobject",
    "s3:putobject",
    "s3:deleteobject",
    "s3:putbucketpolicy",
    "s3:deletebucket",
    "dynamodb:getitem",
    "dynamodb:query",
    "dynamodb:scan",
    "dynamodb:putitem",
    "dynamodb:updateitem",
    "dynamodb:deleteitem",
    "dynamodb:deletetable",
    "sqs:receivemessage",
    "sqs:sendmessage",
    "sns:publish",
    "lambda:invokefunction",
    "lambda:updatefunctioncode",
    "ecs:executecommand",
    "rds:deletedbinstance",
    "rds:deletedbcluster",
    "rds:modifydbinstance",
    "rds-db:connect",
    "ec2:terminateinstances",
    "sts:assumerole",
    "es:eshttpget",
    "kinesis:getrecords",
];

/// Services of which every action on everything is as good as the account.
const POWERFUL: [&str; 12] = [
    "iam",
    "sts",
    "kms",
    "secretsmanager",
    "ssm",
    "s3",
    "ec2",
    "lambda",
    "rds",
    "dynamodb",
    "organizations",
    "cloudformation",
];

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    for held in width::held(subject) {
        findings.examine();
        if let Some(on) = held.untold() {
            let message = format!("`{}` allows more than is needed", held.item.id());
            Answer::open(on).say(findings, || {
                held.finding(message, "write the policy so that it is told").weighing(Severity::Low)
            });
        }
        for (called, statement) in held.allowing() {
            look(held, &called, statement, findings);
        }
    }
    managed(subject.inventory, findings);
}

fn look(held: Held<'_>, called: &str, statement: &Statement, findings: &mut Findings) {
    let narrow = width::narrow(statement);
    let everywhere = !narrow.is_good();
    let begin = format!("{called} of `{}` allows", held.item.id());
    let services = services(statement);
    let touching = width::covering(statement, &TOUCHING);
    let (message, fix, weight, answer) = if width::is_everything(statement) {
        let weight = if everywhere { RULE.severity } else { Severity::Medium };
        let on = if everywhere { "everything" } else { "some resources" };
        (format!("{begin} every action on {on}"), "name the actions that are needed", weight, Answer::Bad)
    } else if let Scope::AllBut(but) = &statement.actions {
        let but = but.join(", ");
        (
            format!("{begin} every action but {but}"),
            "replace `NotAction` by the actions that are needed",
            RULE.severity,
            Answer::Bad,
        )
    } else if matches!(statement.resources, Some(Scope::AllBut(_))) {
        let fix = "replace `NotResource` by the resources that are needed";
        (format!("{begin} its actions on all resources but some"), fix, Severity::Medium, Answer::Bad)
    } else if everywhere && !services.is_empty() {
        let powerful = services.iter().any(|service| POWERFUL.contains(&service.as_str()));
        let weight = if powerful { RULE.severity } else { Severity::Medium };
        let message = format!("{begin} every action of {} on everything", services.join(", "));
        (message, "name the actions and the resources that are needed", weight, narrow)
    } else if everywhere && !touching.is_empty() {
        let some: Vec<&str> = touching.iter().copied().take(3).collect();
        let more = if touching.len() > some.len() { ", …" } else { "" };
        let message = format!("{begin} {}{more} on everything", some.join(", "));
        (message, "name the resources that are needed", Severity::Medium, narrow)
    } else if !services.is_empty() {
        let message = format!("{begin} every action of {}", services.join(", "));
        (message, "name the actions that are needed", Severity::Low, Answer::Bad)
    } else {
        return;
    };
    answer.say(findings, || held.finding(message, fix).weighing(weight));
}

/// Services of which a statement allows every action; those that know no single resources, and only carry the messages
/// of an agent or of a trace, are left out.
fn services(statement: &Statement) -> Vec<String> {
    const OF_AGENTS: [&str; 3] = ["ssmmessages:*", "ec2messages:*", "xray:*"];
    let Scope::Only(all) = &statement.actions else { return Vec::new() };
    let all = all.iter().filter(|one| !OF_AGENTS.contains(&one.to_ascii_lowercase().as_str()));
    all.filter_map(|one| one.strip_suffix(":*")).map(str::to_ascii_lowercase).collect()
}

/// Where AWS's own policies are given to somebody: the type, the argument with the policy, and with the role.
const ATTACHMENTS: [(&str, &str, &str); 4] = [
    ("aws_iam_role_policy_attachment", "policy_arn", "role"),
    ("aws_iam_user_policy_attachment", "policy_arn", "user"),
    ("aws_iam_policy_attachment", "policy_arn", "roles"),
    ("aws_iam_role_policy_attachments_exclusive", "policy_arns", "role_name"),
];

fn managed(inventory: &Inventory, findings: &mut Findings) {
    for (of, argument, role) in ATTACHMENTS {
        for item in inventory.all(of) {
            let runs = linked::all_named(inventory, &["aws_iam_role"], item.view(), role);
            given(inventory, item, argument, runs.iter().any(|role| is_for_service(role)), findings);
        }
    }
    for item in inventory.all("aws_iam_role") {
        given(inventory, item, "managed_policy_arns", is_for_service(item), findings);
    }
}

fn given(inventory: &Inventory, item: &Item, argument: &str, for_service: bool, findings: &mut Findings) {
    let Told::Is(arns) = item.view().texts(argument) else { return };
    for arn in arns {
        findings.examine();
        let Some(name) = name_of(inventory, &arn) else {
            elsewhere(inventory, item, argument, &arn, findings);
            continue;
        };
        let (does, mut weight) = match name.as_str() {
            "AdministratorAccess" => ("do everything", Severity::High),
            "PowerUserAccess" => ("do everything but manage users", Severity::High),
            "IAMFullAccess" => ("give itself every permission", Severity::High),
            name if name.ends_with("FullAccess") || name.ends_with("FullAccess_v2") => {
                ("do everything with a service, on every resource", Severity::Medium)
            }
            _ => continue,
        };
        // What a person or a pipeline assumes may have to do much.
        if !for_service {
            weight = weight.min(Severity::Medium);
        }
        let message = format!("`{}` gives AWS's policy `{name}`, and whoever has it may {does}", item.id());
        let fix = format!(
            "replace `{name}` in `{}` by a policy with the actions and resources that are needed",
            item.id()
        );
        findings.push(Finding::about(item, argument, message, fix).weighing(weight));
    }
}

/// A policy that is not in the design may allow anything.
fn elsewhere(inventory: &Inventory, item: &Item, argument: &str, arn: &Text, findings: &mut Findings) {
    if arn.references().any(|reference| inventory.target(reference).is_some()) {
        return;
    }
    let known = arn.literal().map(|literal| UnknownName::new(format!("what {literal} allows")));
    let on: Vec<UnknownName> = known.into_iter().chain(crate::named(arn.references())).collect();
    Answer::open(on).say(findings, || {
        let message = format!("`{}` gives more than is needed", item.id());
        Finding::about(item, argument, message, "keep the policy in the design, where it is read")
            .weighing(Severity::Low)
    });
}

/// The name of a policy of AWS's own.
fn name_of(inventory: &Inventory, arn: &Text) -> Option<String> {
    let told = match arn.literal() {
        Some(literal) => literal.to_owned(),
        // `arn:${data.aws_partition.current.partition}:iam::aws:policy/…`
        None => match arn.reference().and_then(|reference| inventory.target(reference)) {
            Some(lookup) => {
                let of = |name| lookup.view().literal(name).known();
                of("arn").or_else(|| of("name").map(|name| format!(":aws:policy/{name}")))?
            }
            None => arn.to_string(),
        },
    };
    let (_, path) = told.split_once(":aws:policy/")?;
    Some(path.rsplit('/').next().unwrap_or(path).to_owned())
}

/// Whether a service runs with the role.
fn is_for_service(role: &Item) -> bool {
    let Ok(PolicyDocument::Statements(all)) = PolicyDocument::read(role.view().get("assume_role_policy"))
    else {
        return true;
    };
    all.iter().any(
        |one| matches!(&one.principals, Some(Scope::Only(all)) if all.contains_key(&PrincipalKind::Service)),
    )
}
