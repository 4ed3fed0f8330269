//! Who asks, and whether a statement's principals mean them.
//!
//! After AWS's pages "IAM JSON policy elements: Principal" and "NotPrincipal".

use terrace_aws::{PrincipalKind, Principals, Scope, Text};

use super::glob::Token;
use super::pattern::{self, Reading};
use super::truth::{Truth, Unknown};

/// Who makes a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Nobody known; a request without a signature.
    Anonymous,
    /// The root user of an account.
    Root {
        /// The account's number.
        account: Text,
    },
    /// A user.
    User {
        /// The user's ARN.
        arn: Text,
        /// The account's number.
        account: Text,
    },
    /// A session of a role.
    Role {
        /// The role's ARN.
        arn: Text,
        /// The session's ARN, if one session is meant and not any.
        session: Option<Text>,
        /// The account's number.
        account: Text,
    },
    /// A service of AWS: `ec2.amazonaws.com`.
    Service(Text),
    /// Someone whom an identity provider vouches for: its ARN or name.
    Federated(Text),
}

/// By which of its names a statement means a caller; decides what may still limit the grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Grade {
    /// By itself, or by `*`: nothing else limits it within the account.
    Direct,
    /// By its role: boundary and session policies limit it.
    Role,
    /// By its account, which may delegate: the identity's own policies must allow as well.
    Account,
}

impl Caller {
    /// Its account, if it has one.
    pub(crate) const fn account(&self) -> Option<&Text> {
        match self {
            Self::Root { account } | Self::User { account, .. } | Self::Role { account, .. } => Some(account),
            Self::Anonymous | Self::Service(_) | Self::Federated(_) => None,
        }
    }

    /// Each of its names with its grade, as a pattern of what is known.
    fn names(&self) -> Vec<(PrincipalKind, Grade, Vec<Token>)> {
        let literal = |text: &Text| pattern::tokens(text, Reading::Literal);
        let mut names = Vec::new();
        match self {
            Self::Anonymous | Self::Root { .. } => {}
            Self::User { arn, .. } => names.push((PrincipalKind::Aws, Grade::Direct, literal(arn))),
            Self::Role { arn, session, account } => {
                let session = session.as_ref().map_or_else(|| any_session(arn, account), literal);
                names.push((PrincipalKind::Aws, Grade::Direct, session));
                names.push((PrincipalKind::Aws, Grade::Role, literal(arn)));
            }
            Self::Service(name) => names.push((PrincipalKind::Service, Grade::Direct, literal(name))),
            Self::Federated(name) => names.push((PrincipalKind::Federated, Grade::Direct, literal(name))),
        }
        if let Some(account) = self.account() {
            names.push((PrincipalKind::Aws, Grade::Account, literal(account)));
            names.push((PrincipalKind::Aws, Grade::Account, root_of(account)));
        }
        names
    }

    /// Whether a statement means the caller by a name of this grade.
    pub(crate) fn meant(&self, principals: Option<&Scope<Principals>>, grade: Grade) -> Truth {
        match principals {
            // A policy of an identity has no principal: it speaks of whom it is attached to.
            None => Truth::from(grade == Grade::Direct),
            Some(Scope::Only(listed)) => self.listed(listed, grade),
            Some(Scope::AllBut(listed)) => {
                if grade == Grade::Direct {
                    self.exempt(listed).negated()
                } else {
                    Truth::No
                }
            }
        }
    }

    /// Whether a statement means the caller by any name.
    pub(crate) fn meant_at_all(&self, principals: Option<&Scope<Principals>>) -> Truth {
        Truth::any([Grade::Direct, Grade::Role, Grade::Account].map(|grade| self.meant(principals, grade)))
    }

    fn listed(&self, listed: &Principals, grade: Grade) -> Truth {
        let anyone = Truth::from(grade == Grade::Direct && anyone(listed));
        let names = self.names().into_iter().filter(|(_, of, _)| *of == grade);
        anyone.or(Truth::any(names.map(|(kind, _, name)| {
            let texts = listed.get(&kind).into_iter().flatten();
            Truth::any(texts.map(|text| {
                let text = pattern::tokens(text, Reading::Literal);
                // An account's root is meant in whichever partition the policy names.
                if grade == Grade::Account {
                    pattern::matches(&text, &name)
                } else {
                    pattern::matches(&name, &text)
                }
            }))
        })))
    }

    /// Whether `NotPrincipal` exempts the caller: surely if all its names are listed, surely not if none is.
    fn exempt(&self, listed: &Principals) -> Truth {
        if anyone(listed) {
            return Truth::Yes;
        }
        let mut grades: Vec<Grade> = self.names().iter().map(|(_, grade, _)| *grade).collect();
        grades.dedup();
        let each: Vec<Truth> = grades.into_iter().map(|grade| self.listed(listed, grade)).collect();
        if each.is_empty() || each.iter().all(|truth| *truth == Truth::No) {
            return Truth::No;
        }
        match Truth::all(each) {
            Truth::No => Truth::unknown(Unknown::NotPrincipal),
            sure => sure,
        }
    }
}

fn anyone(listed: &Principals) -> bool {
    listed.get(&PrincipalKind::Aws).is_some_and(|all| all.iter().any(|text| text.literal() == Some("*")))
}

/// `arn:*:iam::ACCOUNT:root`
fn root_of(account: &Text) -> Vec<Token> {
    let mut name = pattern::arn(pattern::tokens(&Text::from("arn:*:iam::"), Reading::Wild), false);
    name.extend(pattern::tokens(&account.clone().then(":root"), Reading::Literal));
    name
}

/// `arn:*:sts::ACCOUNT:assumed-role/ROLE/*`
fn any_session(role: &Text, account: &Text) -> Vec<Token> {
    let mut name = pattern::arn(pattern::tokens(&Text::from("arn:*:sts::"), Reading::Wild), false);
    name.extend(pattern::tokens(&account.clone().then(":assumed-role/"), Reading::Literal));
    // The role's path is no part of it.
    let whole = pattern::tokens(role, Reading::Literal);
    let last = whole.iter().rposition(|token| *token == Token::Char('/')).and_then(|at| whole.get(at + 1..));
    match last {
        Some(last) => name.extend(last.iter().cloned()),
        None => name.push(Token::Any),
    }
    name.extend([Token::Char('/'), Token::Any]);
    name
}

/// Whether two accounts are one.
pub(crate) fn same(one: &Text, two: &Text) -> Truth {
    pattern::matches(&pattern::tokens(one, Reading::Literal), &pattern::tokens(two, Reading::Literal))
}
