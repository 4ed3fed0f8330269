//! What the catalogue says about this system's region.

use terrace_topology::Topology;

/// The letter of a zone, counted from 0: the manifest's own, else the region's.
pub(crate) fn letter(topology: &Topology, zone: usize) -> String {
    let chosen = topology.zone_letters.as_ref().and_then(|letters| letters.letters().get(zone).copied());
    chosen.or_else(|| "abc".chars().nth(zone)).map(String::from).unwrap_or_default()
}
