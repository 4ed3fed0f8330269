//! What CloudWatch is told to leave out is never what is wanted.

use insta::assert_snapshot;
use proptest::prelude::*;
use terrace_cloud::watch::{Matching, RequestId};

#[test]
fn patterns_as_cloudwatch_reads_them() {
    let of = |text: &str| Matching::all().containing(text).pattern().unwrap_or("(none)".to_owned());
    let texts = ["ERROR", "GET /api/items?x=1", "it's (odd) 100%", "Gerät fällt", "", "!!", "a\tb", "ÄÖ"];
    let all: Vec<String> = texts.iter().map(|text| format!("{text:?} {}", of(text))).collect();
    assert_snapshot!(all.join("\n"), @r#"
    "ERROR" %ERROR%
    "GET /api/items?x=1" %GET./api/items.x=1%
    "it's (odd) 100%" %it.s..odd..100.%
    "Gerät fällt" %Ger.*t.f.*llt%
    "" (none)
    "!!" (none)
    "a\tb" (none)
    "ÄÖ" (none)
    "#);
    assert_eq!(of(&"x".repeat(1100)), "(none)");
    let two = Matching::all().request("abc-123".parse().unwrap()).request("1-5759e988-bd86".parse().unwrap());
    assert_snapshot!(two.containing("never sent").pattern().unwrap(), @"%1-5759e988-bd86|abc-123%");
}

#[test]
fn requests_as_headers_and_logs_name_them() {
    let of =
        |text: &str| text.parse::<RequestId>().map_or_else(|error| error.to_string(), |id| id.to_string());
    let texts = [
        "4bf92f3577b34da6a3ce929d0e0e4736",
        " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01 ",
        "Self=1-67891234-12456789abcdef012345678;Root=1-67891233-abcdef012345678912345678;Sampled=1",
        "short",
        "000000-0000",
        "two words",
        "x%' OR",
    ];
    let all: Vec<String> = texts.iter().map(|text| of(text)).collect();
    assert_snapshot!(all.join("\n"), @"
    4bf92f3577b34da6a3ce929d0e0e4736
    4bf92f3577b34da6a3ce929d0e0e4736
    1-67891233-abcdef012345678912345678
    `short` is no request: 6 to 128 letters, digits and `-_=:.+/` were expected, as a log's `request_id` has them, or the header X-Request-Id, traceparent or X-Amzn-Trace-Id
    `000000-0000` is no request: 6 to 128 letters, digits and `-_=:.+/` were expected, as a log's `request_id` has them, or the header X-Request-Id, traceparent or X-Amzn-Trace-Id
    `two words` is no request: 6 to 128 letters, digits and `-_=:.+/` were expected, as a log's `request_id` has them, or the header X-Request-Id, traceparent or X-Amzn-Trace-Id
    `x%' OR` is no request: 6 to 128 letters, digits and `-_=:.+/` were expected, as a log's `request_id` has them, or the header X-Request-Id, traceparent or X-Amzn-Trace-Id
    ");
}

proptest! {
    /// Held to another reading of expressions than the one that makes them: the crate `regex`.
    #[test]
    fn what_is_wanted_passes_the_pattern(
        text in "[ -~äß€\\t]{1,12}", before in "[ -~ä]{0,8}", after in "[ -~ä]{0,8}",
    ) {
        let matching = Matching::all().containing(&text);
        let line = format!("{before}{text}{after}");
        prop_assert!(matching.holds(&line));
        if let Some(pattern) = matching.pattern() {
            let inner = pattern.strip_prefix('%').unwrap().strip_suffix('%').unwrap();
            prop_assert!(inner.chars().all(|one| one.is_ascii_alphanumeric() || "_#=@/;,-.*|".contains(one)));
            prop_assert!(regex::Regex::new(inner).unwrap().is_match(&line), "{pattern} {line}");
        }
    }
}
