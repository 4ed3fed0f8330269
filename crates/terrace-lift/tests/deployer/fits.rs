//! What IAM takes, and that nothing is wide without a reason.

use std::collections::BTreeSet;

use terrace_aws::deployer::{LONGEST, MOST, Purpose, length, role, wide};

use crate::{actions, cases, resources, sid, statements};

#[test]
fn every_design_fits_into_the_policies_of_a_role() {
    for case in cases() {
        for purpose in [Purpose::Deploy, Purpose::Plan] {
            let policies = case.policies(purpose);
            assert!(policies.len() <= MOST, "{}: {} policies", case.name, policies.len());
            for policy in &policies {
                let length = length(&policy.document);
                assert!(length <= LONGEST, "{} {}: {length} characters", case.name, policy.name);
                assert!(policy.name.len() <= 128, "{}", policy.name);
                let mut sids = BTreeSet::new();
                for statement in statements(std::slice::from_ref(policy)) {
                    let sid = statement.sid.clone().unwrap();
                    assert!(sid.bytes().all(|b| b.is_ascii_alphanumeric()), "{sid}");
                    assert!(sids.insert(sid), "{}: two statements have one name", policy.name);
                }
            }
            assert!(role(&case.topology, purpose).len() <= 64);
        }
    }
}

#[test]
fn what_is_on_everything_is_a_list_or_only_makes_what_is_ours() {
    for case in cases() {
        for statement in statements(&case.policies(Purpose::Deploy)) {
            for action in actions(statement) {
                assert!(!action.contains('*'), "{}: {action}", case.name);
            }
            for resource in resources(statement) {
                // A name that was not found in the graph would be a star.
                let named = matches!(sid(statement), "Named" | "Pass" | "Attach");
                let ours =
                    resource.contains(case.topology.name.as_str()) || resource.contains("${aws:userid}");
                assert!(!named || ours || resource.contains("s3:::terrace-"), "{}: {resource}", case.name);
                if resource == "*" {
                    let sid = sid(statement);
                    assert!(sid == "Lists" || (sid == "New" && !statement.conditions.is_empty()), "{sid}");
                }
            }
            if sid(statement) == "Every" {
                let why = wide(&case.design.graph);
                for action in actions(statement) {
                    assert!(why.iter().any(|wide| wide.actions.contains(action)), "{action} has no reason");
                }
            }
        }
    }
}

#[test]
fn who_plans_only_looks_but_for_the_lock() {
    for case in cases() {
        for statement in statements(&case.policies(Purpose::Plan)) {
            for action in actions(statement) {
                let name = action.split_once(':').unwrap().1;
                let looks = ["Get", "List", "Describe", "View"].iter().any(|word| name.starts_with(word));
                let lock = sid(statement) == "Lock"
                    && resources(statement).iter().all(|one| one.ends_with("terraform.tfstate.tflock"));
                assert!(looks || lock || action == "kms:Decrypt", "{}: {action}", case.name);
            }
        }
    }
}
