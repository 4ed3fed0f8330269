//! What two patterns have in common, as patterns: `a/*` and `*/x` meet in `a/x` and `a/*/x`.
//!
//! A denial may overlap what is allowed without being a part of it; only what both match tells what becomes of that.

use terrace_aws::{Part, Text};

/// So many patterns of two are asked about.
const MOST: usize = 6;
/// So many steps are taken for two.
const STEPS: usize = 4_000;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    /// Any characters.
    Star,
    /// Any one.
    One,
    Char(char),
    /// What is not told, and the same only as itself.
    Other(Part),
}

/// Patterns that both match all of; the shortest ways to meet first, not all of them where there are many.
pub(super) fn meet(one: &Text, two: &Text) -> Vec<Text> {
    let (one, two) = (tokens(one), tokens(two));
    let mut search = Search { one: &one, two: &two, found: Vec::new(), steps: STEPS };
    search.go(0, 0, &mut Vec::new());
    search.found.iter().map(|tokens| text(tokens)).collect()
}

fn tokens(text: &Text) -> Vec<Token> {
    let mut all: Vec<Token> = Vec::new();
    for part in text.parts() {
        let Part::Literal(literal) = part else {
            all.push(Token::Other(part.clone()));
            continue;
        };
        for c in literal.chars() {
            match c {
                '*' if all.last() == Some(&Token::Star) => {}
                '*' => all.push(Token::Star),
                '?' => all.push(Token::One),
                c => all.push(Token::Char(c)),
            }
        }
    }
    all
}

fn text(tokens: &[Token]) -> Text {
    tokens.iter().fold(Text::new(), |text, token| match token {
        Token::Star => text.then("*"),
        Token::One => text.then("?"),
        Token::Char(c) => text.then(c.to_string()),
        Token::Other(Part::Reference(reference)) => text.then(reference.clone()),
        Token::Other(Part::Opaque(references)) => text.then(Text::opaque(references.clone())),
        Token::Other(Part::Literal(literal)) => text.then(literal.as_str()),
    })
}

struct Search<'a> {
    one: &'a [Token],
    two: &'a [Token],
    found: Vec<Vec<Token>>,
    steps: usize,
}

impl Search<'_> {
    fn go(&mut self, at: usize, to: usize, so_far: &mut Vec<Token>) {
        if self.steps == 0 || self.found.len() >= MOST {
            return;
        }
        self.steps -= 1;
        match (self.one.get(at).cloned(), self.two.get(to).cloned()) {
            (None, None) => {
                if !self.found.contains(so_far) {
                    self.found.push(so_far.clone());
                }
            }
            (Some(Token::Star), Some(Token::Star)) => {
                let doubled = so_far.last() == Some(&Token::Star);
                if !doubled {
                    so_far.push(Token::Star);
                }
                self.go(at + 1, to, so_far);
                self.go(at, to + 1, so_far);
                if !doubled {
                    so_far.pop();
                }
            }
            (Some(Token::Star), other) => {
                self.go(at + 1, to, so_far);
                if let Some(token) = other {
                    so_far.push(token);
                    self.go(at, to + 1, so_far);
                    so_far.pop();
                }
            }
            (other, Some(Token::Star)) => {
                self.go(at, to + 1, so_far);
                if let Some(token) = other {
                    so_far.push(token);
                    self.go(at + 1, to, so_far);
                    so_far.pop();
                }
            }
            (Some(one), Some(two)) => {
                let both = match (one, two) {
                    (Token::One, Token::Char(c)) | (Token::Char(c), Token::One) => Token::Char(c),
                    (one, two) if one == two => one,
                    _ => return,
                };
                so_far.push(both);
                self.go(at + 1, to + 1, so_far);
                so_far.pop();
            }
            (None, Some(_)) | (Some(_), None) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn met(one: &str, two: &str) -> Vec<String> {
        let all = meet(&Text::from(one), &Text::from(two));
        all.iter().map(|text| text.literal().unwrap_or_default().to_owned()).collect()
    }

    #[test]
    fn patterns_meet_where_both_match() {
        assert_eq!(met("a/*", "*/x"), ["a/x", "a/*/x"]);
        assert_eq!(met("a*", "b*"), Vec::<String>::new());
        assert_eq!(met("s3:Get?", "s3:GetX"), ["s3:GetX"]);
        assert!(met("*", "s3:Get*").contains(&"s3:Get*".to_owned()));
        assert_eq!(met("abc", "abc"), ["abc"]);
    }

    #[test]
    fn long_patterns_come_back() {
        let long = "*a".repeat(200);
        assert!(meet(&Text::from(long.as_str()), &Text::from("*b*a*b*a*")).len() <= MOST);
    }
}
