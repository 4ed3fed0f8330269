//! Lists and maps.

use std::collections::BTreeMap;

use super::super::convert::{self, counted, elements, map, same};
use super::super::traverse::index;
use super::super::val::{Val, refs_in};
use super::super::world::{Known, Stop};
use super::Args;

pub(super) fn call(args: Args<'_>) -> Option<Known> {
    Some(match args.name {
        "length" => length(args),
        "element" => element(args),
        "concat" => concat(args),
        "flatten" => args.get(0).and_then(|list| {
            let mut all = Vec::new();
            flatten(list, &mut all)?;
            Ok(Val::list(all))
        }),
        "compact" => compact(args),
        "distinct" => distinct(args),
        "slice" => slice(args),
        "reverse" => args.get(0).and_then(elements).map(|all| Val::list(all.iter().rev().cloned().collect())),
        "sort" => sort(args),
        "chunklist" => chunks(args),
        "index" => position(args),
        "contains" => contains(args),
        "one" => only(args),
        "coalesce" => coalesce(args, false),
        "coalescelist" => coalesce(args, true),
        "keys" => keys(args),
        "values" => values(args),
        "lookup" => lookup(args),
        "merge" => merge(args),
        "zipmap" => zipmap(args),
        "transpose" => transpose(args),
        "matchkeys" => match_keys(args),
        "alltrue" => truths(args, false),
        "anytrue" => truths(args, true),
        _ => return None,
    })
}

fn length(args: Args<'_>) -> Known {
    let value = args.get(0)?;
    Ok(Val::int(match value.bare() {
        Val::Map(node) => node.items.len(),
        Val::Set(node) if node.items.len() > 1 && !value.is_whole() => {
            return Err(Stop::Unknown(refs_in([value])));
        }
        Val::List(_) | Val::Set(_) => counted(value)?.len(),
        Val::Null => return Err(Stop::wrong("null has no length")),
        _ => convert::literal(value)?.chars().count(),
    }))
}

fn element(args: Args<'_>) -> Known {
    let (list, at) = (args.get(0)?, args.get(1)?);
    if let Val::Unknown(_) | Val::Pointer(_) = list.bare() {
        return index(list, at);
    }
    let all = elements(list)?;
    if let [Val::Rest(rest)] = all.as_ref() {
        return Ok(rest.each.clone());
    }
    let all = counted(list)?;
    let count = i64::try_from(all.len()).unwrap_or(i64::MAX);
    if count == 0 {
        return Err(Stop::wrong("the list is empty"));
    }
    let at = convert::whole(at)?.rem_euclid(count);
    all.get(usize::try_from(at).unwrap_or(0)).cloned().ok_or_else(|| Stop::wrong("the list is empty"))
}

/// Keeps what is told of each list.
fn concat(args: Args<'_>) -> Known {
    let mut all = Vec::new();
    for list in args.all {
        match list.bare() {
            Val::List(node) | Val::Set(node) => all.extend(node.items.iter().cloned()),
            Val::Unknown(_) | Val::Pointer(_) => all.push(rest(list)),
            other => return Err(convert::not(other, "a list")),
        }
    }
    Ok(Val::list(all))
}

/// Any number of elements of a list that is not told.
pub(super) fn rest(list: &Val) -> Val {
    let why = refs_in([list]);
    let each = Val::Unknown(std::rc::Rc::clone(&why));
    Val::Rest(std::rc::Rc::new(super::super::val::Rest { each, why }))
}

fn flatten(list: &Val, all: &mut Vec<Val>) -> Known<()> {
    match list.bare() {
        Val::List(node) | Val::Set(node) => {
            for item in &node.items {
                match item.bare() {
                    Val::List(_) | Val::Set(_) => flatten(item, all)?,
                    // It may be a list in its turn.
                    Val::Unknown(_) | Val::Pointer(_) => all.push(match item {
                        Val::Unknown(_) => rest(item),
                        other => other.clone(),
                    }),
                    Val::Rest(inner) => match inner.each.bare() {
                        Val::List(node) | Val::Set(node) => {
                            for each in &node.items {
                                let each = match each {
                                    Val::Rest(deeper) => deeper.each.clone(),
                                    each => each.clone(),
                                };
                                let why = std::rc::Rc::clone(&inner.why);
                                all.push(Val::Rest(std::rc::Rc::new(super::super::val::Rest { each, why })));
                            }
                        }
                        _ => all.push(item.clone()),
                    },
                    _ => all.push(item.clone()),
                }
            }
            Ok(())
        }
        other => Err(convert::not(other, "a list")),
    }
}

fn compact(args: Args<'_>) -> Known {
    let empty = |item: &Val| {
        matches!(item.bare(), Val::Null)
            || matches!(item.bare(), Val::Text(text) if text.literal() == Some(""))
    };
    let all = elements(args.get(0)?)?;
    // What may be empty may be gone.
    let kept = all.iter().filter(|item| !empty(item)).map(|item| match item {
        Val::Unknown(_) => rest(item),
        item => item.clone(),
    });
    Ok(Val::list(kept.collect()))
}

fn distinct(args: Args<'_>) -> Known {
    let mut all: Vec<Val> = Vec::new();
    let list = elements(args.get(0)?)?;
    if list.len() > 5000 {
        return Err(Stop::wrong("the list is too long"));
    }
    for item in &super::shapes::unified(&list) {
        if !all.iter().any(|known| same(known, item).is_ok_and(|same| same)) {
            all.push(item.clone());
        }
    }
    Ok(Val::list(all))
}

fn slice(args: Args<'_>) -> Known {
    let (list, from, to) = (args.get(0)?, args.whole(1)?, args.whole(2)?);
    let (Ok(from), Ok(to)) = (usize::try_from(from), usize::try_from(to)) else {
        return Err(Stop::wrong("an index is not negative"));
    };
    let untold = match list.bare() {
        Val::Unknown(_) | Val::Pointer(_) => true,
        other => elements(other)?.iter().any(|item| matches!(item, Val::Rest(_))),
    };
    if to < from || to - from > 10_000 {
        return Err(Stop::wrong("there is no such part"));
    }
    if untold {
        return (from..to).map(|at| index(list, &Val::int(at))).collect::<Known<_>>().map(Val::list);
    }
    let all = counted(list)?;
    all.get(from..to).map(|part| Val::list(part.to_vec())).ok_or_else(|| Stop::wrong("there is no such part"))
}

fn sort(args: Args<'_>) -> Known {
    let all = elements(args.get(0)?)?;
    let mut texts = Vec::with_capacity(all.len());
    for item in all.iter() {
        match convert::literal(item) {
            Ok(text) => texts.push(text),
            // In some order.
            Err(Stop::Unknown(_)) => return Ok(Val::list(all.to_vec())),
            Err(other) => return Err(other),
        }
    }
    texts.sort();
    Ok(Val::list(texts.into_iter().map(Val::text).collect()))
}

fn chunks(args: Args<'_>) -> Known {
    let all = counted(args.get(0)?)?;
    match usize::try_from(args.whole(1)?) {
        Ok(0) => Ok(Val::list(vec![Val::list(all.to_vec())])),
        Ok(size) => Ok(Val::list(all.chunks(size).map(|part| Val::list(part.to_vec())).collect())),
        Err(_) => Err(Stop::wrong("a size is not negative")),
    }
}

fn position(args: Args<'_>) -> Known {
    let wanted = args.get(1)?;
    for (at, item) in counted(args.get(0)?)?.iter().enumerate() {
        if same(item, wanted)? {
            return Ok(Val::int(at));
        }
    }
    Err(Stop::wrong("it is not in the list"))
}

fn contains(args: Args<'_>) -> Known {
    let wanted = args.get(1)?;
    let mut unknown = None;
    for item in elements(args.get(0)?)?.iter() {
        match same(item, wanted) {
            Ok(true) => return Ok(Val::Bool(true)),
            Ok(false) => {}
            Err(stop) => unknown = Some(stop),
        }
    }
    unknown.map_or(Ok(Val::Bool(false)), Err)
}

fn only(args: Args<'_>) -> Known {
    let value = args.get(0)?;
    if let Val::Null = value.bare() {
        return Ok(Val::Null);
    }
    match elements(value)?.as_ref() {
        [] => Ok(Val::Null),
        [Val::Rest(rest)] => Ok(rest.each.clone()),
        [one] => Ok(one.clone()),
        many if many.iter().any(|item| matches!(item, Val::Rest(_))) => Err(Stop::Unknown(refs_in(many))),
        _ => Err(Stop::wrong("there is more than one")),
    }
}

fn coalesce(args: Args<'_>, lists: bool) -> Known {
    for value in args.all {
        let empty = match value.bare() {
            Val::Null => true,
            Val::Text(text) => !lists && text.literal() == Some(""),
            Val::List(node) | Val::Set(node) => lists && node.items.is_empty(),
            Val::Unknown(_) | Val::Rest(_) => return Err(Stop::Unknown(refs_in(args.all))),
            _ => false,
        };
        if !empty {
            return Ok(value.clone());
        }
    }
    Err(Stop::wrong("all values are empty"))
}

fn keys(args: Args<'_>) -> Known {
    Ok(Val::list(map(args.get(0)?)?.keys().map(|key| Val::text(key.as_str())).collect()))
}

fn values(args: Args<'_>) -> Known {
    let value = args.get(0)?;
    match value.bare() {
        // Instances by name of which some are not told.
        Val::List(node) if node.items.iter().any(|item| matches!(item, Val::Rest(_))) => Ok(value.clone()),
        Val::Unknown(_) | Val::Pointer(_) => Ok(Val::list(vec![rest(value)])),
        other => Ok(Val::list(map(other)?.values().cloned().collect())),
    }
}

fn lookup(args: Args<'_>) -> Known {
    let (from, key) = (args.get(0)?, args.text(1)?);
    match map(from)?.get(&key) {
        Some(found) => Ok(found.clone()),
        None => args.get(2).cloned(),
    }
}

/// Keeps what is told, as far as nothing that is not told stands over it.
fn merge(args: Args<'_>) -> Known {
    let mut all: BTreeMap<String, Val> = BTreeMap::new();
    for value in args.all {
        match value.bare() {
            Val::Null => {}
            other => all.extend(map(other)?.iter().map(|(key, item)| (key.clone(), item.clone()))),
        }
    }
    Ok(Val::map(all))
}

fn zipmap(args: Args<'_>) -> Known {
    let (names, items) = (counted(args.get(0)?)?, counted(args.get(1)?)?);
    if names.len() != items.len() {
        return Err(Stop::wrong("the lists differ in length"));
    }
    let pairs = names.iter().zip(items.iter());
    Ok(Val::map(pairs.map(|(name, item)| Ok((convert::literal(name)?, item.clone()))).collect::<Known<_>>()?))
}

fn transpose(args: Args<'_>) -> Known {
    let mut all: BTreeMap<String, Vec<Val>> = BTreeMap::new();
    for (key, list) in map(args.get(0)?)? {
        for item in counted(list)?.iter() {
            all.entry(convert::literal(item)?).or_default().push(Val::text(key.as_str()));
        }
    }
    Ok(Val::map(all.into_iter().map(|(key, list)| (key, Val::list(list))).collect()))
}

fn match_keys(args: Args<'_>) -> Known {
    let (items, names, wanted) = (counted(args.get(0)?)?, counted(args.get(1)?)?, counted(args.get(2)?)?);
    let mut all = Vec::new();
    for (item, name) in items.iter().zip(names.iter()) {
        for wanted in wanted.iter() {
            if same(name, wanted)? {
                all.push(item.clone());
                break;
            }
        }
    }
    Ok(Val::list(all))
}

fn truths(args: Args<'_>, any: bool) -> Known {
    let mut unknown = None;
    for item in elements(args.get(0)?)?.iter() {
        match convert::truth(item) {
            Ok(is) if is == any => return Ok(Val::Bool(any)),
            Ok(_) => {}
            Err(Stop::Wrong(_)) if matches!(item.bare(), Val::Null) => {
                if !any {
                    return Ok(Val::Bool(false));
                }
            }
            Err(stop) => unknown = Some(stop),
        }
    }
    unknown.map_or(Ok(Val::Bool(!any)), Err)
}
