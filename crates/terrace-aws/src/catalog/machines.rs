//! Kinds of machines: what each is built for, how large it is, where it is offered.
//!
//! The table is `machines.txt`, whose head says its sources and dates; it is read where a question is asked, which
//! takes some microseconds.

use terrace_topology::{Architecture, MachineType, Region};

use super::nearest::nearest;

const TABLE: &str = include_str!("machines.txt");

/// What is known of a kind of machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MachineFacts {
    /// What its programs have to be built for.
    pub architecture: Architecture,
    /// Virtual processors.
    pub vcpus: u16,
    /// Memory, MiB.
    pub memory: u32,
    /// Whether its processors are only lent: past a share of them it is slowed, or costs more (`t` families).
    pub burstable: bool,
}

/// The regions at the end of a row.
#[derive(Clone, Copy)]
pub(super) struct Offered<'a> {
    except: bool,
    regions: &'a str,
}

impl<'a> Offered<'a> {
    /// A row without its regions, and the regions.
    pub(super) fn split(row: &'a str) -> (&'a str, Self) {
        if let Some((facts, regions)) = row.split_once(" = ") {
            (facts, Self { except: false, regions })
        } else {
            let (facts, regions) = row.split_once(" ! ").unwrap_or((row, ""));
            (facts, Self { except: true, regions })
        }
    }

    /// Whether the row holds in a region.
    pub(super) fn holds_in(self, region: &str) -> bool {
        self.regions.split_ascii_whitespace().any(|named| named == region) != self.except
    }

    /// The regions it names.
    #[cfg(test)]
    pub(super) fn named(self) -> impl Iterator<Item = &'a str> {
        self.regions.split_ascii_whitespace()
    }
}

/// The rows of a table: its lines without comments.
pub(super) fn rows(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().filter(|line| !line.starts_with('#') && !line.is_empty())
}

/// A family: its name, what it is built for, its sizes as they are written, where it is offered.
struct Family {
    name: &'static str,
    architecture: Architecture,
    sizes: &'static str,
    offered: Offered<'static>,
}

fn families() -> impl Iterator<Item = Family> {
    rows(TABLE).filter_map(|row| {
        let (facts, offered) = Offered::split(row);
        let (name, facts) = facts.split_once(' ')?;
        let (architecture, sizes) = facts.split_once(' ')?;
        let architecture = match architecture {
            "x86_64" => Architecture::X86_64,
            "arm64" => Architecture::Arm64,
            _ => return None,
        };
        Some(Family { name, architecture, sizes, offered })
    })
}

impl Family {
    /// `SIZE:VCPUS:GIB` as size, processors and MiB.
    fn sizes(&self) -> impl Iterator<Item = (&'static str, u16, u32)> + use<> {
        self.sizes.split_ascii_whitespace().filter_map(|size| {
            let (name, rest) = size.split_once(':')?;
            let (vcpus, gib) = rest.split_once(':')?;
            Some((name, vcpus.parse().ok()?, mebibytes(gib)?))
        })
    }

    fn facts(&self, size: &str) -> Option<MachineFacts> {
        let (_, vcpus, memory) = self.sizes().find(|(name, ..)| *name == size)?;
        let burstable = self.name.starts_with('t');
        Some(MachineFacts { architecture: self.architecture, vcpus, memory, burstable })
    }
}

/// `0.5` GiB as 512: whole GiB, halves or quarters.
fn mebibytes(gib: &str) -> Option<u32> {
    let (whole, part) = gib.split_once('.').unwrap_or((gib, "0"));
    let part = match part {
        "0" => 0,
        "25" => 256,
        "5" => 512,
        "75" => 768,
        _ => return None,
    };
    whole.parse::<u32>().ok()?.checked_mul(1024)?.checked_add(part)
}

/// What is known of a kind of machine by its name, `t3.small`.
pub(super) fn by_name(name: &str) -> Option<MachineFacts> {
    let (family, size) = name.split_once('.')?;
    families().find(|known| known.name == family)?.facts(size)
}

/// What is known of a kind of machine, if it is known.
pub fn machine(machine: &MachineType) -> Option<MachineFacts> {
    by_name(machine.as_str())
}

/// Whether a known kind of machine is offered in a region, by the data of [`super::AS_OF`]. Unknown ones are not.
pub fn machine_offered_in(machine: &MachineType, region: &Region) -> bool {
    machine
        .as_str()
        .split_once('.')
        .and_then(|(family, size)| {
            let known = families().find(|known| known.name == family)?;
            known.facts(size).map(|_| known.offered.holds_in(region.as_str()))
        })
        .unwrap_or(false)
}

/// The kind of machine that was probably meant.
pub fn nearest_machine(machine: &MachineType) -> Option<String> {
    let names: Vec<String> = families()
        .flat_map(|family| family.sizes().map(move |(size, ..)| format!("{}.{size}", family.name)))
        .collect();
    nearest(machine.as_str(), names.iter().map(String::as_str)).map(str::to_owned)
}

/// The machine of the same kind, generation and size that is built for an architecture: `t3.small` for `t4g.small`,
/// `m7g.large` for `m7i.large`. None where there is none.
pub fn counterpart_machine(machine: &MachineType, architecture: Architecture) -> Option<String> {
    let (family, size) = machine.as_str().split_once('.')?;
    let after_letters = family.trim_start_matches(|c: char| c.is_ascii_lowercase());
    let letters = family.strip_suffix(after_letters)?;
    let generation: String = after_letters.chars().take_while(char::is_ascii_digit).collect();
    let names = match (letters, architecture) {
        ("t", Architecture::X86_64) => vec!["t3".to_owned()],
        ("t", Architecture::Arm64) => vec!["t4g".to_owned()],
        (_, Architecture::X86_64) => ["i", "a"].map(|maker| format!("{letters}{generation}{maker}")).to_vec(),
        (_, Architecture::Arm64) => vec![format!("{letters}{generation}g")],
    };
    let name = names.into_iter().map(|name| format!("{name}.{size}")).find(|name| by_name(name).is_some())?;
    by_name(&name).filter(|facts| facts.architecture == architecture).map(|_| name)
}

/// Every row's problems: nothing for a sound table.
#[cfg(test)]
pub(super) fn problems() -> Vec<String> {
    let mut found = Vec::new();
    let parsed: Vec<Family> = families().collect();
    if parsed.len() != rows(TABLE).count() {
        found.push("a row does not parse".to_owned());
    }
    for family in &parsed {
        if family.sizes().count() != family.sizes.split_ascii_whitespace().count() {
            found.push(format!("a size of {} does not parse", family.name));
        }
        for region in family.offered.named() {
            if !super::regions().iter().any(|known| known.code == region) {
                found.push(format!("{}: no region {region}", family.name));
            }
        }
    }
    if !parsed.is_sorted_by(|a, b| a.name < b.name) {
        found.push("families are not sorted, or one stands twice".to_owned());
    }
    found
}
