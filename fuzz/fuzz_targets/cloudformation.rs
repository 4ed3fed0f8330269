//! Whatever text a template is, nothing panics, every place is one of the text's, and reading is the same twice.
//! Run with `cargo +nightly fuzz run cloudformation`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use terrace_aws::inventory::Tree;
use terrace_cloudformation::{Given, looks_like_template, template};

fuzz_target!(|text: &str| {
    looks_like_template(text);
    let mut tree = Tree::new();
    tree.insert("main.yaml", text);
    // A stack of the template's own name nests itself.
    let given = Given { region: Some("us-east-1".to_owned()), ..Given::default() };
    let read = template(&tree, "main.yaml", &given);
    match &read {
        Ok(inventory) => {
            let lines = text.lines().count() + 1;
            let places = inventory.items().filter_map(|item| item.place("")?.line);
            assert!(places.into_iter().all(|line| line as usize <= lines));
        }
        Err(wrong) => {
            assert!(wrong.has_errors());
            for label in wrong.iter().flat_map(|one| one.primary().into_iter().chain(one.secondary())) {
                assert!(text.get(label.span().start()..label.span().end()).is_some());
            }
        }
    }
    assert_eq!(read, template(&tree, "main.yaml", &given));
});
