//! Whatever text a manifest is, nothing panics, every place is one of the text's, and what could be read is printed
//! as text that says the same.
//! Run with `cargo +nightly fuzz run manifest`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use terrace_manifest::{parse, print};

fuzz_target!(|text: &str| {
    for environment in [None, Some("prod")] {
        let parsed = parse(text, environment);
        assert!(parsed.topology.is_some() || parsed.diagnostics.has_errors());
        for finding in parsed.diagnostics.iter() {
            for label in finding.primary().into_iter().chain(finding.secondary()) {
                assert!(text.get(label.span().start()..label.span().end()).is_some());
            }
        }
        let again = parse(&print(&parsed.manifest), environment);
        assert_eq!(again.manifest, parsed.manifest);
        if parsed.topology.is_some() && !parsed.diagnostics.has_errors() {
            assert_eq!(again.topology, parsed.topology);
        }
    }
});
