//! Who reads, once more and plainer: everything known, sets grown until nothing changes. Shares no code with the crate.

use std::collections::BTreeSet;

use terrace_aws::{Effect, PrincipalKind, Scope, Statement, Text};

use super::ACCOUNT;
use super::laws::{NAMES, Roles};

const SECRET: &str = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf";

/// Roles as drawn.
pub(super) struct Plain<'r> {
    pub(super) roles: &'r Roles,
}

fn glob(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern, text) {
        ([], []) => true,
        ([b'*', more @ ..], _) => glob(more, text) || (!text.is_empty() && glob(pattern, &text[1..])),
        ([one, more @ ..], [other, rest @ ..]) => one == other && glob(more, rest),
        _ => false,
    }
}

fn like(pattern: &str, text: &str) -> bool {
    glob(pattern.as_bytes(), text.as_bytes())
}

fn role(at: usize) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/{}", NAMES[at])
}

fn speaks(statement: &Statement, action: &str, resource: &str, service: &str) -> bool {
    let Scope::Only(actions) = &statement.actions else { panic!("not written so") };
    let Some(Scope::Only(resources)) = &statement.resources else { panic!("not written so") };
    actions.iter().any(|one| like(one, action))
        && resources.iter().any(|one| like(one.literal().unwrap(), resource))
        && statement.conditions.iter().all(|one| one.values[0].literal() == Some(service))
}

impl Plain<'_> {
    fn says(&self, at: usize, effect: Effect, action: &str, resource: &str, service: &str) -> bool {
        self.roles[at].0.iter().any(|one| one.effect == effect && speaks(one, action, resource, service))
    }

    fn denies(&self, at: usize, action: &str, resource: &str) -> bool {
        self.says(at, Effect::Deny, action, resource, "")
    }

    /// With `grown`, anything that is not denied.
    fn may(&self, at: usize, grown: &BTreeSet<usize>, action: &str, resource: &str, service: &str) -> bool {
        let allowed = grown.contains(&at) || self.says(at, Effect::Allow, action, resource, service);
        allowed && !self.says(at, Effect::Deny, action, resource, service)
    }

    fn trusts(&self, at: usize, kind: PrincipalKind, name: &str) -> bool {
        self.roles[at].1.iter().any(|statement| {
            let Some(Scope::Only(listed)) = &statement.principals else { panic!("not written so") };
            listed.get(&kind).is_some_and(|all| all.iter().any(|one: &Text| one.literal() == Some(name)))
        })
    }

    fn passes(&self, by: usize, to: usize, grown: &BTreeSet<usize>) -> bool {
        let may = |action: &str, resource: &str| self.may(by, grown, action, resource, "");
        let here = |service: &str, rest: &str| format!("arn:aws:{service}:eu-west-1:{ACCOUNT}:{rest}");
        ["ec2.amazonaws.com", "lambda.amazonaws.com", "ecs-tasks.amazonaws.com"].iter().any(|service| {
            let runs = match *service {
                "ec2.amazonaws.com" => {
                    ["instance/any", "image/any", "subnet/any"]
                        .iter()
                        .all(|rest| may("ec2:RunInstances", &here("ec2", rest)))
                        || may("ec2:AssociateIamInstanceProfile", &here("ec2", "instance/any"))
                }
                "lambda.amazonaws.com" => {
                    let own = [
                        here("lambda", "function:any"),
                        "arn:aws:lambda:any:any:function:app-any".to_owned(),
                    ];
                    own.iter()
                        .any(|one| may("lambda:CreateFunction", one) && may("lambda:InvokeFunction", one))
                }
                _ => {
                    let task = may("ecs:RunTask", &here("ecs", "task-definition/any:1"));
                    let batch = ["batch:RegisterJobDefinition", "batch:SubmitJob"]
                        .iter()
                        .all(|action| may(action, &here("batch", "job-definition/any")));
                    task || batch
                }
            };
            runs && self.trusts(to, PrincipalKind::Service, service)
                && self.may(by, grown, "iam:PassRole", &role(to), service)
        })
    }

    fn becomes(&self, by: usize, to: usize, grown: &BTreeSet<usize>) -> bool {
        let assume = "sts:AssumeRole";
        let named = self.trusts(to, PrincipalKind::Aws, &role(by)) && !self.denies(by, assume, &role(to));
        let root = self.trusts(to, PrincipalKind::Aws, &format!("arn:aws:iam::{ACCOUNT}:root"));
        named
            || (root && self.may(by, grown, assume, &role(to), ""))
            || self.may(by, grown, "iam:UpdateAssumeRolePolicy", &role(to), "")
            || self.passes(by, to, grown)
    }

    pub(super) fn reads(&self, start: usize) -> bool {
        let (mut reached, mut grown) = (BTreeSet::from([start]), BTreeSet::new());
        loop {
            let (mut more, mut wider) = (reached.clone(), grown.clone());
            for by in &reached {
                more.extend((0..NAMES.len()).filter(|to| self.becomes(*by, *to, &grown)));
                wider.extend(reached.iter().copied().filter(|to| {
                    ["iam:PutRolePolicy", "iam:AttachRolePolicy"]
                        .iter()
                        .any(|action| self.may(*by, &grown, action, &role(*to), ""))
                }));
            }
            if (&more, &wider) == (&reached, &grown) {
                break;
            }
            (reached, grown) = (more, wider);
        }
        reached.iter().any(|at| {
            let read = "secretsmanager:GetSecretValue";
            let opens = self.may(*at, &grown, "secretsmanager:PutResourcePolicy", SECRET, "");
            self.may(*at, &grown, read, SECRET, "") || (opens && !self.denies(*at, read, SECRET))
        })
    }
}
