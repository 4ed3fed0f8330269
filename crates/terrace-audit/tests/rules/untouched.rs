//! Our own designs as they are: every property is proved and nothing is found, in every shape and variant.

use std::collections::BTreeSet;

use terrace_audit::report::{Outcome, Source};
use terrace_audit::{Settings, audit, rules};

use crate::own;

/// Every variant that the manifest offers and that differs in what is built; with a name of its own in the DNS, as
/// production has.
fn manifests() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for (shape, edge) in [("ec2", "alb"), ("ec2", "cloudfront"), ("fargate", "cloudfront")] {
        for (engine, version) in [("postgres", "16"), ("mysql", "8.0")] {
            for egress in ["none", "nat"] {
                for zones in [2, 3] {
                    let manifest = format!(
                        "name = \"shop\"\nshape = \"{shape}\"\nregion = \"eu-central-1\"\nzones = {zones}\n\
                         edge = \"{edge}\"\ndomain = \"shop.example.com\"\nzone = \"example.com\"\nproduction = true\n\
                         [web]\nroot = \"frontend\"\n\
                         [app]\nroot = \"backend\"\nrun = \"target/release/shop\"\n\
                         [app.secrets]\nSESSION_KEY = {{ generate = 32 }}\nMAIL_KEY = {{ secret = \"shop/mail\" }}\n\
                         [data]\nengine = \"{engine}\"\nversion = \"{version}\"\n[egress]\napp = \"{egress}\"\n"
                    );
                    all.push((format!("{shape} {edge} {engine} {egress} {zones}"), manifest));
                }
            }
        }
    }
    all
}

#[test]
fn every_property_of_every_variant_is_proved_and_nothing_is_found() {
    let mut wrong = String::new();
    let mut held = BTreeSet::new();
    for (name, manifest) in manifests() {
        let inventory = own::compiled(&manifest, true).unwrap_or_else(|| panic!("{name}: {manifest}"));
        let report = audit(&inventory, &Settings::default(), Source::default());
        for found in &report.found {
            wrong += &format!("{name}: {}\n", own::line(found));
        }
        if !report.unread.is_empty() {
            wrong += &format!("{name}: unread {:?}\n", report.unread);
        }
        for property in &report.properties {
            match property.outcome {
                Outcome::Proved => drop(held.insert(property.rule.name.as_str())),
                Outcome::Nothing => {}
                other => wrong += &format!("{name}: {} is {}\n", property.rule.name, other.word()),
            }
        }
        // What a shape has none of cannot be proved of it; everything else is.
        for always in
            ["exposed", "tier-skipped", "data-way-out", "admin-ports", "secret-readers", "path-broken"]
        {
            let of = report.properties.iter().find(|property| property.rule.name.as_str() == always).unwrap();
            if of.examined == 0 {
                wrong += &format!("{name}: {always} looked at nothing\n");
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    let untried: Vec<&str> =
        rules::ALL.iter().map(|rule| rule.name.as_str()).filter(|rule| !held.contains(rule)).collect();
    // Nothing that they are about is in any of our designs.
    assert_eq!(untried, ["role-passing", "function-url-open"], "no design says anything of these");
}
