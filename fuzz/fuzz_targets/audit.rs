#![no_main]
//! Any design, through the lift, both engines, every rule and every form of the report: no panic, the same twice, and what surely
//! passes is among what may.

use libfuzzer_sys::fuzz_target;
use terrace_audit::report::{Plain, Source, json, sarif, text};
use terrace_audit::{Settings, audit};
use terrace_aws::inventory::Tree;
use terrace_proof::reach::Bounds;
use terrace_terraform::found::{Given, folder};

fuzz_target!(|design: &str| {
    let mut tree = Tree::new();
    tree.insert("main.tf", design);
    let Ok(inventory) = folder(&tree, "", &Given::default()) else { return };
    let settings = Settings::default();
    let one = audit(&inventory, &settings, Source::default());
    let other = audit(&inventory, &settings, Source::default());
    assert_eq!(text(&one, &Plain, true), text(&other, &Plain, true));
    assert_eq!(json(&one), json(&other));
    assert_eq!(sarif(&one, "0").to_string(), sarif(&other, "0").to_string());
    let lifted = terrace_lift::world::lift(&inventory);
    let bounds = Bounds::of(&lifted.world);
    for link in bounds.least.links() {
        assert!(bounds.most.link(link.from, link.to).is_some(), "{link:?}");
    }
});
