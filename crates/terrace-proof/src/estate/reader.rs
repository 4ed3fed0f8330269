//! Who can read something, and how: an explanation in steps, each with the statements it rests on.

use std::collections::BTreeSet;
use std::fmt;

use terrace_aws::inventory::ItemId;
use terrace_aws::{Part, Text};

use crate::access::Unknown;

/// A statement that a step rests on, and where it is written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rest {
    /// The policy's name.
    pub policy: String,
    /// The item in which it stands; none for AWS's own.
    pub item: Option<ItemId>,
    /// The argument in which it stands.
    pub path: String,
    /// Which statement, from 0.
    pub statement: usize,
    /// Its `Sid`.
    pub sid: Option<String>,
}

impl fmt::Display for Rest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.policy)?;
        match &self.sid {
            Some(sid) => write!(f, " ({sid})"),
            None => write!(f, " (statement {})", self.statement + 1),
        }
    }
}

/// Who reads, or does a step.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// A user or a role of the design.
    Item(ItemId),
    /// A service of AWS, on behalf of these (`aws:SourceArn`, `aws:SourceAccount`); of none, of anyone's resources.
    Service {
        /// Its name.
        name: Text,
        /// What the policy says it must act for.
        on_behalf: Vec<Text>,
    },
    /// Somebody whom an identity provider vouches for: its ARN or name.
    Federated(Text),
    /// Another account, or somebody of it, as the policy names it.
    Account(Text),
    /// Anyone with an account at AWS.
    Anyone,
    /// Anyone, without any account.
    Anonymous,
}

impl Who {
    /// Whether it is none of the account's own identities.
    pub const fn is_outside(&self) -> bool {
        matches!(self, Self::Federated(_) | Self::Account(_) | Self::Anyone | Self::Anonymous)
    }
}

/// What is done in a step.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deed {
    /// Reads what was asked for by this action.
    Reads(&'static str),
    /// Made it, and rotates it.
    Keeps,
    /// Assumes the role.
    Assumes(&'static str),
    /// Hands the role to something of its own that a service runs.
    Passes {
        /// The service.
        service: &'static str,
        /// The actions that do it.
        by: Vec<&'static str>,
    },
    /// Runs commands on something that carries the role.
    Runs {
        /// On what.
        on: ItemId,
        /// The actions that do it.
        by: Vec<&'static str>,
    },
    /// Makes itself able to act as the identity.
    TakesOver(&'static str),
    /// Gives the identity more permissions.
    Widens(&'static str),
    /// Lets itself read, by changing the policy of what is kept or of its key.
    Opens(&'static str),
}

/// One step of an explanation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step {
    /// Who does it.
    pub who: Who,
    /// What it does.
    pub deed: Deed,
    /// To which item.
    pub to: ItemId,
    /// By which statements.
    pub rests: Vec<Rest>,
    /// On what it depends; empty if it surely can.
    pub on: BTreeSet<Unknown>,
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Item(id) => id.fmt(f),
            Self::Service { name, .. } => f.write_str(&shown(name)),
            Self::Federated(name) => write!(f, "whom {} vouches for", shown(name)),
            Self::Account(name) => f.write_str(&shown(name)),
            Self::Anyone => f.write_str("anyone with an AWS account"),
            Self::Anonymous => f.write_str("anyone"),
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (who, to) = (&self.who, &self.to);
        match &self.deed {
            Deed::Reads(action) => write!(f, "{who} reads {to} by {action}"),
            Deed::Keeps => write!(f, "{who} keeps {to}"),
            Deed::Assumes(action) => write!(f, "{who} assumes {to} by {action}"),
            Deed::Passes { service, by } => {
                write!(f, "{who} passes {to} to {service} by iam:PassRole and {}", by.join(", "))
            }
            Deed::Runs { on, by } => {
                write!(f, "{who} runs commands as {to} on {on} by {}", by.join(", "))
            }
            Deed::TakesOver(action) => write!(f, "{who} takes over {to} by {action}"),
            Deed::Widens(action) => write!(f, "{who} gives {to} any permission by {action}"),
            Deed::Opens(action) => write!(f, "{who} opens {to} to itself by {action}"),
        }
    }
}

/// A text as people see it: references by their names.
pub(super) fn shown(text: &Text) -> String {
    text.parts()
        .iter()
        .map(|part| match part {
            Part::Literal(literal) => literal.clone(),
            Part::Reference(reference) => format!("<{reference}>"),
            Part::Opaque(_) => "<untold>".to_owned(),
        })
        .collect()
}

/// A text that a pattern has: with something in the place of each wildcard.
pub(super) fn instance(pattern: &Text) -> Text {
    pattern.parts().iter().fold(Text::new(), |text, part| match part {
        Part::Literal(literal) => text.then(literal.replace('*', "any").replace('?', "a")),
        Part::Reference(reference) => text.then(reference.clone()),
        Part::Opaque(references) => text.then(Text::opaque(references.clone())),
    })
}

/// Whether somebody can read something.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It surely can.
    Allowed,
    /// It depends on these.
    Depends(BTreeSet<Unknown>),
}

/// Somebody who can read something, or may be able to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reader {
    /// Who.
    pub who: Who,
    /// Whether.
    pub verdict: Verdict,
    /// How: the shortest way.
    pub how: Vec<Step>,
}

impl Reader {
    /// Whether it reads by its own permissions, not by way of somebody else's or by changing anything.
    pub fn is_direct(&self) -> bool {
        matches!(self.how.as_slice(), [Step { deed: Deed::Reads(_) | Deed::Keeps, .. }])
    }

    /// Whose permissions are used in the end.
    pub fn through(&self) -> Option<&Who> {
        self.how.last().map(|step| &step.who)
    }
}
