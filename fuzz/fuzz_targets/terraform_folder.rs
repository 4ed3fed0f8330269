#![no_main]
//! Any files: a design is read or refused, without a panic, and the same files give the same design.
//!
//! The input is cut at zero bytes: the root's file, its values, a module's file, a template, and a file in JSON.

use libfuzzer_sys::fuzz_target;
use terrace_aws::inventory::Tree;
use terrace_terraform::found::{Given, folder};

const PATHS: [&str; 5] = ["main.tf", "terraform.tfvars", "m/main.tf", "t.tpl", "more.tf.json"];

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut tree = Tree::new();
    for (path, text) in PATHS.iter().zip(text.split('\0')) {
        tree.insert(*path, text);
    }
    let first = folder(&tree, "", &Given::default()).ok();
    assert_eq!(first, folder(&tree, "", &Given::default()).ok());
});
