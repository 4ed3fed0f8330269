//! The claims, each tried with every packet that might refute it.

use std::collections::BTreeSet;
use std::fmt;
use std::net::SocketAddr;

use crate::carry::Packet;
use crate::format::{Certificate, Claim, Party, Traffic};
use crate::ground::{Ground, Left, complete};
use crate::legs::{Clients, Leg};
use crate::points::{Points, Said};

/// The longest text that is read, in bytes.
pub const LARGEST: usize = 64 * 1024 * 1024;
/// How often a packet may be held against a rule in all; beyond that a certificate is too large.
pub const MOST_WORK: u64 = 20_000_000_000;

/// A certificate whose claims all hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checked {
    /// How many claims.
    pub claims: usize,
    /// How many exceptions from them.
    pub not_claimed: usize,
    /// How many packets were tried.
    pub packets: u64,
}

/// What refutes a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refuted {
    /// The site that the claim is about.
    pub about: String,
    /// Who sends the packet.
    pub from: String,
    /// To whom.
    pub to: String,
    /// The packet: `tcp 1.0.0.0:49152 → 10.0.2.0:5432`.
    pub packet: String,
    /// Whether it is answered.
    pub answered: bool,
}

impl fmt::Display for Refuted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, to, packet, .. } = self;
        match self.answered {
            true => write!(f, "`{from}` can open a conversation to `{to}`: {packet}"),
            false => write!(f, "`{from}` can send to `{to}`: {packet}"),
        }
    }
}

/// Why a certificate is not checked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// A claim does not hold of the facts.
    #[error("a claim about `{}` is wrong: {}", .0.about, .0)]
    Refuted(Box<Refuted>),
    /// It is no certificate.
    #[error("this is no certificate: {0}")]
    Unreadable(String),
    /// It is one of another version.
    #[error("version {0} of certificates is not known; this program knows version 1")]
    Version(u32),
    /// A number names nothing.
    #[error("{what} {number} is named, and there are {there}, counted from 0")]
    NoSuch {
        /// A kind of thing.
        what: &'static str,
        /// Its number.
        number: usize,
        /// How many there are.
        there: usize,
    },
    /// Something has to be claimed or said not to be, and is not.
    #[error("the certificate is not complete: {0}")]
    Incomplete(String),
    /// There is more to try than is sensible. Nothing was checked.
    #[error("too large to check by enumeration: {0} packets and more")]
    TooLarge(u64),
}

/// Reads a certificate.
///
/// # Errors
/// It is none, or longer than [`LARGEST`].
pub fn read(text: &str) -> Result<Certificate, Wrong> {
    if text.len() > LARGEST {
        return Err(Wrong::Unreadable(format!("it is longer than {LARGEST} bytes")));
    }
    serde_json::from_str(text).map_err(|error| Wrong::Unreadable(error.to_string()))
}

/// Reads a certificate and checks it.
///
/// # Errors
/// It is none, or it does not hold, or it cannot be decided.
pub fn read_and_check(text: &str) -> Result<Checked, Wrong> {
    check(&read(text)?)
}

/// Tries every claim with every kind of packet.
///
/// # Errors
/// The first packet that refutes a claim, or why it cannot be decided.
pub fn check(certificate: &Certificate) -> Result<Checked, Wrong> {
    check_within(certificate, MOST_WORK)
}

/// The same with another bound than [`MOST_WORK`] on how often a packet is held against a rule.
///
/// # Errors
/// As [`check`]'s.
pub fn check_within(certificate: &Certificate, most: u64) -> Result<Checked, Wrong> {
    let ground = Ground::of(&certificate.facts)?;
    let left = complete(certificate, &ground)?;
    let mut work = Work { most, packets: 0, looks: 0 };
    let clients = clients(&ground, &mut work)?;
    // First how much there is to try, then the trying.
    for claim in &certificate.claims {
        for (from, to) in denied(&ground, &left, claim) {
            work.looked(ground.cost(from))?;
            for leg in ground.legs(from, to, &clients) {
                work.plan(Said::on(&ground, &leg), &leg, listens(&ground, to), is_answered(claim))?;
            }
        }
    }
    let mut tried = Work { most, packets: 0, looks: 0 };
    for claim in &certificate.claims {
        for (from, to) in denied(&ground, &left, claim) {
            for leg in ground.legs(from, to, &clients) {
                let answered = is_answered(claim);
                let points =
                    tried.plan(Said::on(&ground, &leg), &leg, listens(&ground, to), is_answered(claim))?;
                let mut packets = points.sources.iter().flat_map(|source| points.from(*source));
                if let Some(packet) = packets.find(|packet| arrives(&ground, &leg, packet, answered)) {
                    let about = ground.name(Party::Site(claim.about().0));
                    let (from, to) = (ground.name(from), ground.name(to));
                    let packet = packet.to_string();
                    return Err(Wrong::Refuted(Box::new(Refuted { about, from, to, packet, answered })));
                }
            }
        }
    }
    let (claims, not_claimed) = (certificate.claims.len(), certificate.not_claimed.len());
    Ok(Checked { claims, not_claimed, packets: work.packets })
}

const fn is_answered(claim: &Claim) -> bool {
    matches!(claim, Claim::OnlyOpenedBy { .. })
}

/// From whom to whom nothing may pass if a claim holds.
fn denied(ground: &Ground<'_>, left: &Left, claim: &Claim) -> Vec<(Party, Party)> {
    let left = left.get(&claim.about());
    let named: BTreeSet<Party> = claim.parties().into_iter().collect();
    let parties = ground.parties().into_iter();
    let parties = parties.filter(|party| left.is_none_or(|left| !left.contains(party)));
    match claim {
        Claim::OnlyOpenedBy { site, .. } => {
            parties.filter(|party| !named.contains(party)).map(|party| (party, Party::Site(*site))).collect()
        }
        Claim::SendsNothingTo { site, .. } => {
            parties.filter(|party| named.contains(party)).map(|party| (Party::Site(*site), party)).collect()
        }
    }
}

fn listens<'a>(ground: &Ground<'a>, to: Party) -> Option<&'a [Traffic]> {
    let Party::Site(site) = to else { return None };
    ground.facts.sites.get(site)?.listens.as_deref()
}

/// Whether a packet gets there; if asked, whether its answer gets back, too.
fn arrives(ground: &Ground<'_>, leg: &Leg<'_>, packet: &Packet, answered: bool) -> bool {
    if !answered {
        return ground.passes(leg, packet, None);
    }
    packet.answer().is_some_and(|back| ground.passes(leg, packet, Some(&back)))
}

/// Whose addresses come to the listeners of balancers that show them to their targets; round after round, as one such
/// balancer may stand before another.
fn clients(ground: &Ground<'_>, work: &mut Work) -> Result<Clients, Wrong> {
    let facts = ground.facts;
    let keeps = |number: &usize| facts.target_groups.get(*number).is_some_and(|group| group.keeps_client);
    let balancers = facts.balancers.iter().enumerate();
    let keeping: Vec<_> =
        balancers.filter(|(_, b)| b.listeners.iter().any(|l| l.forwards.iter().any(keeps))).collect();
    let mut clients = Clients::new();
    // An address comes no further than through each of them once.
    for _ in 0..=keeping.len() {
        let mut next = Clients::new();
        for (number, balancer) in &keeping {
            let to = Party::Site(balancer.site);
            for from in ground.parties() {
                work.looked(ground.cost(from))?;
                for leg in ground.legs(from, to, &clients) {
                    let mut said = Said::on(ground, &leg);
                    said.everywhere(facts);
                    let weight = said.weight.saturating_mul(balancer.listeners.len() as u64);
                    let points = work.plan(said, &leg, None, true)?;
                    work.looked(points.count().saturating_mul(weight))?;
                    for (at, listener) in balancer.listeners.iter().enumerate() {
                        let on = Traffic::from(listener.on);
                        let comes = |packet: &Packet| on.is_of(packet) && arrives(ground, &leg, packet, true);
                        let come = points.sources.iter().filter(|own| points.from(**own).any(|p| comes(&p)));
                        next.extend(come.map(|own| (*number, at, *own)));
                    }
                }
            }
        }
        if next == clients {
            break;
        }
        clients = next;
    }
    Ok(clients)
}

/// How much there is to try.
struct Work {
    most: u64,
    packets: u64,
    looks: u64,
}

impl Work {
    /// Counts the packets of a leg.
    fn plan(
        &mut self,
        said: Said,
        leg: &Leg<'_>,
        listens: Option<&[Traffic]>,
        answered: bool,
    ) -> Result<Points, Wrong> {
        let weight = said.weight;
        // What is said on a way is gathered for each: that costs more than a look.
        self.looked(weight.saturating_mul(200).saturating_add(10_000))?;
        let points = said.points(leg, listens, answered).ok_or(Wrong::TooLarge(self.packets))?;
        self.packets = self.packets.saturating_add(points.count());
        self.looked(points.count().saturating_mul(weight))?;
        Ok(points)
    }

    /// Counts rules that are looked at.
    fn looked(&mut self, rules: u64) -> Result<(), Wrong> {
        self.looks = self.looks.saturating_add(rules);
        if self.looks > self.most { Err(Wrong::TooLarge(self.packets)) } else { Ok(()) }
    }
}

impl fmt::Display for Packet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { protocol, from, to, source, destination } = *self;
        match protocol {
            6 | 17 => {
                let name = if protocol == 6 { "tcp" } else { "udp" };
                let ends = (SocketAddr::new(source, from), SocketAddr::new(destination, to));
                write!(f, "{name} {} → {}", ends.0, ends.1)
            }
            1 => write!(f, "icmp {from}/{to} {source} → {destination}"),
            58 => write!(f, "icmpv6 {from}/{to} {source} → {destination}"),
            number => write!(f, "protocol {number} {source} → {destination}"),
        }
    }
}
