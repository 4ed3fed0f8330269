//! What a manifest means to be as it is: findings that are accepted by what it says, and shown with the reason.

use terrace_audit::report::Accepted;
use terrace_topology::Topology;

/// What the manifest accepts. Each is a choice that `terrace check` tells of, too.
pub(crate) fn accepted(topology: &Topology, shown: &str) -> Accepted {
    let mut all = Accepted::default();
    if topology.domain.is_none() {
        let reason = format!(
            "{shown} names no `domain`, and without one there is no certificate: the page is plain HTTP until it does"
        );
        all.add("plaintext-edge", None, reason);
    }
    if !topology.production {
        let reason = format!(
            "{shown} says `production = false`, or nothing of it: this can be taken down and made anew"
        );
        for rule in ["data-deletion", "logs-missing"] {
            all.add(rule, None, &reason);
        }
    }
    all
}
