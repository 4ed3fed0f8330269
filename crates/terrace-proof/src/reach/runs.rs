//! Lists of addresses: in order, apart, joined where they touch.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use crate::space::{Addresses, Family};

/// Runs of addresses in order, none touching the next. Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Runs(Arc<[Addresses]>);

/// More runs than this are taken as one from the first to the last where exactness comes later.
const FEW: usize = 4;

pub(super) fn after(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V4(a) => a.to_bits().checked_add(1).map(|n| Ipv4Addr::from_bits(n).into()),
        IpAddr::V6(a) => a.to_bits().checked_add(1).map(|n| Ipv6Addr::from_bits(n).into()),
    }
}

pub(super) fn before(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V4(a) => a.to_bits().checked_sub(1).map(|n| Ipv4Addr::from_bits(n).into()),
        IpAddr::V6(a) => a.to_bits().checked_sub(1).map(|n| Ipv6Addr::from_bits(n).into()),
    }
}

/// The addresses of both.
pub(super) fn common(a: Addresses, b: Addresses) -> Option<Addresses> {
    let (first, last) = (a.first().max(b.first()), a.last().min(b.last()));
    (a.family() == b.family() && first <= last).then(|| Addresses::between(first, last)).flatten()
}

impl Runs {
    /// Some addresses, in any order.
    pub fn of(some: impl IntoIterator<Item = Addresses>) -> Self {
        let mut all: Vec<Addresses> = some.into_iter().collect();
        all.sort_unstable();
        let mut out: Vec<Addresses> = Vec::with_capacity(all.len());
        for next in all {
            let touches = out.last().filter(|last| {
                last.family() == next.family()
                    && (next.first() <= last.last() || after(last.last()) == Some(next.first()))
            });
            match touches.and_then(|last| Addresses::between(last.first(), last.last().max(next.last()))) {
                Some(joined) => {
                    out.pop();
                    out.push(joined);
                }
                None => out.push(next),
            }
        }
        Self(Arc::from(out))
    }

    /// The runs.
    pub fn as_slice(&self) -> &[Addresses] {
        &self.0
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an address is among them.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.within(address.into()).next().is_some()
    }

    /// What of them lies in a run.
    pub(super) fn within(&self, run: Addresses) -> impl Iterator<Item = Addresses> {
        let start = self.0.partition_point(|r| r.last() < run.first());
        let rest = self.0.get(start..).unwrap_or_default();
        rest.iter().take_while(move |r| r.first() <= run.last()).filter_map(move |r| common(*r, run))
    }

    /// Whether some of them lie in a run.
    pub(super) fn meets(&self, run: Addresses) -> bool {
        self.within(run).next().is_some()
    }

    /// Whether an address is in both.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        let (few, many) = if self.0.len() < other.0.len() { (self, other) } else { (other, self) };
        few.0.iter().any(|run| many.meets(*run))
    }

    /// The addresses of both.
    #[must_use]
    pub(super) fn intersection(&self, other: &Self) -> Self {
        Self(self.0.iter().flat_map(|run| other.within(*run)).collect())
    }

    /// The addresses of either.
    #[must_use]
    pub(super) fn union(&self, other: &Self) -> Self {
        Self::of(self.0.iter().chain(other.0.iter()).copied())
    }

    /// The addresses that are in no run of `other`.
    #[must_use]
    pub(super) fn difference(&self, other: &Self) -> Self {
        let mut out = Vec::new();
        for run in self.0.iter() {
            let mut start = Some(run.first());
            for gone in other.within(*run) {
                if let (Some(from), Some(to)) = (start, before(gone.first()))
                    && from < gone.first()
                {
                    out.extend(Addresses::between(from, to));
                }
                start = after(gone.last());
            }
            if let Some(from) = start
                && from <= run.last()
            {
                out.extend(Addresses::between(from, run.last()));
            }
        }
        Self::of(out)
    }

    /// Those of a family.
    #[must_use]
    pub(super) fn of_family(&self, family: Family) -> Self {
        Self(self.0.iter().filter(|run| run.family() == family).copied().collect())
    }

    /// The same if they are few, else one run for each family that holds them all.
    #[must_use]
    pub(super) fn coarse(&self) -> Self {
        if self.0.len() <= FEW {
            return self.clone();
        }
        let hull = |family| {
            let those = self.of_family(family);
            Addresses::between(those.0.first()?.first(), those.0.last()?.last())
        };
        Self(Family::BOTH.into_iter().filter_map(hull).collect())
    }
}
