//! Patterns against a matcher by recursion and every short text.

use proptest::prelude::*;
use terrace_aws::{Condition, Reference, Text};
use terrace_proof::access::{Context, Glob, Inclusion, Overlap, Truth, holds};

use crate::plain;

/// Every text of up to four characters of these.
fn texts() -> Vec<String> {
    let mut all = vec![String::new()];
    let mut last = all.clone();
    for _ in 0..4 {
        last = last.iter().flat_map(|text| ['a', 'b', ':', 'z'].map(|c| format!("{text}{c}"))).collect();
        all.extend(last.iter().cloned());
    }
    all
}

fn pattern() -> impl Strategy<Value = String> {
    proptest::string::string_regex("[ab:*?]{0,5}").unwrap()
}

proptest! {
    #[test]
    fn a_pattern_matches_what_recursion_matches(pattern in pattern()) {
        let glob = Glob::new(&pattern);
        for text in texts() {
            prop_assert_eq!(glob.matches(&text), plain::glob(&pattern, &text), "{} {}", pattern, text);
        }
    }

    #[test]
    fn an_arn_matches_field_by_field(fields in proptest::collection::vec("[ab*?]{0,2}", 1..8), text in "[ab]{0,2}(:[ab]{0,2}){5}[:/ab]{0,3}") {
        let pattern = fields.join(":");
        prop_assert_eq!(Glob::arn(&pattern).matches(&text), plain::arn(&pattern, &text), "{} {}", pattern, text);
    }

    #[test]
    fn overlap_and_its_witness_are_right(one in pattern(), two in pattern()) {
        match Glob::new(&one).overlap(&Glob::new(&two)) {
            Overlap::Common(text) => prop_assert!(plain::glob(&one, &text) && plain::glob(&two, &text), "{}", text),
            Overlap::Disjoint => {
                for text in texts() {
                    prop_assert!(!(plain::glob(&one, &text) && plain::glob(&two, &text)), "{}", text);
                }
            }
            Overlap::TooLarge => prop_assert!(false, "small patterns"),
        }
    }

    #[test]
    fn inclusion_and_its_witness_are_right(one in pattern(), others in proptest::collection::vec(pattern(), 0..3)) {
        let globs: Vec<Glob> = others.iter().map(|other| Glob::new(other)).collect();
        let covered = |text: &str| others.iter().any(|other| plain::glob(other, text));
        match Glob::new(&one).within(&globs.iter().collect::<Vec<_>>()) {
            Inclusion::Beyond(text) => prop_assert!(plain::glob(&one, &text) && !covered(&text), "{}", text),
            Inclusion::Within => {
                for text in texts().iter().filter(|text| plain::glob(&one, text)) {
                    prop_assert!(covered(text), "{}", text);
                }
            }
            Inclusion::TooLarge => prop_assert!(false, "small patterns"),
        }
    }
}

/// A text with a reference in it, and the same with a value in the reference's place.
fn around((before, after): &(String, Option<String>), value: &str) -> (Text, String) {
    let Some(after) = after else { return (before.as_str().into(), before.clone()) };
    let reference = Reference::variable("v".parse().unwrap());
    (Text::from(before.as_str()).then(reference).then(after.as_str()), format!("{before}{value}{after}"))
}

proptest! {
    #[test]
    fn what_is_decided_holds_whatever_a_reference_comes_to(
        pattern in (pattern(), proptest::option::of(pattern())),
        subject in ("[ab:]{0,3}", proptest::option::of("[ab:]{0,3}")),
    ) {
        let condition = Condition {
            operator: "StringLike".to_owned(),
            key: "k".to_owned(),
            values: vec![around(&pattern, "").0],
        };
        let truth = holds(&condition, &Context::closed().value("k", around(&subject, "").0));
        let all: Vec<bool> =
            texts().iter().map(|value| plain::glob(&around(&pattern, value).1, &around(&subject, value).1)).collect();
        match truth {
            Truth::Yes => prop_assert!(all.iter().all(|one| *one)),
            Truth::No => prop_assert!(!all.iter().any(|one| *one)),
            Truth::Unknown(on) => prop_assert!(!on.is_empty() && (pattern.1.is_some() || subject.1.is_some())),
        }
    }
}

#[test]
fn a_witness_is_among_the_shortest() {
    let beyond = Glob::arn("arn:aws:s3:::page/*").within(&[&Glob::arn("arn:aws:s3:::page/public/*")]);
    assert_eq!(beyond, Inclusion::Beyond("arn:aws:s3:::page/".to_owned()));
    let common = Glob::new("s3:Get*").lowercase().overlap(&Glob::new("s3:*OBJECT").lowercase());
    assert_eq!(common, Overlap::Common("s3:getobject".to_owned()));
}

#[test]
fn a_comparison_that_would_not_end_says_so() {
    let bombs = [Glob::new(&format!("*a{}", "?".repeat(40))), Glob::new(&format!("*b{}", "?".repeat(40)))];
    let long = Glob::new(&format!("{}*", "?".repeat(60)));
    assert_eq!(long.within(&[&bombs[0], &bombs[1]]), Inclusion::TooLarge);
}
