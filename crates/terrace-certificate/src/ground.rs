//! Every number of a certificate turned into what it is the number of, or an error that says which is none; and whether
//! every site that has to be claimed about is.

use std::collections::{BTreeMap, BTreeSet};

use crate::Run;
use crate::check::Wrong;
use crate::format::{
    Acl, Balancer, Certificate, Claim, Distribution, End, Facts, Group, Kind, Nat, Network, Party, Table,
    Tier, VERSION, Via,
};

/// Where an interface stands, with everything that its packets meet there.
#[derive(Clone, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) site: usize,
    pub(crate) subnet: usize,
    pub(crate) network: usize,
    pub(crate) home: &'a Network,
    pub(crate) zone: Option<usize>,
    pub(crate) table: Option<&'a Table>,
    pub(crate) acl: Option<&'a Acl>,
    /// Its groups, with their numbers; none: nothing stands before it.
    pub(crate) groups: Option<BTreeMap<usize, &'a Group>>,
    pub(crate) addresses: &'a [Run],
    pub(crate) public: bool,
}

/// A certificate's facts, every number being one of something.
pub(crate) struct Ground<'a> {
    pub(crate) facts: &'a Facts,
    /// By site: its interfaces, of those that are alike one.
    pub(crate) places: Vec<Vec<Place<'a>>>,
    /// By site.
    pub(crate) balancers: Vec<Vec<(usize, &'a Balancer)>>,
    /// By site.
    pub(crate) distributions: Vec<Vec<&'a Distribution>>,
    /// Where each translator stands.
    pub(crate) nats: Vec<(&'a Nat, Place<'a>)>,
}

fn get<'a, T>(all: &'a [T], number: usize, what: &'static str) -> Result<&'a T, Wrong> {
    all.get(number).ok_or(Wrong::NoSuch { what, number, there: all.len() })
}

impl<'a> Ground<'a> {
    pub(crate) fn of(facts: &'a Facts) -> Result<Self, Wrong> {
        numbers(facts)?;
        let sites = facts.sites.len();
        let mut ground = Self {
            facts,
            places: vec![Vec::new(); sites],
            balancers: vec![Vec::new(); sites],
            distributions: vec![Vec::new(); sites],
            nats: Vec::new(),
        };
        for (number, balancer) in facts.balancers.iter().enumerate() {
            ground.balancers.get_mut(balancer.site).into_iter().for_each(|all| all.push((number, balancer)));
        }
        for one in &facts.distributions {
            ground.distributions.get_mut(one.site).into_iter().for_each(|all| all.push(one));
        }
        let mut seen = BTreeSet::new();
        for interface in &facts.interfaces {
            let mut place = place(facts, interface.subnet, interface.groups.as_deref())?;
            place.site = interface.site;
            place.addresses = &interface.addresses;
            place.public = interface.public;
            let groups = interface.groups.as_ref().map(|all| all.iter().collect::<BTreeSet<_>>());
            let alike = (interface.site, interface.subnet, groups, &interface.addresses, interface.public);
            if seen.insert(alike) {
                ground.places.get_mut(interface.site).into_iter().for_each(|all| all.push(place.clone()));
            }
        }
        for nat in &facts.nats {
            let interface = nat.interface.map(|n| get(&facts.interfaces, n, "interface")).transpose()?;
            ground.nats.push((
                nat,
                place(facts, nat.subnet, interface.and_then(|interface| interface.groups.as_deref()))?,
            ));
        }
        Ok(ground)
    }

    /// Everybody.
    pub(crate) fn parties(&self) -> Vec<Party> {
        let sites = (0..self.facts.sites.len()).map(Party::Site);
        sites.chain((0..self.facts.externals.len()).map(Party::External)).collect()
    }

    /// What it costs to look for the ways from somebody, in rules looked at.
    pub(crate) fn cost(&self, from: Party) -> u64 {
        let Party::Site(site) = from else { return 20 };
        let origins = self.distributions.get(site).into_iter().flatten().map(|one| one.origins.len());
        let groups = self.balancers.get(site).into_iter().flatten().flat_map(|(_, one)| &one.listeners);
        let targets = groups.flat_map(|listener| &listener.forwards).map(|group| {
            self.facts.target_groups.get(*group).map_or(1, |group| group.targets.len().saturating_add(1))
        });
        let all = origins.chain(targets).fold(20_usize, usize::saturating_add);
        u64::try_from(all).unwrap_or(u64::MAX)
    }

    /// What joins networks is asked of every packet.
    pub(crate) fn joints(&self) -> u64 {
        let facts = self.facts;
        (facts.peerings.len() + facts.transits.len() + facts.nats.len() + 1) as u64
    }

    /// A party's name.
    pub(crate) fn name(&self, party: Party) -> String {
        let name = match party {
            Party::Site(site) => self.facts.sites.get(site).map(|site| &site.name),
            Party::External(external) => self.facts.externals.get(external).map(|external| &external.name),
        };
        name.cloned().unwrap_or_default()
    }
}

fn place<'a>(facts: &'a Facts, subnet: usize, groups: Option<&'a [usize]>) -> Result<Place<'a>, Wrong> {
    let here = get(&facts.subnets, subnet, "subnet")?;
    let carried = |all: &[usize]| {
        all.iter()
            .map(|n| Ok((*n, get(&facts.groups, *n, "group")?)))
            .collect::<Result<BTreeMap<_, _>, Wrong>>()
    };
    Ok(Place {
        site: usize::MAX,
        subnet,
        network: here.network,
        home: get(&facts.networks, here.network, "network")?,
        zone: here.zone,
        table: here.table.map(|n| get(&facts.tables, n, "table")).transpose()?,
        acl: here.acl.map(|n| get(&facts.acls, n, "ACL")).transpose()?,
        groups: groups.map(carried).transpose()?,
        addresses: &[],
        public: false,
    })
}

/// That every number is one of something, where [`place`] does not ask.
fn numbers(facts: &Facts) -> Result<(), Wrong> {
    let site = |n: usize| get(&facts.sites, n, "site").map(|_| ());
    let external = |n: usize| get(&facts.externals, n, "external").map(|_| ());
    let network = |n: usize| get(&facts.networks, n, "network").map(|_| ());
    for subnet in 0..facts.subnets.len() {
        place(facts, subnet, None)?;
    }
    for table in &facts.tables {
        table.endpoints.iter().try_for_each(|endpoint| external(endpoint.to))?;
        for route in &table.routes {
            match route.via {
                Via::Nat(n) => get(&facts.nats, n, "translator").map(|_| ())?,
                Via::Peering(n) => get(&facts.peerings, n, "peering").map(|_| ())?,
                Via::Transit(n) => get(&facts.transits, n, "transit gateway").map(|_| ())?,
                Via::Beyond(n) => external(n)?,
                Via::Local | Via::Internet | Via::EgressOnly | Via::Nowhere | Via::Elsewhere => {}
            }
        }
    }
    for group in &facts.groups {
        group.external.into_iter().try_for_each(external)?;
        for rule in group.ingress.iter().chain(&group.egress) {
            rule.group.into_iter().try_for_each(|n| get(&facts.groups, n, "group").map(|_| ()))?;
        }
    }
    facts.peerings.iter().flat_map(|peering| peering.ends).try_for_each(network)?;
    for hub in facts.transits.iter().flat_map(|transit| &transit.hubs) {
        match hub.to {
            End::Network(n) => network(n)?,
            End::External(n) => external(n)?,
        }
    }
    facts.interfaces.iter().try_for_each(|interface| site(interface.site))?;
    for balancer in &facts.balancers {
        site(balancer.site)?;
        for forward in balancer.listeners.iter().flat_map(|listener| &listener.forwards) {
            get(&facts.target_groups, *forward, "target group")?;
        }
    }
    facts.target_groups.iter().flat_map(|group| &group.targets).try_for_each(|target| site(target.site))?;
    for distribution in &facts.distributions {
        site(distribution.site)?;
        external(distribution.cdn)?;
        distribution.origins.iter().try_for_each(|origin| site(origin.site))?;
    }
    Ok(())
}

/// Whom claims leave out.
pub(crate) type Left = BTreeMap<(usize, Kind), BTreeSet<Party>>;

/// That everything that has to be claimed is, once, and speaks of somebody; whom claims leave out.
pub(crate) fn complete(certificate: &Certificate, ground: &Ground<'_>) -> Result<Left, Wrong> {
    if certificate.version != VERSION {
        return Err(Wrong::Version(certificate.version));
    }
    let facts = &certificate.facts;
    let exists = |party: &Party| match party {
        Party::Site(n) => get(&facts.sites, *n, "site").map(|_| ()),
        Party::External(n) => get(&facts.externals, *n, "external").map(|_| ()),
    };
    let mut left = Left::new();
    for not in &certificate.not_claimed {
        exists(&Party::Site(not.site))?;
        exists(&not.party)?;
        left.entry((not.site, not.what)).or_default().insert(not.party);
    }
    let mut told = BTreeSet::new();
    for claim in &certificate.claims {
        let (site, kind) = claim.about();
        let name = &get(&facts.sites, site, "site")?.name;
        if !told.insert((site, kind)) {
            return Err(Wrong::Incomplete(format!("`{name}` is claimed about twice")));
        }
        let Claim::SendsNothingTo { externals, .. } = claim else {
            claim.parties().iter().try_for_each(exists)?;
            continue;
        };
        let left = left.get(&(site, kind)).into_iter().flatten().copied();
        let named: BTreeSet<Party> = claim.parties().into_iter().chain(left).collect();
        externals.iter().try_for_each(|n| exists(&Party::External(*n)))?;
        if let Some(n) = (0..facts.externals.len()).find(|n| !named.contains(&Party::External(*n))) {
            let other = ground.name(Party::External(n));
            return Err(Wrong::Incomplete(format!("nothing is said of whether `{name}` sends to `{other}`")));
        }
    }
    for (number, site) in facts.sites.iter().enumerate() {
        let balances = ground.balancers.get(number).is_some_and(|all| !all.is_empty());
        let guarded = balances || matches!(site.tier, Tier::Edge | Tier::Web | Tier::App | Tier::Data);
        if guarded && !told.contains(&(number, Kind::OnlyOpenedBy)) {
            return Err(Wrong::Incomplete(format!("nothing is said of who opens `{}`", site.name)));
        }
        if site.tier == Tier::Data && !told.contains(&(number, Kind::SendsNothingTo)) {
            return Err(Wrong::Incomplete(format!("nothing is said of whom `{}` sends to", site.name)));
        }
    }
    Ok(left)
}
