//! Texts.

use regex::{Regex, RegexBuilder};
use terrace_aws::{Part, Text};

use super::super::convert::{self, counted};
use super::super::template::LONGEST;
use super::super::val::{Number, Val};
use super::super::world::{Known, Stop};
use super::Args;

pub(super) fn call(args: Args<'_>) -> Option<Known> {
    Some(match args.name {
        "upper" => one(args, |text| text.to_uppercase()),
        "lower" => cased(args),
        "title" => one(args, title),
        "trimspace" => one(args, |text| text.trim().to_owned()),
        "chomp" => one(args, |text| text.trim_end_matches(['\n', '\r']).to_owned()),
        "strrev" => one(args, |text| text.chars().rev().collect()),
        "trim" => two(args, |text, set| text.trim_matches(|c| set.contains(c)).to_owned()),
        "trimprefix" => two(args, |text, end| text.strip_prefix(end).unwrap_or(text).to_owned()),
        "trimsuffix" => two(args, |text, end| text.strip_suffix(end).unwrap_or(text).to_owned()),
        "startswith" => test(args, |text, start| text.starts_with(start)),
        "endswith" => test(args, |text, end| text.ends_with(end)),
        "strcontains" => test(args, |text, inner| text.contains(inner)),
        "indent" => indent(args),
        "join" => join(args),
        "split" => split(args),
        "substr" => substr(args),
        "replace" => replace(args),
        "regex" => regex(args, false),
        "regexall" => regex(args, true),
        "format" => formatted(args),
        "formatlist" => format_list(args),
        _ => return None,
    })
}

fn one(args: Args<'_>, change: impl Fn(&str) -> String) -> Known {
    Ok(Val::text(change(&args.text(0)?)))
}

fn two(args: Args<'_>, change: impl Fn(&str, &str) -> String) -> Known {
    Ok(Val::text(change(&args.text(0)?, &args.text(1)?)))
}

fn test(args: Args<'_>, is: impl Fn(&str, &str) -> bool) -> Known {
    Ok(Val::Bool(is(&args.text(0)?, &args.text(1)?)))
}

/// What is not told stays as it is: a name in capitals is no other resource.
fn cased(args: Args<'_>) -> Known {
    one(args, str::to_lowercase)
}

fn title(text: &str) -> String {
    let mut all = String::with_capacity(text.len());
    let mut before = ' ';
    for c in text.chars() {
        if before.is_alphanumeric() || matches!(before, '_' | '\'') {
            all.push(c);
        } else {
            all.extend(c.to_uppercase());
        }
        before = c;
    }
    all
}

fn indent(args: Args<'_>) -> Known {
    let blanks = " ".repeat(usize::try_from(args.whole(0)?).unwrap_or(0).min(1000));
    let text = convert::text(args.get(1)?)?;
    let all = text.parts().iter().fold(Text::new(), |all, part| match part {
        Part::Literal(literal) => all.then(literal.replace('\n', &format!("\n{blanks}"))),
        part => all.then(one_part(part)),
    });
    Ok(Val::text(all))
}

fn one_part(part: &Part) -> Text {
    match part {
        Part::Literal(literal) => Text::from(literal.as_str()),
        Part::Reference(reference) => Text::from(reference.clone()),
        Part::Opaque(refs) => Text::opaque(refs.clone()),
    }
}

fn join(args: Args<'_>) -> Known {
    let between = args.text(0)?;
    let mut all = Text::new();
    let mut first = true;
    for list in args.all.get(1..).unwrap_or_default() {
        for item in convert::elements(list)?.iter() {
            if matches!(item.bare(), Val::Null) {
                continue;
            }
            if !std::mem::take(&mut first) {
                all = all.then(between.as_str());
            }
            all = all.then(match item {
                Val::Rest(_) => Text::opaque(item.refs()),
                item => convert::text(item)?,
            });
        }
    }
    Ok(Val::text(all))
}

/// Splits what is literal; a reference is taken to hold no separator, as ids and names do.
fn split(args: Args<'_>) -> Known {
    let between = args.text(0)?;
    let text = args.text(1)?;
    if between.is_empty() {
        return Ok(Val::list(text.chars().map(|c| Val::text(c.to_string())).collect()));
    }
    if text.is_empty() {
        return Ok(Val::list(vec![Val::text("")]));
    }
    Ok(Val::list(text.split(between.as_str()).map(Val::text).collect()))
}

fn substr(args: Args<'_>) -> Known {
    let text: Vec<char> = args.text(0)?.chars().collect();
    let length = i64::try_from(text.len()).unwrap_or(i64::MAX);
    let (from, count) = (args.whole(1)?, args.whole(2)?);
    let from = if from < 0 { (from + length).max(0) } else { from.min(length) };
    let count = if count < 0 { length - from } else { count.min(length - from) };
    let (from, count) = (usize::try_from(from).unwrap_or(0), usize::try_from(count).unwrap_or(0));
    Ok(Val::text(text.into_iter().skip(from).take(count).collect::<String>()))
}

pub(super) fn pattern(text: &str) -> Known<Regex> {
    RegexBuilder::new(text)
        .size_limit(1 << 20)
        .dfa_size_limit(1 << 20)
        .nest_limit(60)
        .build()
        .map_err(|_| Stop::Wrong(format!("`{text}` is no pattern")))
}

fn replace(args: Args<'_>) -> Known {
    let (what, with) = (args.text(1)?, args.text(2)?);
    let regular = what.strip_prefix('/').and_then(|inner| inner.strip_suffix('/'));
    let regular = regular.map(pattern).transpose()?;
    let replaced = |text: &str| match &regular {
        Some(regular) => regular.replace_all(text, with.as_str()).into_owned(),
        None => text.replace(&what, &with),
    };
    let text = args.text(0)?;
    // At most so many places, each with so much.
    if text.len().saturating_add(1).saturating_mul(with.len().saturating_add(1)) > LONGEST * 16 {
        return Err(Stop::wrong("the text would be too long"));
    }
    Ok(Val::text(replaced(&text)))
}

fn regex(args: Args<'_>, all: bool) -> Known {
    let regular = pattern(&args.text(0)?)?;
    let text = args.text(1)?;
    let value = |found: &regex::Captures<'_>| {
        let group = |at: usize| found.get(at).map_or(Val::Null, |group| Val::text(group.as_str()));
        let names: Vec<&str> = regular.capture_names().flatten().collect();
        if !names.is_empty() {
            let named = names.iter().map(|name| {
                let value = found.name(name).map_or(Val::Null, |group| Val::text(group.as_str()));
                ((*name).to_owned(), value)
            });
            Val::map(named.collect())
        } else if found.len() > 1 {
            Val::list((1..found.len()).map(group).collect())
        } else {
            group(0)
        }
    };
    if all {
        return Ok(Val::list(regular.captures_iter(&text).map(|found| value(&found)).collect()));
    }
    match regular.captures(&text) {
        Some(found) => Ok(value(&found)),
        None => Err(Stop::wrong("the pattern matches nothing")),
    }
}

/// `format`: `%s`, `%d`, `%v`, `%q`, `%f`, `%t`, `%x`, `%05d`, `%-10s`, `%[1]s`, ….
fn formatted(args: Args<'_>) -> Known {
    let spec = args.text(0)?;
    format_one(&spec, args.all.get(1..).unwrap_or_default()).map(Val::text)
}

fn format_one(spec: &str, values: &[Val]) -> Known<Text> {
    let mut all = Text::new();
    let mut next = 0_usize;
    let mut chars = spec.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            let mut literal = String::from(c);
            while let Some(c) = chars.next_if(|c| *c != '%') {
                literal.push(c);
            }
            all = all.then(literal);
            continue;
        }
        if chars.next_if_eq(&'%').is_some() {
            all = all.then("%");
            continue;
        }
        let mut flags = String::new();
        while let Some(flag) = chars.next_if(|c| matches!(c, '-' | '+' | '0' | ' ' | '#')) {
            flags.push(flag);
        }
        let digits = |chars: &mut std::iter::Peekable<std::str::Chars<'_>>| {
            let mut all = String::new();
            while let Some(digit) = chars.next_if(char::is_ascii_digit) {
                all.push(digit);
            }
            all.parse::<usize>().ok()
        };
        let width = digits(&mut chars).unwrap_or(0);
        let precision =
            if chars.next_if_eq(&'.').is_some() { Some(digits(&mut chars).unwrap_or(0)) } else { None };
        if chars.next_if_eq(&'[').is_some() {
            next = digits(&mut chars).and_then(|at| at.checked_sub(1)).unwrap_or(0);
            chars.next_if_eq(&']');
        }
        let verb = chars.next().ok_or_else(|| Stop::wrong("the format ends in the middle of a verb"))?;
        if width > 1000 || precision.is_some_and(|precision| precision > 1000) {
            return Err(Stop::wrong("the format asks for too many characters"));
        }
        let value = values.get(next).ok_or_else(|| Stop::wrong("the format asks for more values"))?;
        next += 1;
        all = all.then(padded(verb_of(verb, value, precision, &flags)?, width, &flags));
    }
    Ok(all)
}

fn verb_of(verb: char, value: &Val, precision: Option<usize>, flags: &str) -> Known<Text> {
    let number = || convert::number(value);
    let literal = match verb {
        's' | 'v' => {
            let text = match value.bare() {
                Val::Null => Text::from("null"),
                Val::List(_) | Val::Set(_) | Val::Map(_) if verb == 'v' => {
                    super::super::encoding::json_text(value)?
                }
                _ => convert::text(value)?,
            };
            return Ok(match (precision, text.literal()) {
                (Some(most), Some(literal)) if verb == 's' => {
                    Text::from(literal.chars().take(most).collect::<String>())
                }
                _ => text,
            });
        }
        'q' => serde_json::Value::String(convert::literal(value)?).to_string(),
        't' => convert::truth(value)?.to_string(),
        'd' => match number() {
            Ok(Number::Int(whole)) if flags.contains('+') && whole >= 0 => format!("+{whole}"),
            Ok(Number::Int(whole)) => whole.to_string(),
            Ok(Number::Float(value)) => format!("{:.0}", value.trunc()),
            // A reference keeps its place in the text.
            Err(Stop::Unknown(_)) => return convert::text(value),
            Err(other) => return Err(other),
        },
        'f' => format!("{:.*}", precision.unwrap_or(6), number()?.float()),
        'x' => match number()? {
            Number::Int(whole) => format!("{whole:x}"),
            Number::Float(_) => return Err(Stop::wrong("a whole number was expected")),
        },
        'X' => format!("{:X}", convert::whole(value)?),
        'b' => format!("{:b}", convert::whole(value)?),
        'o' => format!("{:o}", convert::whole(value)?),
        'g' => number()?.to_string(),
        'e' => format!("{:e}", number()?.float()),
        other => return Err(Stop::Wrong(format!("`%{other}` is no verb"))),
    };
    Ok(Text::from(literal))
}

fn padded(text: Text, width: usize, flags: &str) -> Text {
    let Some(literal) = text.literal() else { return text };
    let missing = width.saturating_sub(literal.chars().count());
    if missing == 0 {
        return text;
    }
    let literal = literal.to_owned();
    if flags.contains('-') {
        return Text::from(literal + &" ".repeat(missing));
    }
    if flags.contains('0') {
        let (sign, digits) = match literal.strip_prefix(['-', '+']) {
            Some(digits) => (literal.chars().next().map(String::from).unwrap_or_default(), digits),
            None => (String::new(), literal.as_str()),
        };
        return Text::from(format!("{sign}{}{digits}", "0".repeat(missing)));
    }
    Text::from(" ".repeat(missing) + &literal)
}

fn format_list(args: Args<'_>) -> Known {
    let spec = args.text(0)?;
    let values = args.all.get(1..).unwrap_or_default();
    let mut length = None;
    for value in values {
        if let Val::List(_) | Val::Set(_) = value.bare() {
            length = Some(length.unwrap_or(0).max(counted(value)?.len()));
        }
        if let Val::Unknown(refs) = value.bare() {
            return Err(Stop::Unknown(std::rc::Rc::clone(refs)));
        }
    }
    let mut all = Vec::new();
    for at in 0..length.unwrap_or(1) {
        let mut row = Vec::with_capacity(values.len());
        for value in values {
            row.push(match value.bare() {
                Val::List(node) | Val::Set(node) => {
                    node.items.get(at).cloned().ok_or_else(|| Stop::wrong("the lists differ in length"))?
                }
                _ => value.clone(),
            });
        }
        all.push(Val::text(format_one(&spec, &row)?));
    }
    Ok(Val::list(all))
}
