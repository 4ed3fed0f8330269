//! Which kind of machine each tier stands on: the manifest's, else a small one that is right to begin with.

use terrace_topology::{Architecture, MachineType, Topology};

use super::super::{Draft, Refusal, codes};
use crate::catalog;

/// A kind of machine that is known and fits.
pub(super) struct Kind {
    pub(super) name: String,
    /// Whether its processors are only lent.
    pub(super) burstable: bool,
}

/// Where nothing is said: the page is files and needs little; a service gets two processors and 2 GiB.
const fn usual(architecture: Architecture, web: bool) -> &'static str {
    match (architecture, web) {
        (Architecture::X86_64, true) => "t3.micro",
        (Architecture::X86_64, false) => "t3.small",
        (Architecture::Arm64, true) => "t4g.micro",
        (Architecture::Arm64, false) => "t4g.small",
    }
}

/// The machine on which images are built: enough memory for whatever a `setup` compiles.
pub(super) const fn builder(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::X86_64 => "t3.medium",
        Architecture::Arm64 => "t4g.medium",
    }
}

/// As the manifest spells it.
const fn spelled(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::X86_64 => "x86_64",
        Architecture::Arm64 => "arm64",
    }
}

/// The machine of a tier; refused where AWS would refuse it, and then the usual one.
pub(super) fn of(draft: &mut Draft<'_>, party: &str, web: bool, chosen: Option<&MachineType>) -> Kind {
    let topology = draft.topology;
    let fallback = usual(topology.architecture, web);
    let Some(chosen) = chosen else { return Kind { name: fallback.to_owned(), burstable: true } };
    if let Some(refusal) = refused(topology, party, chosen) {
        draft.refuse(refusal);
    }
    let burstable = catalog::machine(chosen).is_some_and(|facts| facts.burstable);
    Kind { name: chosen.to_string(), burstable }
}

fn refused(topology: &Topology, party: &str, chosen: &MachineType) -> Option<Refusal> {
    let setting = format!("{party}.machine");
    let refusal = |message: String| Refusal::new(codes::MACHINE, setting.clone(), message);
    let Some(facts) = catalog::machine(chosen) else {
        let refusal = refusal(format!("there is no kind of machine `{chosen}`, as of {}", catalog::AS_OF));
        return Some(match catalog::nearest_machine(chosen) {
            Some(near) => refusal.help(format!("did you mean `{near}`?")),
            None => refusal.help("`t3.small` and `t4g.small` are some"),
        });
    };
    if facts.architecture != topology.architecture {
        let (own, wanted) = (spelled(facts.architecture), spelled(topology.architecture));
        let refusal = refusal(format!("`{chosen}` is built for {own}, and the system for {wanted}"));
        return Some(match catalog::counterpart_machine(chosen, topology.architecture) {
            Some(other) => {
                refusal.help(format!("`{other}` is its like, or write `architecture = \"{own}\"`"))
            }
            None => {
                refusal.help(format!("choose a machine for {wanted}, or write `architecture = \"{own}\"`"))
            }
        });
    }
    if !catalog::machine_offered_in(chosen, &topology.region) {
        let message = format!("{} has no `{chosen}`, as of {}", topology.region, catalog::AS_OF);
        return Some(refusal(message).help("choose another family of machines"));
    }
    None
}
