//! Expressions → values.

use std::collections::BTreeMap;
use std::rc::Rc;

use hcl_edit::expr::{BinaryOperator, Expression, ForExpr, ObjectKey, UnaryOperator};

use super::convert;
use super::scope::{Named, Scope};
use super::source;
use super::template::Blanks;
use super::val::{Number, Rest, Val, refs_in};
use super::world::{Known, Stop, World};

impl World<'_> {
    /// The value of an expression where it stands.
    pub(super) fn eval(&self, expression: &Expression, scope: Scope<'_>) -> Known {
        self.deeper(|| self.expression(expression, scope))
    }

    /// The same, where what is not told is a value as well.
    pub(super) fn told(&self, expression: &Expression, scope: Scope<'_>) -> Known {
        match self.eval(expression, scope) {
            Err(Stop::Unknown(refs)) => Ok(Val::Unknown(refs)),
            other => other,
        }
    }

    fn expression(&self, expression: &Expression, scope: Scope<'_>) -> Known {
        Ok(match expression {
            Expression::Null(_) => Val::Null,
            Expression::Bool(value) => Val::Bool(*value.value()),
            Expression::Number(number) => {
                let number = number.value();
                Val::Number(match (number.as_i64(), number.as_f64()) {
                    (Some(whole), _) => Number::Int(whole),
                    (None, Some(value)) => Number::of(value),
                    (None, None) => return Err(Stop::wrong("this number is too large")),
                })
            }
            Expression::String(text) => Val::text(text.value().as_str()),
            Expression::StringTemplate(template) => self.template(template.iter(), Blanks::All, scope)?,
            Expression::HeredocTemplate(heredoc) => {
                let blanks = Blanks::Line { indent: heredoc.indent().unwrap_or(0) };
                self.template(heredoc.template.iter(), blanks, scope)?
            }
            Expression::Array(items) => {
                Val::list(items.iter().map(|item| self.told(item, scope)).collect::<Known<_>>()?)
            }
            Expression::Object(object) => {
                let mut all = BTreeMap::new();
                for (key, value) in object.iter() {
                    let key = match key {
                        ObjectKey::Ident(name) => name.as_str().to_owned(),
                        ObjectKey::Expression(expression) => self.key(expression, scope)?,
                    };
                    all.insert(source::key(&key).to_owned(), self.told(value.expr(), scope)?);
                }
                Val::map(all)
            }
            Expression::Parenthesis(inner) => self.eval(inner.inner(), scope)?,
            Expression::Variable(name) => match scope.find(name.as_str()) {
                Some(value) => value.clone(),
                None => return Err(Stop::Wrong(format!("`{}` means nothing here", name.as_str()))),
            },
            Expression::Conditional(choice) => {
                let condition = self.told(&choice.cond_expr, scope)?;
                match convert::truth(&condition) {
                    Ok(true) => beside(self.eval(&choice.true_expr, scope)?, &choice.false_expr),
                    Ok(false) => beside(self.eval(&choice.false_expr, scope)?, &choice.true_expr),
                    Err(Stop::Unknown(why)) => {
                        let (yes, no) =
                            (self.tried(&choice.true_expr, scope)?, self.tried(&choice.false_expr, scope)?);
                        match (yes, no) {
                            (Some(yes), Some(no)) => either(&condition, yes, no),
                            (Some(one), None) | (None, Some(one)) => either(&condition, one, Val::Null),
                            (None, None) => Val::Unknown(why),
                        }
                    }
                    Err(other) => return Err(other),
                }
            }
            Expression::FuncCall(call) => self.function(call, scope)?,
            Expression::Traversal(traversal) => self.traversal(traversal, scope)?,
            Expression::UnaryOp(operation) => {
                let value = self.eval(&operation.expr, scope)?;
                match operation.operator.value() {
                    UnaryOperator::Not => Val::Bool(!convert::truth(&value)?),
                    UnaryOperator::Neg => Val::Number(match convert::number(&value)? {
                        Number::Int(whole) => match whole.checked_neg() {
                            Some(whole) => Number::Int(whole),
                            None => Number::of(-Number::Int(whole).float()),
                        },
                        Number::Float(value) => Number::of(-value),
                    }),
                }
            }
            Expression::BinaryOp(operation) => {
                let left = self.told(&operation.lhs_expr, scope)?;
                let operator = *operation.operator.value();
                let right = self.told(&operation.rhs_expr, scope)?;
                binary(operator, &left, &right)?
            }
            Expression::ForExpr(expression) => self.for_each(expression, scope)?,
        })
    }

    /// None if Terraform would call it an error.
    fn tried(&self, expression: &Expression, scope: Scope<'_>) -> Known<Option<Val>> {
        match self.told(expression, scope) {
            Err(Stop::Wrong(_)) => Ok(None),
            other => other.map(Some),
        }
    }

    /// The key of an object. A lone name stands for itself.
    fn key(&self, expression: &Expression, scope: Scope<'_>) -> Known<String> {
        match expression {
            Expression::Variable(name) => Ok(name.as_str().to_owned()),
            other => convert::literal(&self.eval(other, scope)?),
        }
    }

    fn for_each(&self, expression: &ForExpr, scope: Scope<'_>) -> Known {
        let collection = self.told(&expression.intro.collection_expr, scope)?;
        let value_name = expression.intro.value_var.as_str();
        let key_name = expression.intro.key_var.as_ref().map(|name| name.as_str());
        let mut list = Vec::new();
        let mut grouped: BTreeMap<String, Vec<Val>> = BTreeMap::new();
        for (key, value) in pairs(&collection)? {
            let (value, rest) = match value {
                Val::Rest(rest) => (rest.each.clone(), Some(Rc::clone(&rest.why))),
                value => (value, None),
            };
            let outer = scope.name(value_name, &value);
            let inner = match key_name {
                Some(name) => Named::after(name, &key, Some(&outer)),
                None => Named::after(value_name, &value, None),
            };
            let inner = scope.within(Some(if key_name.is_some() { &inner } else { &outer }));
            let mut maybe = rest;
            if let Some(condition) = &expression.cond {
                let condition = self.told(&condition.expr, inner)?;
                match convert::truth(&condition) {
                    Ok(false) => continue,
                    Ok(true) => {}
                    Err(Stop::Unknown(why)) => maybe = Some(why),
                    Err(other) => return Err(other),
                }
            }
            if let Some(key) = &expression.key_expr {
                if let Some(why) = maybe {
                    return Err(Stop::Unknown(why));
                }
                let key = convert::literal(&self.eval(key, inner)?)?;
                if !expression.grouping && grouped.contains_key(&key) {
                    return Err(Stop::Wrong(format!("two elements have the key `{key}`")));
                }
                grouped.entry(key).or_default().push(self.told(&expression.value_expr, inner)?);
            } else {
                let each = self.told(&expression.value_expr, inner)?;
                list.push(match maybe {
                    Some(why) => Val::Rest(Rc::new(Rest { each, why })),
                    None => each,
                });
            }
        }
        Ok(if expression.key_expr.is_none() {
            Val::list(list)
        } else if expression.grouping {
            Val::map(grouped.into_iter().map(|(key, all)| (key, Val::list(all))).collect())
        } else {
            Val::map(grouped.into_iter().filter_map(|(key, mut all)| Some((key, all.pop()?))).collect())
        })
    }
}

/// Keys and values, in the order in which Terraform goes through them.
pub(super) fn pairs(collection: &Val) -> Known<Vec<(Val, Val)>> {
    Ok(match collection.bare() {
        Val::List(node) => {
            let mut untold = false;
            let mut all = Vec::with_capacity(node.items.len());
            for (at, item) in node.items.iter().enumerate() {
                untold |= matches!(item, Val::Rest(_));
                let key = if untold { Val::Unknown(refs_in([item])) } else { Val::int(at) };
                all.push((key, item.clone()));
            }
            all
        }
        Val::Set(node) => node
            .items
            .iter()
            .map(|item| match item {
                Val::Rest(rest) => (rest.each.clone(), item.clone()),
                item => (item.clone(), item.clone()),
            })
            .collect(),
        Val::Map(node) => {
            node.items.iter().map(|(key, item)| (Val::text(key.as_str()), item.clone())).collect()
        }
        other @ (Val::Unknown(_) | Val::Pointer(_)) => {
            let each = match other {
                Val::Pointer(pointer) => Val::Unknown(Rc::new([pointer.to.clone()].into())),
                other => other.clone(),
            };
            let rest = Rest { each: each.clone(), why: Rc::new(other.refs()) };
            vec![(each, Val::Rest(Rc::new(rest)))]
        }
        other => return Err(convert::not(other, "a list, a set or a map")),
    })
}

/// Both sides of a choice are of one type: beside a text, a number is text.
fn beside(value: Val, other: &Expression) -> Val {
    match (&value, other) {
        (
            Val::Number(_) | Val::Bool(_),
            Expression::String(_) | Expression::StringTemplate(_) | Expression::HeredocTemplate(_),
        ) => convert::text(&value).map_or(value, Val::text),
        _ => value,
    }
}

/// One of two, and it is not told which.
fn either(condition: &Val, yes: Val, no: Val) -> Val {
    if convert::same(&yes, &no).is_ok_and(|same| same) {
        return yes;
    }
    Val::Unknown(refs_in([condition, &yes, &no]))
}

fn binary(operator: BinaryOperator, left: &Val, right: &Val) -> Known {
    let numbers = || Ok((convert::number(left)?, convert::number(right)?));
    Ok(match operator {
        BinaryOperator::Eq => Val::Bool(convert::same(left, right)?),
        BinaryOperator::NotEq => Val::Bool(!convert::same(left, right)?),
        BinaryOperator::And | BinaryOperator::Or => {
            // Where one side decides, the other may be unknown.
            let decides = operator == BinaryOperator::Or;
            match (convert::truth(left), convert::truth(right)) {
                (Ok(a), _) if a == decides => Val::Bool(decides),
                (_, Ok(b)) if b == decides => Val::Bool(decides),
                (Ok(_), Ok(_)) => Val::Bool(!decides),
                (Err(Stop::Unknown(_)), Err(Stop::Unknown(_))) => {
                    return Err(Stop::Unknown(refs_in([left, right])));
                }
                (Err(stop), _) | (_, Err(stop)) => return Err(stop),
            }
        }
        BinaryOperator::Less
        | BinaryOperator::LessEq
        | BinaryOperator::Greater
        | BinaryOperator::GreaterEq => {
            let (a, b): (Number, Number) = numbers()?;
            let (a, b) = (a.float(), b.float());
            Val::Bool(match operator {
                BinaryOperator::Less => a < b,
                BinaryOperator::LessEq => a <= b,
                BinaryOperator::Greater => a > b,
                _ => a >= b,
            })
        }
        BinaryOperator::Plus
        | BinaryOperator::Minus
        | BinaryOperator::Mul
        | BinaryOperator::Div
        | BinaryOperator::Mod => {
            let (a, b) = numbers()?;
            Val::Number(calculated(operator, a, b)?)
        }
    })
}

fn calculated(operator: BinaryOperator, a: Number, b: Number) -> Known<Number> {
    if let (Number::Int(a), Number::Int(b)) = (a, b) {
        let whole = match operator {
            BinaryOperator::Plus => a.checked_add(b),
            BinaryOperator::Minus => a.checked_sub(b),
            BinaryOperator::Mul => a.checked_mul(b),
            BinaryOperator::Mod => a.checked_rem(b),
            _ if b != 0 && a.checked_rem(b) == Some(0) => a.checked_div(b),
            _ => None,
        };
        if let Some(whole) = whole {
            return Ok(Number::Int(whole));
        }
    }
    let (a, b) = (a.float(), b.float());
    let value = match operator {
        BinaryOperator::Plus => a + b,
        BinaryOperator::Minus => a - b,
        BinaryOperator::Mul => a * b,
        BinaryOperator::Mod => a % b,
        _ => a / b,
    };
    if value.is_finite() { Ok(Number::of(value)) } else { Err(Stop::wrong("this is a division by zero")) }
}
