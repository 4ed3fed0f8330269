//! Policy documents of IAM and of resources, typed.
//!
//! Shapes after the AWS page "IAM JSON policy elements reference".

use std::collections::{BTreeMap, BTreeSet};

use crate::{Field, Json, Misfit, Reference, Text, Value};

/// A policy document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PolicyDocument {
    /// Its statements in order.
    Statements(Vec<Statement>),
    /// Made of these references, in a way that the document read does not tell.
    Opaque(BTreeSet<Reference>),
}

/// Allow or deny.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// `Allow`
    Allow,
    /// `Deny`
    Deny,
}

/// The listed ones, or all but the listed ones (`NotAction`, `NotResource`, `NotPrincipal`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope<T> {
    /// These.
    Only(T),
    /// All others.
    AllBut(T),
}

/// What kind of principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PrincipalKind {
    /// `AWS`: accounts, roles, users; `*` is anyone.
    Aws,
    /// `Service`
    Service,
    /// `Federated`
    Federated,
    /// `CanonicalUser`
    CanonicalUser,
}

/// Principals by kind.
pub type Principals = BTreeMap<PrincipalKind, Vec<Text>>;

/// `"Condition": { operator: { key: values } }`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// `StringEquals`, `ArnLike`, …
    pub operator: String,
    /// `aws:SourceArn`, …
    pub key: String,
    /// Any of these.
    pub values: Vec<Text>,
}

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// `Sid`
    pub sid: Option<String>,
    /// `Effect`
    pub effect: Effect,
    /// `Principal`; none in a policy of an identity.
    pub principals: Option<Scope<Principals>>,
    /// `Action`
    pub actions: Scope<Vec<String>>,
    /// `Resource`; none in a trust policy.
    pub resources: Option<Scope<Vec<Text>>>,
    /// All of these.
    pub conditions: Vec<Condition>,
}

impl Statement {
    /// Allows these actions; on what and to whom is said next.
    pub fn allow<const N: usize>(sid: &str, actions: [&str; N]) -> Self {
        Self {
            sid: Some(sid.to_owned()),
            effect: Effect::Allow,
            principals: None,
            actions: Scope::Only(actions.iter().map(|a| (*a).to_owned()).collect()),
            resources: None,
            conditions: Vec::new(),
        }
    }

    /// Denies these actions.
    pub fn deny<const N: usize>(sid: &str, actions: [&str; N]) -> Self {
        Self { effect: Effect::Deny, ..Self::allow(sid, actions) }
    }

    /// On these resources.
    #[must_use]
    pub fn on(mut self, resources: impl IntoIterator<Item = Text>) -> Self {
        self.resources = Some(Scope::Only(resources.into_iter().collect()));
        self
    }

    /// To this principal too.
    #[must_use]
    pub fn to(mut self, kind: PrincipalKind, name: impl Into<Text>) -> Self {
        let mut all = match self.principals.take() {
            Some(Scope::Only(all)) => all,
            _ => Principals::new(),
        };
        all.entry(kind).or_default().push(name.into());
        self.principals = Some(Scope::Only(all));
        self
    }

    /// Only if.
    #[must_use]
    pub fn when(mut self, operator: &str, key: &str, values: impl IntoIterator<Item = Text>) -> Self {
        let values = values.into_iter().collect();
        self.conditions.push(Condition { operator: operator.to_owned(), key: key.to_owned(), values });
        self
    }
}

impl PolicyDocument {
    /// The trust policy that lets a service of AWS assume a role.
    pub fn trusting(service: &str) -> Self {
        Self::Statements(vec![
            Statement { sid: None, ..Statement::allow("", ["sts:AssumeRole"]) }
                .to(PrincipalKind::Service, service),
        ])
    }

    /// As a plan's JSON would tell it.
    #[must_use]
    pub fn forgotten(&self) -> Self {
        let mut references = Vec::new();
        self.json().references(&mut references);
        if references.is_empty() { self.clone() } else { Self::Opaque(references.into_iter().collect()) }
    }

    /// The document as JSON.
    pub fn json(&self) -> Json {
        match self {
            Self::Opaque(references) => Json::Text(Text::opaque(references.clone())),
            Self::Statements(statements) => Json::object([
                ("Version", Json::text("2012-10-17")),
                ("Statement", Json::List(statements.iter().map(statement_json).collect())),
            ]),
        }
    }
}

impl Field for PolicyDocument {
    fn write(&self) -> Option<Value> {
        Some(match self {
            Self::Opaque(references) => Value::Opaque(references.iter().cloned().collect()),
            Self::Statements(_) => Value::Json(self.json()),
        })
    }

    fn read(value: Option<&Value>) -> Result<Self, Misfit> {
        match Json::read(value)? {
            Json::Text(text) if text.literal().is_none() => {
                Ok(Self::Opaque(text.references().cloned().collect()))
            }
            Json::Object(fields) => {
                let statements = find(&fields, "Statement").ok_or(Misfit::Missing.inside("Statement"))?;
                many(statements)
                    .iter()
                    .map(|one| read_statement(one))
                    .collect::<Result<_, _>>()
                    .map(Self::Statements)
            }
            _ => Err(Misfit::Expected("a policy document")),
        }
    }
}

fn one_or_many(mut items: Vec<Json>) -> Json {
    match (items.pop(), items.is_empty()) {
        (Some(only), true) => only,
        (last, _) => {
            items.extend(last);
            Json::List(items)
        }
    }
}

fn texts(items: &[Text]) -> Json {
    one_or_many(items.iter().cloned().map(Json::Text).collect())
}

fn principals_json(principals: &Principals) -> Json {
    let anyone = principals.len() == 1
        && principals
            .get(&PrincipalKind::Aws)
            .is_some_and(|all| matches!(all.as_slice(), [one] if one.literal() == Some("*")));
    if anyone {
        return Json::text("*");
    }
    let name = |kind: &PrincipalKind| match kind {
        PrincipalKind::Aws => "AWS",
        PrincipalKind::Service => "Service",
        PrincipalKind::Federated => "Federated",
        PrincipalKind::CanonicalUser => "CanonicalUser",
    };
    Json::Object(principals.iter().map(|(kind, all)| (name(kind).to_owned(), texts(all))).collect())
}

fn statement_json(statement: &Statement) -> Json {
    let mut fields: Vec<(String, Json)> = Vec::new();
    let mut push = |name: &str, value: Json| fields.push((name.to_owned(), value));
    if let Some(sid) = &statement.sid {
        push("Sid", Json::text(sid.as_str()));
    }
    push(
        "Effect",
        Json::text(match statement.effect {
            Effect::Allow => "Allow",
            Effect::Deny => "Deny",
        }),
    );
    match &statement.principals {
        None => {}
        Some(Scope::Only(all)) => push("Principal", principals_json(all)),
        Some(Scope::AllBut(all)) => push("NotPrincipal", principals_json(all)),
    }
    let words = |all: &Vec<String>| one_or_many(all.iter().map(|word| Json::text(word.as_str())).collect());
    match &statement.actions {
        Scope::Only(all) => push("Action", words(all)),
        Scope::AllBut(all) => push("NotAction", words(all)),
    }
    match &statement.resources {
        None => {}
        Some(Scope::Only(all)) => push("Resource", texts(all)),
        Some(Scope::AllBut(all)) => push("NotResource", texts(all)),
    }
    if !statement.conditions.is_empty() {
        let mut operators: Vec<(String, Vec<(String, Json)>)> = Vec::new();
        for condition in &statement.conditions {
            let entry = (condition.key.clone(), texts(&condition.values));
            match operators.iter_mut().find(|(operator, _)| *operator == condition.operator) {
                Some((_, keys)) => keys.push(entry),
                None => operators.push((condition.operator.clone(), vec![entry])),
            }
        }
        push(
            "Condition",
            Json::Object(operators.into_iter().map(|(o, keys)| (o, Json::Object(keys))).collect()),
        );
    }
    Json::Object(fields)
}

fn find<'a>(fields: &'a [(String, Json)], name: &str) -> Option<&'a Json> {
    fields.iter().find(|(known, _)| known == name).map(|(_, value)| value)
}

fn many(json: &Json) -> Vec<&Json> {
    match json {
        Json::List(items) => items.iter().collect(),
        other => vec![other],
    }
}

fn read_texts(json: &Json) -> Result<Vec<Text>, Misfit> {
    many(json)
        .into_iter()
        .map(|item| match item {
            Json::Text(text) => Ok(text.clone()),
            Json::Bool(value) => Ok(Text::from(value.to_string())),
            Json::Int(number) => Ok(Text::from(number.to_string())),
            _ => Err(Misfit::Expected("text")),
        })
        .collect()
}

fn read_principals(json: &Json) -> Result<Principals, Misfit> {
    match json {
        Json::Text(text) => Ok(Principals::from([(PrincipalKind::Aws, vec![text.clone()])])),
        Json::Object(fields) => fields
            .iter()
            .map(|(kind, all)| {
                let kind = match kind.as_str() {
                    "AWS" => PrincipalKind::Aws,
                    "Service" => PrincipalKind::Service,
                    "Federated" => PrincipalKind::Federated,
                    "CanonicalUser" => PrincipalKind::CanonicalUser,
                    other => return Err(Misfit::Invalid(format!("`{other}` is no kind of principal"))),
                };
                Ok((kind, read_texts(all)?))
            })
            .collect(),
        _ => Err(Misfit::Expected("a principal")),
    }
}

fn scope<T>(
    fields: &[(String, Json)],
    (only, all_but): (&str, &str),
    read: impl Fn(&Json) -> Result<T, Misfit>,
) -> Result<Option<Scope<T>>, Misfit> {
    match (find(fields, only), find(fields, all_but)) {
        (None, None) => Ok(None),
        (Some(these), None) => read(these).map(|these| Some(Scope::Only(these))).map_err(|m| m.inside(only)),
        (None, Some(these)) => {
            read(these).map(|these| Some(Scope::AllBut(these))).map_err(|m| m.inside(all_but))
        }
        (Some(_), Some(_)) => Err(Misfit::Invalid(format!("has both `{only}` and `{all_but}`"))),
    }
}

fn read_words(json: &Json) -> Result<Vec<String>, Misfit> {
    let literal = |text: Text| text.literal().map(str::to_owned).ok_or(Misfit::Expected("literal text"));
    read_texts(json)?.into_iter().map(literal).collect()
}

fn read_statement(json: &Json) -> Result<Statement, Misfit> {
    let Json::Object(fields) = json else { return Err(Misfit::Expected("a statement")) };
    let sid = find(fields, "Sid").map(read_words).transpose()?.and_then(|all| all.into_iter().next());
    let effect = match find(fields, "Effect").map(read_words).transpose()?.as_deref() {
        Some([effect]) if effect == "Allow" => Effect::Allow,
        Some([effect]) if effect == "Deny" => Effect::Deny,
        _ => return Err(Misfit::Expected("Allow or Deny").inside("Effect")),
    };
    let mut conditions = Vec::new();
    if let Some(Json::Object(operators)) = find(fields, "Condition") {
        for (operator, keys) in operators {
            let Json::Object(keys) = keys else {
                return Err(Misfit::Expected("a condition").inside(operator));
            };
            for (key, values) in keys {
                conditions.push(Condition {
                    operator: operator.clone(),
                    key: key.clone(),
                    values: read_texts(values)?,
                });
            }
        }
    }
    Ok(Statement {
        sid,
        effect,
        principals: scope(fields, ("Principal", "NotPrincipal"), read_principals)?,
        actions: scope(fields, ("Action", "NotAction"), read_words)?
            .ok_or(Misfit::Missing.inside("Action"))?,
        resources: scope(fields, ("Resource", "NotResource"), read_texts)?,
        conditions,
    })
}
