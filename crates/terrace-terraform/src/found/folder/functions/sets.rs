//! Sets.

use super::super::convert::{self, counted, elements, same};
use super::super::val::{Val, refs_in};
use super::super::world::{Known, Stop};
use super::Args;

/// Combinations in all.
const PRODUCT: usize = 20_000;

pub(super) fn call(args: Args<'_>) -> Option<Known> {
    Some(match args.name {
        "setunion" => union(args),
        "setintersection" => common(args),
        "setsubtract" => without(args),
        "setproduct" => product(args),
        _ => return None,
    })
}

fn union(args: Args<'_>) -> Known {
    let mut all = Vec::new();
    for set in args.all {
        match set.bare() {
            Val::Unknown(_) | Val::Pointer(_) => all.push(super::collections::rest(set)),
            other => all.extend_from_slice(&elements(other)?),
        }
    }
    Ok(Val::set(all))
}

fn among(set: &[Val], item: &Val) -> Known<bool> {
    for known in set {
        if same(known, item)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn small(set: &Val) -> Known<Vec<Val>> {
    let all = counted(set)?;
    if all.len() > 2000 { Err(Stop::wrong("the set is too large")) } else { Ok(all.to_vec()) }
}

fn common(args: Args<'_>) -> Known {
    let mut all = small(args.get(0)?)?;
    for set in args.all.get(1..).unwrap_or_default() {
        let set = small(set)?;
        let mut kept = Vec::new();
        for item in all {
            if among(&set, &item)? {
                kept.push(item);
            }
        }
        all = kept;
    }
    Ok(Val::set(all))
}

fn without(args: Args<'_>) -> Known {
    let gone = small(args.get(1)?)?;
    let mut kept = Vec::new();
    for item in small(args.get(0)?)? {
        if !among(&gone, &item)? {
            kept.push(item);
        }
    }
    Ok(Val::set(kept))
}

/// A list if all arguments are lists.
fn product(args: Args<'_>) -> Known {
    let mut all: Vec<Vec<Val>> = vec![Vec::new()];
    let mut lists = true;
    for set in args.all {
        lists &= matches!(set.bare(), Val::List(_));
        let set = match counted(set) {
            Ok(set) => set,
            Err(Stop::Unknown(_)) => return Err(Stop::Unknown(refs_in(args.all))),
            Err(_) => return Err(convert::not(set, "a set")),
        };
        if all.len().saturating_mul(set.len()) > PRODUCT {
            return Err(Stop::wrong("there are too many combinations"));
        }
        all = all
            .iter()
            .flat_map(|row| set.iter().map(move |item| row.iter().cloned().chain([item.clone()]).collect()))
            .collect();
    }
    let rows: Vec<Val> = all.into_iter().map(Val::list).collect();
    Ok(if lists { Val::list(rows) } else { Val::set(rows) })
}
