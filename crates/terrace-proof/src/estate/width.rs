//! Whether policies allow more than is needed.
//!
//! A statement's reach is a language of pairs of action and ARN. It is compared with what is needed exactly, as one
//! pattern against several (see [`Glob`]); what is beyond has a witness.

use terrace_aws::{Effect, PolicyDocument, Scope, Text};

use crate::access::{Glob, Inclusion, Reading, Token, arn_pattern, tokens};

/// What somebody needs: actions (patterns) on a resource (pattern).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// `s3:GetObject`, `logs:*`
    pub action: String,
    /// An ARN or a pattern of ARNs.
    pub resource: Text,
}

/// Something that a policy allows and nobody needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wider {
    /// In which statement, from 0.
    pub statement: usize,
    /// Its `Sid`.
    pub sid: Option<String>,
    /// The pattern of actions that allows it.
    pub action: String,
    /// The pattern of resources that allows it.
    pub resource: Text,
    /// An action and an ARN that nobody needs, where one is found; none if the patterns are too large to compare.
    pub witness: Option<(String, String)>,
}

/// What a policy allows beyond what is needed. Conditions are not taken into account: with or without, a statement should
/// name what is needed. Denials are not subtracted.
pub fn wider_than(policy: &PolicyDocument, needed: &[Need]) -> Vec<Wider> {
    let PolicyDocument::Statements(all) = policy else { return Vec::new() };
    let needs: Vec<Glob> = needed.iter().map(|need| pair(&need.action, &need.resource)).collect();
    let needs: Vec<&Glob> = needs.iter().collect();
    let mut found = Vec::new();
    for (at, statement) in all.iter().enumerate().filter(|(_, one)| one.effect == Effect::Allow) {
        let any = [Text::from("*")];
        let everything = ["*".to_owned()];
        // `NotAction` and `NotResource` allow, beyond what they list, what nobody can list.
        let actions = match &statement.actions {
            Scope::Only(actions) => actions.as_slice(),
            Scope::AllBut(_) => &everything,
        };
        let resources = match &statement.resources {
            Some(Scope::Only(resources)) => resources.as_slice(),
            Some(Scope::AllBut(_)) | None => &any,
        };
        for action in actions {
            for resource in resources {
                let witness = match pair(action, resource).within(&needs) {
                    Inclusion::Within => continue,
                    Inclusion::Beyond(text) => split(&text),
                    Inclusion::TooLarge => None,
                };
                let (action, resource, sid) = (action.clone(), resource.clone(), statement.sid.clone());
                found.push(Wider { statement: at, sid, action, resource, witness });
            }
        }
    }
    found
}

/// Stands for the colon of an action, so that the first real colon ends it.
const COLON: char = '\u{1}';

/// The pattern of `ACTION:ARN`, the action in lower case, its own colon replaced.
fn pair(action: &str, resource: &Text) -> Glob {
    let action = action.to_ascii_lowercase().replace(':', &COLON.to_string());
    let mut all: Vec<Token> = Glob::new(&action)
        .0
        .into_iter()
        .map(|token| match token {
            Token::Any => Token::AnyInField,
            Token::One => Token::OneInField,
            other => other,
        })
        .collect();
    all.push(Token::Char(':'));
    all.extend(arn_pattern(tokens(resource, Reading::Wild), true));
    Glob(all)
}

fn split(text: &str) -> Option<(String, String)> {
    let (action, arn) = text.split_once(':')?;
    Some((action.replace(COLON, ":"), arn.to_owned()))
}

/// What a wildcard stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wild {
    /// Every action there is: `*`.
    EveryAction,
    /// Every action of a service: `s3:*`.
    EveryActionOfService,
    /// Some actions by their beginning: `s3:Get*`.
    SomeActions,
    /// All actions but some: `NotAction`.
    AllActionsBut,
    /// Every resource: `*`.
    EveryResource,
    /// Some resources: `arn:aws:s3:::logs-*`.
    SomeResources,
    /// All resources but some: `NotResource`.
    AllResourcesBut,
    /// Anyone: `"Principal": "*"`.
    Everyone,
}

/// A wildcard in a statement that allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wildcard {
    /// In which statement, from 0.
    pub statement: usize,
    /// Its `Sid`.
    pub sid: Option<String>,
    /// What it stands for.
    pub wild: Wild,
    /// As it is written.
    pub text: String,
    /// Whether the statement has conditions.
    pub conditional: bool,
}

/// Every wildcard of a policy's allowing statements.
pub fn wildcards(policy: &PolicyDocument) -> Vec<Wildcard> {
    let PolicyDocument::Statements(all) = policy else { return Vec::new() };
    let mut found = Vec::new();
    for (at, statement) in all.iter().enumerate().filter(|(_, one)| one.effect == Effect::Allow) {
        let mut add = |wild, text: String| {
            let (sid, conditional) = (statement.sid.clone(), !statement.conditions.is_empty());
            found.push(Wildcard { statement: at, sid, wild, text, conditional });
        };
        match &statement.actions {
            Scope::AllBut(actions) => add(Wild::AllActionsBut, actions.join(", ")),
            Scope::Only(actions) => {
                for action in actions.iter().filter(|one| one.contains(['*', '?'])) {
                    let wild = match action.split_once(':') {
                        None => Wild::EveryAction,
                        Some((service, _)) if service.contains(['*', '?']) => Wild::EveryAction,
                        Some((_, "*")) => Wild::EveryActionOfService,
                        Some(_) => Wild::SomeActions,
                    };
                    add(wild, action.clone());
                }
            }
        }
        match &statement.resources {
            None => {}
            Some(Scope::AllBut(resources)) => {
                let texts: Vec<String> = resources.iter().map(super::reader::shown).collect();
                add(Wild::AllResourcesBut, texts.join(", "));
            }
            Some(Scope::Only(resources)) => {
                for resource in resources {
                    let wild = tokens(resource, Reading::Wild).contains(&Token::Any);
                    match resource.literal() {
                        Some("*") => add(Wild::EveryResource, "*".to_owned()),
                        _ if wild => add(Wild::SomeResources, super::reader::shown(resource)),
                        _ => {}
                    }
                }
            }
        }
        let everyone = match &statement.principals {
            Some(Scope::Only(listed)) => listed.values().flatten().any(|name| name.literal() == Some("*")),
            Some(Scope::AllBut(_)) => true,
            None => false,
        };
        if everyone {
            add(Wild::Everyone, "*".to_owned());
        }
    }
    found
}
