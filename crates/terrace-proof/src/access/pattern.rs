//! Texts of policies as patterns: wildcards, policy variables, references whose values are not known.
//!
//! ARNs are matched field by field for the first five fields (AWS: "IAM JSON policy elements: Resource"); references to
//! the ARN of a known kind of resource are known to have that kind's form.

use terrace_aws::{Mode, Part, Reference, Text};

use super::context::{Context, Known};
use super::glob::{Glob, Inclusion, Overlap, Token};
use super::truth::{Truth, Unknown};

/// What the characters of a text mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Themselves.
    Literal,
    /// `*` and `?` are wildcards.
    Wild,
}

/// The tokens of a text; variables are not looked at.
pub(crate) fn tokens(text: &Text, reading: Reading) -> Vec<Token> {
    let mut out = Vec::new();
    for part in text.parts() {
        match part {
            Part::Literal(literal) => out.extend(read(literal, reading)),
            Part::Reference(reference) => out.push(Token::Hole(Unknown::Reference(reference.clone()))),
            // Even of one reference, it is not told what was made of it.
            Part::Opaque(_) => out.push(Token::Hole(Unknown::Text)),
        }
    }
    out
}

fn read(literal: &str, reading: Reading) -> Vec<Token> {
    match reading {
        Reading::Literal => Glob::literal(literal).0,
        Reading::Wild => Glob::new(literal).0,
    }
}

/// The tokens of a policy's text, its variables replaced from the context. None if a variable has no value: such a
/// text matches nothing (AWS: "IAM policy elements: Variables and tags").
pub(crate) fn in_policy(text: &Text, reading: Reading, context: &Context) -> Option<Vec<Token>> {
    let mut out = Vec::new();
    for part in text.parts() {
        let Part::Literal(literal) = part else {
            out.extend(tokens(&Text::new().then(part_text(part)), reading));
            continue;
        };
        let mut rest = literal.as_str();
        while let Some((before, after)) = rest.split_once("${") {
            let Some((inside, next)) = after.split_once('}') else { break };
            out.extend(read(before, reading));
            match inside {
                "*" | "?" | "$" => out.extend(read(inside, Reading::Literal)),
                _ => out.extend(variable(inside, context)?),
            }
            rest = next;
        }
        out.extend(read(rest, reading));
    }
    Some(out)
}

fn part_text(part: &Part) -> Text {
    match part {
        Part::Literal(text) => Text::from(text.as_str()),
        Part::Reference(reference) => Text::from(reference.clone()),
        Part::Opaque(references) => Text::opaque(references.clone()),
    }
}

fn variable(inside: &str, context: &Context) -> Option<Vec<Token>> {
    let (key, default) = match inside.split_once(',') {
        None => (inside.trim(), None),
        Some((key, default)) => {
            (key.trim(), Some(default.trim().trim_start_matches('\'').trim_end_matches('\'')))
        }
    };
    match context.get(key) {
        Some(Known::One(value)) => Some(tokens(value, Reading::Literal)),
        Some(Known::Absent) => default.map(|text| Glob::literal(text).0),
        // AWS replaces only by keys of one value.
        Some(Known::Many(_)) => None,
        None => Some(vec![Token::Hole(Unknown::Key(key.to_ascii_lowercase()))]),
    }
}

/// A pattern of ARNs: wildcards of the first five fields stay in their field. With `complete`, an ARN that ends before
/// its sixth field is completed by wildcards.
pub(crate) fn arn(tokens: Vec<Token>, complete: bool) -> Vec<Token> {
    if tokens == [Token::Any] {
        return tokens;
    }
    let mut field = 0;
    let mut out = Vec::with_capacity(tokens.len());
    for token in tokens {
        let inside = field < 5;
        match token {
            Token::Char(':') => {
                field += 1;
                out.push(Token::Char(':'));
            }
            Token::Any if inside => out.push(Token::AnyInField),
            Token::One if inside => out.push(Token::OneInField),
            Token::Hole(hole) => {
                // What a hole may hold can end any number of fields, unless it is known to be within one.
                if !within_field(&hole) {
                    field = 5;
                }
                out.push(Token::Hole(hole));
            }
            other => out.push(other),
        }
    }
    if complete {
        for at in field..5 {
            out.push(Token::Char(':'));
            out.push(if at == 4 { Token::Any } else { Token::AnyInField });
        }
    }
    out
}

fn within_field(hole: &Unknown) -> bool {
    let Unknown::Reference(reference) = hole else { return false };
    matches!(
        reference.attribute(),
        "account_id"
            | "name"
            | "region"
            | "partition"
            | "dns_suffix"
            | "bucket"
            | "key_id"
            | "resource_id"
            | SUFFIX
    )
}

/// The attribute that stands for the six characters which Secrets Manager puts after a secret's name and a hyphen.
pub const SUFFIX: &str = "random_suffix";

/// What is known of a hole's value.
fn shape(hole: &Unknown) -> Vec<Token> {
    let Unknown::Reference(reference) = hole else { return vec![Token::Any] };
    match reference.attribute() {
        // Twelve digits; six characters that Secrets Manager puts after a secret's name.
        "account_id" => return vec![Token::OneInField; 12],
        SUFFIX => return vec![Token::OneInField; 6],
        _ if within_field(hole) => return vec![Token::AnyInField],
        _ => {}
    }
    let Some((_, type_name)) = reference.target().kind() else { return vec![Token::Any] };
    let form = match (type_name, reference.attribute()) {
        ("aws_s3_bucket", "arn") => "arn:*:s3:::*",
        ("aws_secretsmanager_secret", "arn" | "id") => "arn:*:secretsmanager:*:*:secret:*",
        ("aws_ssm_parameter", "arn") => "arn:*:ssm:*:*:parameter/*",
        ("aws_kms_key", "arn") => "arn:*:kms:*:*:key/*",
        ("aws_iam_role", "arn") => "arn:*:iam::*:role/*",
        ("aws_sns_topic", "arn") => "arn:*:sns:*:*:*",
        ("aws_cloudwatch_log_group", "arn") => "arn:*:logs:*:*:log-group:*",
        ("aws_cloudfront_distribution", "arn") => "arn:*:cloudfront::*:distribution/*",
        ("aws_lb" | "aws_lb_target_group" | "aws_lb_listener", "arn") => "arn:*:elasticloadbalancing:*:*:*",
        ("aws_ecs_cluster" | "aws_ecs_service", "arn" | "id") => "arn:*:ecs:*:*:*",
        _ => return vec![Token::Any],
    };
    Glob::arn(form).0
}

fn filled(tokens: &[Token], keep: impl Fn(&Unknown) -> bool) -> Glob {
    Glob(
        tokens
            .iter()
            .flat_map(|token| match token {
                Token::Hole(hole) if !keep(hole) => shape(hole),
                other => vec![other.clone()],
            })
            .collect(),
    )
}

/// Whether the subject is one of the pattern's texts. A subject may be a pattern itself: then "yes" says all of its
/// texts, "no" none.
pub(crate) fn matches(subject: &[Token], pattern: &[Token]) -> Truth {
    if let Some(different) = two_resources(subject, pattern) {
        return different;
    }
    if let Some(text) = plain(subject)
        && !pattern.iter().any(|token| matches!(token, Token::Hole(_)))
    {
        return Truth::from(Glob(pattern.to_vec()).accepts(text.chars()));
    }
    let shared = |hole: &Unknown| *hole != Unknown::Text && pattern.contains(&Token::Hole(hole.clone()));
    let mut why: Vec<Unknown> = Vec::new();
    match filled(subject, shared).within(&[&Glob(pattern.to_vec())]) {
        Inclusion::Within if !pattern.contains(&Token::Hole(Unknown::Text)) => return Truth::Yes,
        Inclusion::TooLarge => why.push(Unknown::Size),
        _ => {}
    }
    match filled(subject, |_| false).overlap(&filled(pattern, |_| false)) {
        Overlap::Disjoint => return Truth::No,
        Overlap::TooLarge => why.push(Unknown::Size),
        Overlap::Common(_) => {}
    }
    let holes = subject.iter().chain(pattern).filter_map(|token| match token {
        Token::Hole(hole) => Some(hole.clone()),
        _ => None,
    });
    why.extend(holes);
    if why.is_empty() {
        why.push(Unknown::Which(shown(subject)));
    }
    Truth::Unknown(why.into_iter().collect())
}

/// The text, if the tokens are one.
pub(crate) fn plain(tokens: &[Token]) -> Option<String> {
    let literal = |token: &Token| match token {
        Token::Char(c) => Some(*c),
        _ => None,
    };
    tokens.iter().map(literal).collect()
}

/// Two managed resources have two ids: what begins alike and goes on with the id of one is not what goes on with the
/// other's, where what follows shows that both ids have ended.
fn two_resources(subject: &[Token], pattern: &[Token]) -> Option<Truth> {
    let at = subject.iter().zip(pattern).position(|(one, two)| one != two)?;
    let (one, two) = (identity(subject.get(at)?)?, identity(pattern.get(at)?)?);
    let fixed = |token: &Token| matches!(token, Token::Char(_) | Token::Hole(Unknown::Reference(_)));
    let alike = one.attribute() == two.attribute()
        && one.member() == two.member()
        && subject.iter().take(at).all(fixed);
    let ended = |tokens: &[Token]| match tokens.get(at + 1) {
        None => true,
        Some(Token::Char(':')) => one.attribute() != "arn",
        Some(Token::Char('/')) => one.attribute() != "arn" || one.target().kind() == two.target().kind(),
        Some(Token::Char('-')) => one.attribute() == "resource_id",
        Some(_) => false,
    };
    (alike && one.target() != two.target() && ended(subject) && ended(pattern)).then_some(Truth::No)
}

/// A reference to what no two resources of the type share.
fn identity(token: &Token) -> Option<&Reference> {
    let Token::Hole(Unknown::Reference(reference)) = token else { return None };
    let (mode, type_name) = reference.target().kind()?;
    let own = match reference.attribute() {
        "arn" | "key_id" | "resource_id" => true,
        "bucket" => type_name == "aws_s3_bucket",
        "name" => matches!(type_name, "aws_iam_role" | "aws_iam_user"),
        "id" => matches!(type_name, "aws_instance" | "aws_launch_template"),
        _ => false,
    };
    (own && mode == Mode::Managed).then_some(reference)
}

fn shown(tokens: &[Token]) -> String {
    tokens
        .iter()
        .map(|token| match token {
            Token::Char(c) => c.to_string(),
            Token::One | Token::OneInField => "?".to_owned(),
            Token::Any | Token::AnyInField => "*".to_owned(),
            Token::Hole(hole) => format!("<{hole}>"),
        })
        .collect()
}
