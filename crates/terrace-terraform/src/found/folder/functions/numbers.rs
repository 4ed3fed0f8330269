//! Numbers.

use super::super::convert::{self, counted};
use super::super::val::{Number, Val};
use super::super::world::{Known, Stop};
use super::Args;

/// Elements of a range; Terraform's own limit is 1024.
const RANGE: usize = 1024;

pub(super) fn call(args: Args<'_>) -> Option<Known> {
    Some(match args.name {
        "min" => extreme(args, |a, b| a < b),
        "max" => extreme(args, |a, b| a > b),
        "sum" => args.get(0).and_then(|list| {
            let all = counted(list)?;
            all.iter().try_fold(0.0, |sum, item| Ok(sum + convert::number(item)?.float())).map(float)
        }),
        "abs" => changed(args, f64::abs),
        "ceil" => changed(args, f64::ceil),
        "floor" => changed(args, f64::floor),
        "signum" => changed(args, |value| if value == 0.0 { 0.0 } else { value.signum() }),
        "pow" => both(args, f64::powf),
        "log" => both(args, |value, base| value.ln() / base.ln()),
        "parseint" => parsed(args),
        "range" => range(args),
        _ => return None,
    })
}

fn float(value: f64) -> Val {
    Val::Number(Number::of(value))
}

fn finite(value: f64) -> Known {
    if value.is_finite() { Ok(float(value)) } else { Err(Stop::wrong("the result is no number")) }
}

fn changed(args: Args<'_>, change: impl Fn(f64) -> f64) -> Known {
    finite(change(convert::number(args.get(0)?)?.float()))
}

fn both(args: Args<'_>, change: impl Fn(f64, f64) -> f64) -> Known {
    let (a, b) = (convert::number(args.get(0)?)?, convert::number(args.get(1)?)?);
    finite(change(a.float(), b.float()))
}

fn extreme(args: Args<'_>, better: impl Fn(f64, f64) -> bool) -> Known {
    let mut best: Option<Number> = None;
    for value in args.all {
        let number = convert::number(value)?;
        if best.is_none_or(|best| better(number.float(), best.float())) {
            best = Some(number);
        }
    }
    best.map(Val::Number).ok_or_else(|| Stop::wrong("a number was expected"))
}

fn parsed(args: Args<'_>) -> Known {
    let (text, base) = (args.text(0)?, args.whole(1)?);
    let base = u32::try_from(base).ok().filter(|base| (2..=36).contains(base));
    let value = base.and_then(|base| i64::from_str_radix(&text, base).ok());
    value.map(|value| Val::Number(Number::Int(value))).ok_or_else(|| Stop::wrong("this is no such number"))
}

fn range(args: Args<'_>) -> Known {
    let numbers: Vec<f64> =
        args.all.iter().map(|value| Ok(convert::number(value)?.float())).collect::<Known<_>>()?;
    let (from, to, step) = match numbers.as_slice() {
        [to] => (0.0, *to, if *to < 0.0 { -1.0 } else { 1.0 }),
        [from, to] => (*from, *to, if to < from { -1.0 } else { 1.0 }),
        [from, to, step] => (*from, *to, *step),
        _ => return Err(Stop::wrong("one to three numbers were expected")),
    };
    if step == 0.0 || (step > 0.0) != (to > from) && to != from {
        return Err(Stop::wrong("the step leads away from the end"));
    }
    let mut all = Vec::new();
    let mut at = from;
    while (step > 0.0 && at < to) || (step < 0.0 && at > to) {
        if all.len() >= RANGE {
            return Err(Stop::wrong("the range has more than 1024 elements"));
        }
        all.push(float(at));
        at += step;
    }
    Ok(Val::list(all))
}
