//! Patterns as automata: whether two have a text in common, whether one covers the other, with a witness.
//!
//! A pattern of n tokens is an automaton of n + 1 places, so the product is walked on the fly, shortest witness first.
//! `regex-automata` was weighed: it works on bytes and answers neither question by itself, so the product would have to
//! be written all the same, on tables that are larger than the patterns.
//!
//! GUARANTEE: answers are exact; a comparison that needs more than [`LIMIT`] states says so.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::truth::Unknown;

/// How many states a comparison may visit.
pub const LIMIT: usize = 20_000;

/// One token of a pattern.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Token {
    /// This character.
    Char(char),
    /// `?`: any character.
    One,
    /// `?` in one of an ARN's first five fields: any character but the colon.
    OneInField,
    /// `*`: any text.
    Any,
    /// `*` in one of an ARN's first five fields: any text without a colon.
    AnyInField,
    /// The value of something unknown; equal to itself and perhaps to anything else.
    Hole(Unknown),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Symbol {
    Char(char),
    Hole(Unknown),
}

/// A pattern over texts: `*` is any text, `?` any character.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Glob(pub(crate) Vec<Token>);

/// How one pattern lies within others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inclusion {
    /// Every text of it is covered.
    Within,
    /// This text of it, one of the shortest, is not covered.
    Beyond(String),
    /// More than [`LIMIT`] states.
    TooLarge,
}

/// Whether two patterns have a text in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Overlap {
    /// None.
    Disjoint,
    /// This text, one of the shortest.
    Common(String),
    /// More than [`LIMIT`] states.
    TooLarge,
}

impl Glob {
    /// A pattern in which `*` and `?` are wildcards that cross everything, as in actions and in `StringLike`.
    pub fn new(pattern: &str) -> Self {
        Self(
            pattern
                .chars()
                .map(|c| match c {
                    '*' => Token::Any,
                    '?' => Token::One,
                    c => Token::Char(c),
                })
                .collect(),
        )
    }

    /// The one text.
    pub fn literal(text: &str) -> Self {
        Self(text.chars().map(Token::Char).collect())
    }

    /// A pattern of ARNs, as in `Resource`: a wildcard in one of the first five fields stays in it; an ARN that ends
    /// before its sixth field is completed by wildcards.
    pub fn arn(pattern: &str) -> Self {
        Self(super::pattern::arn(Self::new(pattern).0, true))
    }

    /// In lower case, for what is compared without case.
    #[must_use]
    pub fn lowercase(self) -> Self {
        let lower = |token| match token {
            Token::Char(c) => Token::Char(c.to_ascii_lowercase()),
            other => other,
        };
        Self(self.0.into_iter().map(lower).collect())
    }

    /// Whether the text is one of the pattern's.
    pub fn matches(&self, text: &str) -> bool {
        self.accepts(text.chars())
    }

    pub(crate) fn accepts(&self, text: impl Iterator<Item = char>) -> bool {
        let start = self.closed(&[0].into());
        text.fold(start, |places, c| self.step(&places, &Symbol::Char(c))).contains(&self.0.len())
    }

    /// Whether both have a text in common.
    pub fn overlap(&self, other: &Self) -> Overlap {
        let alphabet = alphabet(&[self, other]);
        let start: Vec<(usize, usize)> = pairs(&self.closed(&[0].into()), &other.closed(&[0].into()));
        let walked = walk(
            start,
            &alphabet,
            |(a, b)| *a == self.0.len() && *b == other.0.len(),
            |(a, b), symbol| {
                let ones = self.step(&[*a].into(), symbol);
                if ones.is_empty() { Vec::new() } else { pairs(&ones, &other.step(&[*b].into(), symbol)) }
            },
        );
        match walked {
            Ok(None) => Overlap::Disjoint,
            Ok(Some(text)) => Overlap::Common(text),
            Err(()) => Overlap::TooLarge,
        }
    }

    /// Whether the others together cover it.
    pub fn within(&self, others: &[&Self]) -> Inclusion {
        let mut all = others.to_vec();
        all.push(self);
        let alphabet = alphabet(&all);
        let first: Vec<BTreeSet<usize>> = others.iter().map(|other| other.closed(&[0].into())).collect();
        let start = self.closed(&[0].into()).into_iter().map(|at| (at, first.clone())).collect();
        let walked = walk(
            start,
            &alphabet,
            |(at, places): &(usize, Vec<BTreeSet<usize>>)| {
                let covered = others.iter().zip(places).any(|(other, at)| at.contains(&other.0.len()));
                *at == self.0.len() && !covered
            },
            |(at, places), symbol| {
                let ones = self.step(&[*at].into(), symbol);
                if ones.is_empty() {
                    return Vec::new();
                }
                let next: Vec<_> =
                    others.iter().zip(places).map(|(other, at)| other.step(at, symbol)).collect();
                ones.into_iter().map(|at| (at, next.clone())).collect()
            },
        );
        match walked {
            Ok(None) => Inclusion::Within,
            Ok(Some(text)) => Inclusion::Beyond(text),
            Err(()) => Inclusion::TooLarge,
        }
    }

    /// With every place that a `*` may be left for without reading.
    fn closed(&self, places: &BTreeSet<usize>) -> BTreeSet<usize> {
        let mut all = places.clone();
        for place in places {
            let mut at = *place;
            while matches!(self.0.get(at), Some(Token::Any | Token::AnyInField)) {
                at += 1;
                all.insert(at);
            }
        }
        all
    }

    fn step(&self, places: &BTreeSet<usize>, symbol: &Symbol) -> BTreeSet<usize> {
        let next = places.iter().filter_map(|&at| match (self.0.get(at)?, symbol) {
            (Token::Char(c), Symbol::Char(read)) if c == read => Some(at + 1),
            (Token::Hole(hole), Symbol::Hole(read)) if hole == read => Some(at + 1),
            (Token::One, Symbol::Char(_)) => Some(at + 1),
            (Token::OneInField, Symbol::Char(read)) if *read != ':' => Some(at + 1),
            (Token::AnyInField, Symbol::Char(read)) if *read != ':' => Some(at),
            (Token::Any, _) => Some(at),
            _ => None,
        });
        self.closed(&next.collect())
    }
}

fn pairs(ones: &BTreeSet<usize>, twos: &BTreeSet<usize>) -> Vec<(usize, usize)> {
    ones.iter().flat_map(|&one| twos.iter().map(move |&two| (one, two))).collect()
}

/// Every character that a pattern names, the colon, and one that none names and stands for all others.
fn alphabet(globs: &[&Glob]) -> BTreeSet<Symbol> {
    let mut all: BTreeSet<Symbol> = globs
        .iter()
        .flat_map(|glob| &glob.0)
        .filter_map(|token| match token {
            Token::Char(c) => Some(Symbol::Char(*c)),
            Token::Hole(hole) => Some(Symbol::Hole(hole.clone())),
            _ => None,
        })
        .collect();
    all.insert(Symbol::Char(':'));
    let other = ('a'..='z').chain('\u{a0}'..=char::MAX).map(Symbol::Char).find(|c| !all.contains(c));
    all.extend(other);
    all
}

/// Breadth first to an accepting state: the text that leads there.
fn walk<S: Ord + Clone>(
    start: Vec<S>,
    alphabet: &BTreeSet<Symbol>,
    accepts: impl Fn(&S) -> bool,
    step: impl Fn(&S, &Symbol) -> Vec<S>,
) -> Result<Option<String>, ()> {
    let mut seen: BTreeMap<S, usize> = BTreeMap::new();
    let mut reached: Vec<Option<(usize, Symbol)>> = Vec::new();
    let mut open: VecDeque<(S, Option<(usize, Symbol)>)> = start.into_iter().map(|s| (s, None)).collect();
    while let Some((state, from)) = open.pop_front() {
        if seen.contains_key(&state) {
            continue;
        }
        let number = reached.len();
        if number >= LIMIT {
            return Err(());
        }
        reached.push(from);
        seen.insert(state.clone(), number);
        if accepts(&state) {
            return Ok(Some(text_to(&reached, number)));
        }
        for symbol in alphabet {
            for next in step(&state, symbol) {
                if !seen.contains_key(&next) {
                    open.push_back((next, Some((number, symbol.clone()))));
                }
            }
        }
    }
    Ok(None)
}

fn text_to(reached: &[Option<(usize, Symbol)>], mut number: usize) -> String {
    let mut symbols = Vec::new();
    while let Some(Some((before, symbol))) = reached.get(number) {
        symbols.push(match symbol {
            Symbol::Char(c) => c.to_string(),
            Symbol::Hole(hole) => format!("<{hole}>"),
        });
        number = *before;
    }
    symbols.into_iter().rev().collect()
}
