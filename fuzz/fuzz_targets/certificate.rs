//! Whatever text a certificate is, checking it ends without a panic, and what is read is written as itself.
//! Run with `cargo +nightly fuzz run certificate`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use terrace_certificate::{check_within, read};

fuzz_target!(|text: &str| {
    let Ok(certificate) = read(text) else { return };
    let again = certificate.text().and_then(|text| Ok(read(&text)));
    assert!(matches!(again, Ok(Ok(same)) if same == certificate));
    // A bound that an input is done with in no time.
    let within = || check_within(&certificate, 10_000_000);
    assert_eq!(within(), within());
});
