//! The rules once more, plainer: known requests only, matching by recursion, the flow chart of AWS's page step by step.
//! Shares no code with the crate.

use std::collections::BTreeMap;

use terrace_aws::{Condition, Effect, PolicyDocument, PrincipalKind, Principals, Scope, Statement, Text};

/// Whether a pattern with `*` and `?` is a text.
pub(crate) fn glob(pattern: &str, text: &str) -> bool {
    fn on(pattern: &[char], text: &[char]) -> bool {
        match (pattern, text) {
            ([], []) => true,
            (['*', more @ ..], _) => on(more, text) || (!text.is_empty() && on(pattern, &text[1..])),
            (['?', more @ ..], [_, rest @ ..]) => on(more, rest),
            ([c, more @ ..], [d, rest @ ..]) => c == d && on(more, rest),
            _ => false,
        }
    }
    on(&pattern.chars().collect::<Vec<_>>(), &text.chars().collect::<Vec<_>>())
}

/// Whether a pattern of ARNs is an ARN.
pub(crate) fn arn(pattern: &str, text: &str) -> bool {
    if pattern == "*" {
        return true;
    }
    let mut wanted: Vec<&str> = pattern.splitn(6, ':').collect();
    wanted.resize(6, "*");
    let given: Vec<&str> = text.splitn(6, ':').collect();
    given.len() == 6 && wanted.iter().zip(given).all(|(one, two)| glob(one, two))
}

/// Whether a block of IPv4 addresses, or one address, has an address.
fn in_block(block: &str, address: &str) -> bool {
    let bits = |text: &str| text.parse::<std::net::Ipv4Addr>().map(u32::from).unwrap();
    let (network, length) = block.split_once('/').unwrap_or((block, "32"));
    let host = 32 - length.parse::<u32>().unwrap();
    u64::from(bits(network)) >> host == u64::from(bits(address)) >> host
}

/// A known request.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    /// Every name of the caller that is its own, then its role's, then its account's.
    pub(crate) own: Option<(PrincipalKind, String)>,
    pub(crate) role: Option<String>,
    pub(crate) account: Option<String>,
    pub(crate) owner: String,
    pub(crate) action: String,
    pub(crate) resource: String,
    /// None in it: absent.
    pub(crate) context: BTreeMap<String, Vec<String>>,
}

/// What is asked of the policies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct All<'a> {
    pub(crate) scp: Option<&'a PolicyDocument>,
    pub(crate) rcp: Option<&'a PolicyDocument>,
    pub(crate) identity: &'a PolicyDocument,
    pub(crate) resource: &'a PolicyDocument,
    pub(crate) boundary: Option<&'a PolicyDocument>,
    pub(crate) session: Option<&'a PolicyDocument>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Allowed,
    Explicit,
    Implicit,
}

fn word(text: &Text) -> &str {
    text.literal().unwrap()
}

fn statements(document: &PolicyDocument) -> &[Statement] {
    match document {
        PolicyDocument::Statements(all) => all,
        PolicyDocument::Opaque(_) => panic!("known policies only"),
    }
}

impl Ask {
    fn is_listed(&self, all: &Principals, kind: PrincipalKind, names: &[String]) -> bool {
        all.get(&kind).is_some_and(|all| all.iter().any(|one| names.iter().any(|name| name == word(one))))
    }

    /// Itself or anyone, its role, its account.
    fn named(&self, principals: &Option<Scope<Principals>>) -> (bool, bool, bool) {
        let all = match principals {
            None => return (true, false, false),
            Some(Scope::Only(all)) => all,
            Some(Scope::AllBut(_)) => panic!("not drawn"),
        };
        let anyone = self.is_listed(all, PrincipalKind::Aws, &["*".to_owned()]);
        let own = self
            .own
            .as_ref()
            .is_some_and(|(kind, name)| self.is_listed(all, *kind, std::slice::from_ref(name)));
        let role = self
            .role
            .as_ref()
            .is_some_and(|role| self.is_listed(all, PrincipalKind::Aws, std::slice::from_ref(role)));
        let account = self.account.as_ref().is_some_and(|number| {
            self.is_listed(all, PrincipalKind::Aws, &[number.clone(), format!("arn:aws:iam::{number}:root")])
        });
        (anyone || own, role, account)
    }

    fn speaks(&self, statement: &Statement) -> bool {
        let action =
            |all: &Vec<String>| all.iter().any(|one| glob(&one.to_lowercase(), &self.action.to_lowercase()));
        let resource = |all: &Vec<Text>| all.iter().any(|one| arn(word(one), &self.resource));
        let action = match &statement.actions {
            Scope::Only(all) => action(all),
            Scope::AllBut(all) => !action(all),
        };
        let resource = match &statement.resources {
            None => true,
            Some(Scope::Only(all)) => resource(all),
            Some(Scope::AllBut(all)) => !resource(all),
        };
        action && resource && statement.conditions.iter().all(|one| self.holds(one))
    }

    fn holds(&self, condition: &Condition) -> bool {
        let values = self.context.get(&condition.key);
        let operator = condition.operator.as_str();
        let wanted = || condition.values.iter().map(word);
        if operator == "Null" {
            return wanted().any(|one| (one == "true") == values.is_none());
        }
        let (set, operator) = match operator.split_once(':') {
            Some((set, operator)) => (set, operator),
            None => ("", operator),
        };
        let (operator, exists) = match operator.strip_suffix("IfExists") {
            Some(operator) => (operator, true),
            None => (operator, false),
        };
        let one =
            |value: &String| match operator {
                "StringEquals" => wanted().any(|one| one == value),
                "StringNotEquals" => wanted().all(|one| one != value),
                "StringLike" => wanted().any(|one| glob(one, value)),
                "StringNotLike" => wanted().all(|one| !glob(one, value)),
                "NumericLessThan" => wanted()
                    .any(|one| value.parse::<i64>().is_ok_and(|v| v < one.parse().unwrap_or(i64::MIN))),
                "NumericGreaterThanEquals" => wanted()
                    .any(|one| value.parse::<i64>().is_ok_and(|v| v >= one.parse().unwrap_or(i64::MAX))),
                "StringEqualsIgnoreCase" => wanted().any(|one| one.to_lowercase() == value.to_lowercase()),
                "ArnLike" | "ArnEquals" => wanted().any(|one| arn(one, value)),
                "ArnNotLike" => wanted().all(|one| !arn(one, value)),
                "IpAddress" => wanted().any(|one| in_block(one, value)),
                "NotIpAddress" => wanted().all(|one| !in_block(one, value)),
                "Bool" => wanted().any(|one| one == value && (one == "true" || one == "false")),
                other => panic!("{other} is not drawn"),
            };
        match (values, set) {
            (None, _) if exists => true,
            (None, "ForAllValues") => true,
            (None, "ForAnyValue") => false,
            (None, _) => operator.contains("Not"),
            (Some(values), "ForAllValues") => values.iter().all(one),
            (Some(values), _) => values.iter().any(one),
        }
    }

    fn any(&self, document: &PolicyDocument, effect: Effect) -> bool {
        statements(document).iter().any(|s| {
            let (own, role, account) = self.named(&s.principals);
            s.effect == effect && (own || role || account) && self.speaks(s)
        })
    }

    /// The flow chart, step by step.
    pub(crate) fn answer(&self, all: All<'_>) -> Answer {
        let identity = self.account.is_some();
        let mut everything = vec![Some(all.resource), all.rcp];
        if identity {
            everything.extend([all.scp, Some(all.identity), all.boundary, all.session]);
        }
        if everything.into_iter().flatten().any(|one| self.any(one, Effect::Deny)) {
            return Answer::Explicit;
        }
        let lets = |one: Option<&PolicyDocument>| one.is_none_or(|one| self.any(one, Effect::Allow));
        if !lets(all.rcp) || (identity && !lets(all.scp)) {
            return Answer::Implicit;
        }
        let (mut own, mut role, mut account) = (false, false, false);
        for s in statements(all.resource).iter().filter(|s| s.effect == Effect::Allow && self.speaks(s)) {
            let named = self.named(&s.principals);
            (own, role, account) = (own || named.0, role || named.1, account || named.2);
        }
        let allowed = if !identity {
            own
        } else if self.account.as_ref() != Some(&self.owner) {
            (own || role || account) && lets(Some(all.identity)) && lets(all.boundary) && lets(all.session)
        } else if own {
            true
        } else if !lets(all.boundary) || !lets(all.session) {
            false
        } else if self.action.starts_with("kms:") || self.action == "sts:AssumeRole" {
            role || (account && lets(Some(all.identity)))
        } else {
            role || lets(Some(all.identity))
        };
        if allowed { Answer::Allowed } else { Answer::Implicit }
    }
}
