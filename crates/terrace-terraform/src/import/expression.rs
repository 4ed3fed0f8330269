//! HCL expressions as values.
//!
//! Known are those that `emit` writes: literals, templates, references, lists, objects, `jsonencode` and
//! `base64encode`. Whoever evaluates modules and loops extends [`value`], which is the only way in.

use std::collections::BTreeMap;
use std::ops::Range;

use hcl_edit::expr::{Expression, FuncCall, Object, ObjectKey, Traversal, TraversalOperator, UnaryOperator};
use hcl_edit::template::{Element, Template};
use hcl_edit::{Decorated, Span as _};
use terrace_aws::{Json, Reference, Text, Value};

use super::reference;

/// Why an expression is no value, and where it stands.
pub(super) struct Refused {
    pub(super) at: Option<Range<usize>>,
    pub(super) why: String,
}

type Known<T> = Result<T, Refused>;

fn refuse<T>(expression: &Expression, why: impl Into<String>) -> Known<T> {
    Err(Refused { at: expression.span(), why: why.into() })
}

/// The value of an expression; none for `null`, which is the same as leaving the argument out.
pub(super) fn value(expression: &Expression) -> Known<Option<Value>> {
    Ok(Some(match expression {
        Expression::Null(_) => return Ok(None),
        Expression::Bool(value) => Value::Bool(*value.value()),
        Expression::Number(_) | Expression::UnaryOp(_) => number(expression)?,
        Expression::Array(items) => {
            Value::List(items.iter().filter_map(|item| value(item).transpose()).collect::<Known<_>>()?)
        }
        Expression::Object(object) => Value::Map(map(object)?),
        Expression::Parenthesis(inner) => return value(inner.inner()),
        Expression::FuncCall(call) => called(expression, call)?,
        _ => Value::Text(text(expression)?),
    }))
}

fn called(expression: &Expression, call: &FuncCall) -> Known<Value> {
    let mut arguments = call.args.iter();
    let (Some(argument), None, false) = (arguments.next(), arguments.next(), call.name.is_namespaced())
    else {
        return refuse(expression, "only `jsonencode` and `base64encode` of one argument are known");
    };
    match call.name.name.as_str() {
        "jsonencode" => json(argument).map(Value::Json),
        "base64encode" => text(argument).map(Value::Base64),
        other => refuse(
            expression,
            format!("the function `{other}` is not known; `jsonencode` and `base64encode` are"),
        ),
    }
}

fn map(object: &Object) -> Known<BTreeMap<String, Value>> {
    let mut items = BTreeMap::new();
    for (key, item) in object.iter() {
        if let Some(value) = value(item.expr())? {
            items.insert(key_of(key)?, value);
        }
    }
    Ok(items)
}

fn key_of(key: &ObjectKey) -> Known<String> {
    match key {
        ObjectKey::Ident(name) => Ok(name.as_str().to_owned()),
        ObjectKey::Expression(expression) => match text(expression)?.literal() {
            Some(literal) => Ok(literal.to_owned()),
            None => refuse(expression, "a key has to be literal"),
        },
    }
}

fn json(expression: &Expression) -> Known<Json> {
    Ok(match expression {
        Expression::Null(_) => Json::Null,
        Expression::Bool(value) => Json::Bool(*value.value()),
        Expression::Number(_) | Expression::UnaryOp(_) => match number(expression)? {
            Value::Int(number) => Json::Int(number),
            _ => return refuse(expression, "numbers in JSON have to be whole"),
        },
        Expression::Array(items) => Json::List(items.iter().map(json).collect::<Known<_>>()?),
        Expression::Object(object) => Json::Object(
            object.iter().map(|(key, item)| Ok((key_of(key)?, json(item.expr())?))).collect::<Known<_>>()?,
        ),
        Expression::Parenthesis(inner) => return json(inner.inner()),
        _ => Json::Text(text(expression)?),
    })
}

fn number(expression: &Expression) -> Known<Value> {
    let wrong = || refuse(expression, "a number with three decimals at most was expected");
    match expression {
        Expression::Number(number) => {
            if let Some(whole) = number.value().as_i64() {
                return Ok(Value::Int(whole));
            }
            // Read from the number's text: a float would lose what was written.
            let spelled = number.value().to_string();
            let (whole, decimals) = spelled.split_once('.').unwrap_or((&spelled, ""));
            if decimals.len() > 3 || !decimals.bytes().all(|b| b.is_ascii_digit()) {
                return wrong();
            }
            let thousandths = format!("{whole}{decimals:0<3}").parse();
            thousandths.map_or_else(|_| wrong(), |thousandths| Ok(Value::Milli(thousandths)))
        }
        Expression::UnaryOp(minus) if *minus.operator.value() == UnaryOperator::Neg => {
            let negative = match number_inside(&minus.expr)? {
                Value::Int(number) => number.checked_neg().map(Value::Int),
                Value::Milli(number) => number.checked_neg().map(Value::Milli),
                _ => None,
            };
            negative.map_or_else(wrong, Ok)
        }
        _ => wrong(),
    }
}

/// One sign before a number, not any depth of them.
fn number_inside(expression: &Expression) -> Known<Value> {
    match expression {
        Expression::Number(_) => number(expression),
        _ => refuse(expression, "a number was expected"),
    }
}

fn text(expression: &Expression) -> Known<Text> {
    match expression {
        Expression::String(text) => Ok(Text::from(text.value().as_str())),
        Expression::StringTemplate(template) => parts(expression, template),
        Expression::HeredocTemplate(heredoc) => parts(expression, &heredoc.template),
        Expression::Traversal(traversal) => match referred(traversal) {
            Some(reference) => Ok(Text::from(reference)),
            None => refuse(expression, "this is no reference to a kind of resource that Terrace knows"),
        },
        Expression::Parenthesis(inner) => text(inner.inner()),
        _ => refuse(expression, "text, a number, a list, an object or a reference was expected"),
    }
}

fn parts(expression: &Expression, template: &Template) -> Known<Text> {
    let mut all = Text::new();
    for element in template {
        all = match element {
            Element::Literal(literal) => all.then(literal.as_str()),
            Element::Interpolation(interpolation) => all.then(text(&interpolation.expr)?),
            Element::Directive(_) => return refuse(expression, "`%{ … }` in a template is not known"),
        };
    }
    Ok(all)
}

/// What a traversal refers to. The element of a set has no number: `one(….domain_validation_options).domain_name`.
fn referred(traversal: &Traversal) -> Option<Reference> {
    let Expression::FuncCall(call) = &traversal.expr else { return reference::parse(&spelled(traversal)?) };
    let (Some(Expression::Traversal(set)), 1, "one") =
        (call.args.get(0), call.args.len(), call.name.name.as_str())
    else {
        return None;
    };
    let whole = reference::parse(&spelled(set)?)?;
    let mut member = String::new();
    follow(&traversal.operators, &mut member)?;
    Some(Reference::only(whole.target().clone(), whole.attribute(), member.strip_prefix('.')?))
}

/// A traversal as text: `aws_db_instance.main.master_user_secret[0].secret_arn`.
pub(super) fn spelled(traversal: &Traversal) -> Option<String> {
    let Expression::Variable(first) = &traversal.expr else { return None };
    let mut all = first.as_str().to_owned();
    follow(&traversal.operators, &mut all)?;
    Some(all)
}

fn follow(operators: &[Decorated<TraversalOperator>], all: &mut String) -> Option<()> {
    for operator in operators {
        match operator.value() {
            TraversalOperator::GetAttr(name) => {
                all.push('.');
                all.push_str(name.as_str());
            }
            TraversalOperator::Index(Expression::Number(number)) => {
                all.push_str(&format!("[{}]", number.value().as_i64()?));
            }
            TraversalOperator::LegacyIndex(number) => all.push_str(&format!("[{}]", number.value())),
            TraversalOperator::Index(_)
            | TraversalOperator::AttrSplat(_)
            | TraversalOperator::FullSplat(_) => return None,
        }
    }
    Some(())
}

/// A bare name, a dotted one, or a text: what `depends_on` and `ignore_changes` list.
pub(super) fn name(expression: &Expression) -> Known<String> {
    let found = match expression {
        Expression::Variable(name) => Some(name.as_str().to_owned()),
        Expression::Traversal(traversal) => spelled(traversal),
        Expression::String(text) => Some(text.value().clone()),
        _ => None,
    };
    found.map_or_else(|| refuse(expression, "a name was expected"), Ok)
}
