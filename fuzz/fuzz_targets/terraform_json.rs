#![no_main]
//! Any text as a plan or a state: it is read or refused, without a panic, and twice alike.

use libfuzzer_sys::fuzz_target;
use terrace_terraform::found::json;

fuzz_target!(|text: &str| {
    assert_eq!(json(text, "plan.json"), json(text, "plan.json"));
});
