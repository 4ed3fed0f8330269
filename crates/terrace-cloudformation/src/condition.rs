//! Conditions: true, false, or depending on parameters that nobody has told.

use terrace_aws::inventory::UnknownName;
use terrace_aws::{Mode, Part, Reference};

use crate::datum::{Content, Datum, Names, unknowns};
use crate::node::{At, Node, Scalar};
use crate::scope::Scope;

/// How far one condition may lead to another.
const FAR: usize = 64;

/// Whether something holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Truth {
    Yes,
    No,
    Depends(Names),
}

impl Truth {
    fn negated(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            depends @ Self::Depends(_) => depends,
        }
    }

    fn of(truth: bool) -> Self {
        if truth { Self::Yes } else { Self::No }
    }

    /// As a value.
    pub(crate) fn content(self) -> Content {
        match self {
            Self::Yes => Content::Bool(true),
            Self::No => Content::Bool(false),
            Self::Depends(names) => Content::Unknown(unknowns(&names)),
        }
    }

    fn on(name: impl Into<String>) -> Self {
        Self::Depends(Names::from([UnknownName::new(name)]))
    }
}

impl Scope<'_> {
    /// Whether a condition of this name holds.
    pub(crate) fn condition(&self, name: &str, at: At) -> Truth {
        if let Some(assumed) = self.reading.given.conditions.get(name).filter(|_| self.prefix.is_empty()) {
            return Truth::of(*assumed);
        }
        match self.conditions.borrow().get(name) {
            Some(Some(known)) => return known.clone(),
            Some(None) => {
                self.pass_over(format!("condition {name}"), "leads back to itself", at);
                return Truth::on(format!("condition {name}"));
            }
            None => {}
        }
        let Some(node) = self.expression(name) else {
            self.pass_over(format!("condition {name}"), "is not defined in this template", at);
            return Truth::on(format!("condition {name}"));
        };
        let open = self.conditions.borrow().values().filter(|known| known.is_none()).take(FAR).count();
        if open == FAR {
            self.pass_over(format!("condition {name}"), format!("leads over more than {FAR} others"), at);
            return Truth::on(format!("condition {name}"));
        }
        self.conditions.borrow_mut().insert(name.to_owned(), None);
        let truth = self.truth(node);
        self.conditions.borrow_mut().insert(name.to_owned(), Some(truth.clone()));
        truth
    }

    /// Whether what is named, or written in place of a name, holds.
    pub(crate) fn holds(&self, condition: &Node) -> Truth {
        match condition.text() {
            Some(name) => self.condition(name, condition.at),
            None => self.truth(condition),
        }
    }

    /// What an expression of conditions comes to.
    pub(crate) fn truth(&self, node: &Node) -> Truth {
        let truth = self.deeper(node.at, || self.truth_here(node));
        truth.unwrap_or_else(|| Truth::on(format!("the condition in line {}", node.at.line)))
    }

    fn truth_here(&self, node: &Node) -> Truth {
        let Some((function, argument)) = node.sole() else {
            return match node.scalar() {
                Some(Scalar::Bool(truth)) => Truth::of(truth),
                Some(Scalar::Text("true")) => Truth::Yes,
                Some(Scalar::Text("false")) => Truth::No,
                _ => self.strange(node),
            };
        };
        match function {
            "Condition" => match argument.text() {
                Some(name) => self.condition(name, argument.at),
                None => self.strange(node),
            },
            "Fn::Not" => match argument.items() {
                [one] => self.truth(one).negated(),
                _ => self.strange(node),
            },
            "Fn::And" => self.all(argument, Truth::No),
            "Fn::Or" => self.all(argument, Truth::Yes),
            "Fn::Equals" => match argument.items() {
                [one, two] => self.equal(one, two),
                _ => self.strange(node),
            },
            "Fn::Contains" => match argument.items() {
                [list, wanted] => self.contains(list, wanted),
                _ => self.strange(node),
            },
            _ => self.strange(node),
        }
    }

    fn strange(&self, node: &Node) -> Truth {
        self.pass_over("a condition", "is of a form that is not known", node.at);
        Truth::on(format!("the condition in line {}", node.at.line))
    }

    /// `decisive` ends the question whatever the others are: no for "and", yes for "or".
    fn all(&self, list: &Node, decisive: Truth) -> Truth {
        let mut names = Names::new();
        for node in list.items() {
            match self.truth(node) {
                Truth::Depends(more) => names.extend(more),
                truth if truth == decisive => return decisive,
                _ => {}
            }
        }
        if names.is_empty() { decisive.negated() } else { Truth::Depends(names) }
    }

    fn equal(&self, one: &Node, two: &Node) -> Truth {
        let impossible = |node: &Node, other: &Datum| {
            let allowed = self.allowed(node);
            other.literal().is_some_and(|literal| !allowed.is_empty() && !allowed.contains(&literal))
        };
        let (left, right) = (self.evaluate(one), self.evaluate(two));
        if left.same(&right) {
            return Truth::Yes;
        }
        match (left.literal(), right.literal()) {
            (Some(_), Some(_)) => Truth::No,
            _ if impossible(one, &right) || impossible(two, &left) => Truth::No,
            _ if differ(&left, &right) => Truth::No,
            _ => Truth::Depends(names(&left).into_iter().chain(names(&right)).collect()),
        }
    }

    fn contains(&self, list: &Node, wanted: &Node) -> Truth {
        let (list, wanted) = (self.evaluate(list), self.evaluate(wanted));
        let Content::List(items) = &list.content else {
            return Truth::Depends(names(&list).into_iter().chain(names(&wanted)).collect());
        };
        if items.iter().any(|item| item.same(&wanted)) {
            return Truth::Yes;
        }
        if wanted.literal().is_some() && items.iter().all(|item| item.literal().is_some()) {
            return Truth::No;
        }
        Truth::Depends(names(&list).into_iter().chain(names(&wanted)).collect())
    }

    /// What a parameter may be, if the node is a `Ref` to one that says so.
    fn allowed(&self, node: &Node) -> Vec<String> {
        let Some(("Ref", name)) = node.sole() else { return Vec::new() };
        let parameter = name.text().and_then(|name| self.definition(name));
        let values = parameter.and_then(|parameter| parameter.get("AllowedValues")).map(Node::items);
        values.unwrap_or_default().iter().map(|value| self.evaluate(value).to_text().to_string()).collect()
    }
}

/// Whether two texts differ whatever their references come to: one literal beginning or end excludes the other, or one is
/// empty and the other has characters.
fn differ(left: &Datum, right: &Datum) -> bool {
    let (left, right) = (left.to_text(), right.to_text());
    let has_characters =
        |text: &terrace_aws::Text| text.parts().iter().any(|part| matches!(part, Part::Literal(_)));
    (left.parts().is_empty() && has_characters(&right)) || (right.parts().is_empty() && has_characters(&left))
}

/// What a value depends on, as names that people know.
pub(crate) fn names(value: &Datum) -> Names {
    let name = |reference: &Reference| match reference.target().kind() {
        Some((Mode::Data, "aws_region")) => UnknownName::new("AWS::Region"),
        Some((Mode::Data, "aws_caller_identity")) => UnknownName::new("AWS::AccountId"),
        _ => UnknownName::new(reference.to_string()),
    };
    value.references().iter().map(name).collect()
}
