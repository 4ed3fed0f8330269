//! What one environment's role may do, the other's may not: decided by the engine, request by request.

use std::collections::BTreeSet;

use terrace_aws::deployer::{Policy, Purpose, policies};
use terrace_aws::{Foundation, PolicyDocument, PrincipalKind, Statement, Text};
use terrace_proof::access::{Caller, Context, Policies, Policy as Paper, Request, Resource, Verdict, decide};
use terrace_topology::Topology;

use crate::{account, actions, designed, resources, sid, statements};

/// Names that begin alike, or are other systems' names with an environment's.
const ENVIRONMENTS: [&str; 2] = ["prod", "prod-app"];

fn manifest(shape: &str) -> String {
    let app = if shape == "ec2" { "run = \"bin/api\"" } else { "image = \"Dockerfile\"" };
    let mut text = format!(
        "name = \"items\"\nshape = \"{shape}\"\nregion = \"eu-west-1\"\n{}\
         [web]\nroot = \"f\"\n[app]\nroot = \"b\"\n{app}\nport = 8000\ncount = {{ min = 2, max = 4 }}\n\
         [app.secrets]\nKEY = {{ generate = 32 }}\n[data]\nengine = \"postgres\"\nstandby = true\n\
         [egress]\napp = \"nat\"\n[alerts]\nemail = \"ops@example.com\"\n[budget]\nmonthly = 10\n",
        if shape == "ec2" { "edge = \"cloudfront\"\n" } else { "" }
    );
    for environment in ENVIRONMENTS {
        text += &format!("[environments.{environment}]\nproduction = {}\n", environment == "prod");
    }
    text
}

/// One thing that an ARN of a policy may stand for.
fn example(arn: &str) -> String {
    arn.replace('?', "a").replace('*', "0123456789abcdef0")
}

/// What a request about the other's things is made under: its tags on them, ours asked for.
fn context(ours: &Topology, theirs: &Topology) -> Context {
    let tagged = |context: Context, of: &str, whose: &Topology| {
        let context = context.value(&format!("aws:{of}/terrace:system"), whose.name.to_string());
        match &whose.environment {
            Some(name) => context.value(&format!("aws:{of}/terrace:environment"), name.to_string()),
            None => context,
        }
    };
    let context = tagged(Context::closed(), "ResourceTag", theirs);
    let owner = format!("arn:aws:rds:eu-west-1:{}:db:{}-data", account(), stem(theirs));
    tagged(context, "RequestTag", ours)
        .value("aws:userid", "AROAEXAMPLE:run")
        .value("iam:PassedToService", "ec2.amazonaws.com")
        .value("secretsmanager:ResourceTag/aws:rds:primaryDBInstanceArn", owner.clone())
        .value("secretsmanager:ResourceTag/aws:rds:primaryDBClusterArn", owner.replace(":db:", ":cluster:"))
}

fn stem(topology: &Topology) -> String {
    topology
        .environment
        .as_ref()
        .map_or_else(|| topology.name.to_string(), |e| format!("{}-{e}", topology.name))
}

fn verdict(role: &[Policy], action: &str, arn: &str, context: &Context) -> Verdict {
    let request = Request {
        caller: Caller::Role {
            arn: Text::from(format!("arn:aws:iam::{}:role/deploy", account())),
            session: None,
            account: Text::from(account().to_string()),
        },
        action: action.to_owned(),
        resource: Resource::exactly(&Text::from(arn), account().to_string()),
        context: context.clone(),
    };
    // Nothing is denied in these policies, so what does not speak of the action has no say.
    let speaking = statements(role).filter(|one| actions(one).iter().any(|known| known == action));
    let document = PolicyDocument::Statements(speaking.cloned().collect());
    let identity = vec![Paper { name: "role", document: &document }];
    // A key's own policy leaves it to the account; without that IAM's say counts for nothing.
    let key = PolicyDocument::Statements(vec![
        Statement::allow("Account", ["kms:*"])
            .on([Text::from("*")])
            .to(PrincipalKind::Aws, account().to_string()),
    ]);
    let keys =
        if action.starts_with("kms:") { vec![Paper { name: "key", document: &key }] } else { Vec::new() };
    decide(&request, &Policies { identity, resource: keys, ..Policies::default() })
}

/// Whether it is one of the things that all systems of an account share: the bucket that states are in.
fn shared(arn: &str) -> bool {
    arn == format!("arn:aws:s3:::terrace-{}-eu-west-1", account()) || arn.contains(":session/")
}

#[test]
fn no_environment_changes_what_another_has() {
    for (shape, foundation) in [("ec2", Foundation::Apart), ("fargate", Foundation::Within)] {
        let text = manifest(shape);
        let all: Vec<(Topology, Vec<Policy>)> = [None]
            .into_iter()
            .chain(ENVIRONMENTS.map(Some))
            .map(|environment| {
                let (topology, design) = designed(&text, environment, foundation)
                    .unwrap_or_else(|| panic!("{environment:?}: {text}"));
                let policies = policies(&topology, &design.graph, &account(), Purpose::Deploy);
                (topology, policies)
            })
            .collect();
        for (ours, role) in &all {
            let own = context(ours, ours);
            let (mut asked, mut allowed) = (0, 0);
            let mut wrong = BTreeSet::new();
            for (theirs, other) in &all {
                let foreign = context(ours, theirs);
                for statement in statements(other) {
                    if matches!(sid(statement), "Lists" | "Every" | "Linked" | "Records" | "New" | "Tags") {
                        continue;
                    }
                    for (action, arn) in actions(statement)
                        .iter()
                        .flat_map(|action| resources(statement).into_iter().map(move |arn| (action, arn)))
                        .filter(|(_, arn)| !shared(arn))
                    {
                        let name = action.split_once(':').unwrap().1;
                        if ["Get", "List", "Describe", "View"].iter().any(|word| name.starts_with(word)) {
                            continue;
                        }
                        if ours == theirs {
                            asked += 1;
                            let said = verdict(role, action, &example(arn), &own);
                            allowed += usize::from(matches!(said, Verdict::Allowed(_)));
                        } else {
                            let said = verdict(role, action, &example(arn), &foreign);
                            if !matches!(said, Verdict::Denied(_)) && !excused(action, arn) {
                                wrong.insert(format!(
                                    "{} may {action} on {arn} of {}",
                                    stem(ours),
                                    stem(theirs)
                                ));
                            }
                        }
                    }
                }
            }
            let wrong: Vec<String> = wrong.into_iter().collect();
            assert!(wrong.is_empty(), "{}", wrong.join("\n"));
            // The same questions about its own things are answered with yes: the test asks what can be allowed.
            assert!(allowed * 10 >= asked * 9, "{}: {allowed} of {asked}", stem(ours));
        }
    }
}

/// What AWS lets nobody narrow; each has its reason in the table.
fn excused(action: &str, arn: &str) -> bool {
    matches!(
        (action, arn.split(':').nth(5).unwrap_or_default()),
        ("ec2:RunInstances", _) | ("logs:DeleteDeliverySource", _)
    )
}
