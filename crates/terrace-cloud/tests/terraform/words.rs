//! Words for resources: every type that Terrace builds has one.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use terrace_cloud::terraform::{LockId, Resource, Target};

#[test]
fn every_type_that_is_built_has_a_word() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../terrace-terraform/tests/golden");
    let mut types = BTreeSet::new();
    for system in fs::read_dir(golden).unwrap() {
        for file in fs::read_dir(system.unwrap().path()).unwrap() {
            let file = file.unwrap().path();
            if file.extension().is_none_or(|end| end != "tf") {
                continue;
            }
            for line in fs::read_to_string(file).unwrap().lines() {
                if let Some(rest) = line.strip_prefix("resource \"") {
                    types.insert(rest.split('"').next().unwrap().to_owned());
                }
            }
        }
    }
    assert!(types.len() > 50, "{types:?}");
    let without: Vec<_> = types.iter().filter(|one| !Resource::is_known(one)).collect();
    assert!(without.is_empty(), "no word for {without:?}");
}

#[test]
fn addresses_are_spoken_of() {
    let of = |address: &str| Resource::of(address).to_string();
    let all = [
        of("aws_db_instance.data"),
        of("aws_subnet.app[\"a.b\"]"),
        of("data.aws_ami.base[0]"),
        of("module.net[\"x.y\"].module.inner.aws_vpc.main"),
        of("module.net.data.aws_ami.base"),
        of("aws_quicksight_data_set.sales"),
        of("ephemeral.aws_secretsmanager_random_password.db"),
        of("data.x"),
        of(""),
    ];
    insta::assert_snapshot!(all.join("\n"), @r#"
    the database instance `data`
    the subnet `app["a.b"]`
    the machine image `base[0]`
    the network `main`
    the machine image `base`
    the quicksight data set `sales`
    the random password `db`
    the data `x`
    ``
    "#);
}

proptest! {
    #[test]
    fn no_address_is_too_odd(text in ".{0,60}") {
        prop_assert!(!Resource::of(&text).to_string().is_empty());
    }

    /// What becomes an argument of Terraform's is never taken for an option.
    #[test]
    fn ids_and_targets_are_no_options(text in "[ -~]{0,40}") {
        if let Ok(id) = text.parse::<LockId>() {
            prop_assert!(!id.as_str().starts_with('-') && !id.as_str().is_empty());
        }
        if text.parse::<Target>().is_ok() {
            prop_assert!(text.starts_with(|c: char| c.is_ascii_alphabetic()));
        }
    }
}
