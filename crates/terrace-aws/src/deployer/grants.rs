//! From the table and a graph to what is allowed: single grants, and statements that say the same together.

use std::collections::{BTreeMap, BTreeSet};

use terrace_topology::{EnvironmentName, SystemName};

use super::Purpose;
use super::calls::{Line, Subject, Verb};
use super::names::{Names, called};
use crate::resource::{Certificate, Role, RolePolicyAttachment};
use crate::{Condition, Effect, Node, PolicyDocument, PrincipalKind, ResourceGraph, Scope, Statement, Text};

/// Conditions, in an order of their own: operator, key, values.
type Under = Vec<(&'static str, String, Vec<String>)>;

/// What is allowed: under which conditions, on what, which actions.
#[derive(Default)]
pub(super) struct Grants {
    all: BTreeMap<(&'static str, Under), BTreeMap<String, BTreeSet<String>>>,
    /// What tags are given to as it is made, and by which calls.
    made: (BTreeSet<String>, BTreeSet<String>),
}

/// Whose grants.
pub(super) struct Owner<'g> {
    pub(super) names: Names<'g>,
    pub(super) system: &'g SystemName,
    pub(super) environment: Option<&'g EnvironmentName>,
    pub(super) purpose: Purpose,
}

/// Whether an action only looks.
pub(super) fn reads(action: &str) -> bool {
    let name = action.split_once(':').map_or(action, |(_, name)| name);
    ["Get", "List", "Describe", "View"].iter().any(|word| name.starts_with(word)) || action == "kms:Decrypt"
}

impl Owner<'_> {
    /// `aws:ResourceTag/terrace:system` and so on: this system's tags; where it has no environment,
    /// none is tagged, or `default`, as Terrace itself tags what it makes beside Terraform.
    fn tags(&self, operator: &'static str, of: &str) -> Under {
        let key = |name: &str| format!("aws:{of}/terrace:{name}");
        let mut under = vec![(operator, key("system"), vec![self.system.to_string()])];
        under.push(match self.environment {
            Some(environment) => (operator, key("environment"), vec![environment.to_string()]),
            None => ("StringEqualsIfExists", key("environment"), vec!["default".to_owned()]),
        });
        under
    }

    /// Adds what a block says of a resource.
    pub(super) fn resource(
        &self,
        grants: &mut Grants,
        subject: &Subject,
        node: &Node,
        graph: &ResourceGraph,
    ) {
        let region = node.region.as_ref().unwrap_or(&graph.region).to_string();
        for line in &subject.lines {
            let fill =
                |text: &String| self.names.filled(text, node).map(|text| self.names.arn(&text, &region));
            let Some(about) = line.about.iter().map(fill).collect::<Option<Vec<String>>>() else { continue };
            self.line(grants, line, &about, node, graph);
        }
    }

    /// Adds what a block beside the resources says; `put` stands for its arguments.
    pub(super) fn beside(&self, grants: &mut Grants, subject: &Subject, region: &str, put: &[(&str, &str)]) {
        for line in &subject.lines {
            let fill = |text: &String| {
                let text = put
                    .iter()
                    .fold(text.clone(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value));
                self.names.arn(&text, region)
            };
            let about: Vec<String> = line.about.iter().map(fill).collect();
            self.plain(grants, line, &about);
        }
    }

    fn line(&self, grants: &mut Grants, line: &Line, about: &[String], node: &Node, graph: &ResourceGraph) {
        let first = about.first().map_or("*", String::as_str);
        let mut add = |sid, under: &Under, actions: &[String]| {
            actions.iter().for_each(|action| self.add(grants, sid, under, first, action));
        };
        match line.verb {
            Verb::Pass => {
                let services = Role::of_node(node).map(trusted).unwrap_or_default();
                if !services.is_empty() {
                    let under = vec![("StringEquals", "iam:PassedToService".to_owned(), services)];
                    add("Pass", &under, &line.actions);
                }
            }
            Verb::Attach => {
                let policy = self.names.argument(node, "policy_arn").filter(|arn| arn != "*");
                let attached = RolePolicyAttachment::of_node(node).is_some();
                if let (Some(policy), true) = (policy, attached) {
                    add(
                        "Attach",
                        &vec![("ArnEquals", "iam:PolicyARN".to_owned(), vec![policy])],
                        &line.actions,
                    );
                }
            }
            Verb::Records => {
                let key = "route53:ChangeResourceRecordSetsNormalizedRecordNames".to_owned();
                let names: BTreeSet<String> = graph
                    .all::<Certificate>()
                    .filter_map(|(_, certificate)| certificate.domain_name.literal())
                    // What ACM asks for has a name of 32 characters before the domain.
                    .flat_map(|domain| [domain.to_owned(), format!("_{}.{domain}", "?".repeat(32))])
                    .collect();
                if !names.is_empty() {
                    let under = vec![("ForAllValues:StringLike", key, names.into_iter().collect())];
                    add("Records", &under, &line.actions);
                }
            }
            _ => self.plain(grants, line, about),
        }
    }

    fn plain(&self, grants: &mut Grants, line: &Line, about: &[String]) {
        let first = about.first().map_or("*", String::as_str);
        let (sid, under) = match line.verb {
            Verb::List => ("Lists", Under::new()),
            Verb::On => ("Named", Under::new()),
            Verb::Every => ("Every", Under::new()),
            Verb::New => return self.made(grants, line, first),
            Verb::Own => ("Own", self.tags("StringEquals", "ResourceTag")),
            Verb::Claim => {
                let mut under = self.tags("StringEquals", "RequestTag");
                under.push(("Null", "aws:ResourceTag/terrace:system".to_owned(), vec!["true".to_owned()]));
                ("Claim", under)
            }
            Verb::Owner => {
                let [tag, secret, owner] = about else { return };
                let tag = format!("secretsmanager:ResourceTag/{}", tag);
                let under = vec![("StringEquals", tag, vec![owner.clone()])];
                return line.actions.iter().for_each(|one| self.add(grants, "Owner", &under, secret, one));
            }
            Verb::Linked => {
                let role = format!(
                    "arn:{}:iam::{}:role/aws-service-role/{first}/*",
                    self.names.partition, self.names.account
                );
                let under = vec![("StringEquals", "iam:AWSServiceName".to_owned(), vec![first.to_owned()])];
                return line.actions.iter().for_each(|one| self.add(grants, "Linked", &under, &role, one));
            }
            Verb::Plan if self.purpose == Purpose::Plan => {
                let all = grants.all.entry(("Lock", Under::new())).or_default();
                return all.entry(first.to_owned()).or_default().extend(line.actions.iter().cloned());
            }
            Verb::Plan | Verb::Pass | Verb::Attach | Verb::Records => return,
        };
        line.actions.iter().for_each(|action| self.add(grants, sid, &under, first, action));
    }

    /// What is made: with this system's tags, which are given by the same call.
    fn made(&self, grants: &mut Grants, line: &Line, arn: &str) {
        let under = self.tags("StringEquals", "RequestTag");
        let (tags, makes): (Vec<&String>, Vec<&String>) =
            line.actions.iter().partition(|action| *action == "ec2:CreateTags");
        makes.iter().for_each(|action| self.add(grants, "New", &under, arn, action));
        if !tags.is_empty() && self.purpose == Purpose::Deploy {
            grants.made.0.insert(arn.to_owned());
            grants
                .made
                .1
                .extend(makes.iter().filter_map(|one| one.split_once(':')).map(|(_, name)| name.to_owned()));
        }
    }

    fn add(&self, grants: &mut Grants, sid: &'static str, under: &Under, arn: &str, action: &str) {
        if self.purpose == Purpose::Plan && (!reads(action) || sid == "Owner") {
            return;
        }
        let all = grants.all.entry((sid, under.clone())).or_default();
        all.entry(arn.to_owned()).or_default().insert(action.to_owned());
    }

    /// The statements that say all of it, those about the same together.
    pub(super) fn statements(&self, grants: Grants) -> Vec<(&'static str, Statement)> {
        let Grants { mut all, made: (things, calls) } = grants;
        if !things.is_empty() {
            let mut under = self.tags("StringEquals", "RequestTag");
            under.push(("StringEquals", "ec2:CreateAction".to_owned(), calls.into_iter().collect()));
            let tags = BTreeSet::from(["ec2:CreateTags".to_owned()]);
            all.insert(("Tags", under), things.into_iter().map(|thing| (thing, tags.clone())).collect());
        }
        let mut statements = Vec::new();
        for ((sid, under), granted) in all {
            let mut together: BTreeMap<BTreeSet<String>, BTreeSet<String>> = BTreeMap::new();
            for (arn, actions) in granted {
                together.entry(actions).or_default().insert(arn);
            }
            for (actions, arns) in together {
                statements.push((sid, statement(&under, actions, arns)));
            }
        }
        statements
    }
}

fn statement(under: &Under, actions: BTreeSet<String>, arns: BTreeSet<String>) -> Statement {
    Statement {
        sid: None,
        effect: Effect::Allow,
        principals: None,
        actions: Scope::Only(actions.into_iter().collect()),
        resources: Some(Scope::Only(arns.into_iter().map(Text::from).collect())),
        conditions: under
            .iter()
            .map(|(operator, key, values)| Condition {
                operator: (*operator).to_owned(),
                key: key.clone(),
                values: values.iter().cloned().map(Text::from).collect(),
            })
            .collect(),
    }
}

/// The services that a role trusts. Who hands a role for monitoring to RDS is asked about by either name.
fn trusted(role: &Role) -> Vec<String> {
    let PolicyDocument::Statements(statements) = &role.assume_role_policy else { return Vec::new() };
    let mut services: BTreeSet<String> = statements
        .iter()
        .filter_map(|statement| match &statement.principals {
            Some(Scope::Only(principals)) => principals.get(&PrincipalKind::Service),
            _ => None,
        })
        .flatten()
        .filter_map(Text::literal)
        .map(str::to_owned)
        .collect();
    if services.contains("monitoring.rds.amazonaws.com") {
        services.insert("rds.amazonaws.com".to_owned());
    }
    services.into_iter().collect()
}

/// The resource of a node, if it is of this type.
trait OfNode: Sized {
    fn of_node(node: &Node) -> Option<&Self>;
}

impl<T: crate::ResourceType> OfNode for T {
    fn of_node(node: &Node) -> Option<&Self> {
        T::of(&node.resource)
    }
}

/// Whether a block is about this node.
pub(super) fn is_about(subject: &Subject, node: &Node) -> bool {
    subject.name == called(node.resource.kind())
}
