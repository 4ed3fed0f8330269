//! What a certificate holds: facts, claims, and what is not claimed. Everything is named by its place in its list.
//!
//! Facts are taken so that as much passes as might: rules that might be there are there, denials that might be there are
//! not. Routes that might be there are marked `perhaps`, as one of them may take the place of another.

use serde::{Deserialize, Serialize};

use crate::Run;

/// The version of this format.
pub const VERSION: u32 = 1;

macro_rules! records {
    ($($(#[$about:meta])* $name:ident { $($(#[$says:meta])* $field:ident: $type:ty,)* })*) => {$(
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[$says])* pub $field: $type,)* }
    )*};
}

macro_rules! choices {
    ($($(#[$about:meta])* $name:ident { $($(#[$says:meta])* $choice:ident $(($($type:ty),+))?,)* })*) => {$(
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case", deny_unknown_fields)]
        pub enum $name { $($(#[$says])* $choice $(($($type),+))?,)* }
    )*};
}

records! {
    /// A certificate.
    Certificate {
        /// The version of the format.
        version: u32,
        /// The design, as a person names it.
        design: String,
        /// The network.
        facts: Facts,
        /// What holds of it.
        claims: Vec<Claim>,
        /// Whom the claims leave out, because it does not hold of them or is not known to.
        not_claimed: Vec<NotClaimed>,
        /// What was not told and was taken so that as much passes as might.
        unknowns: Vec<String>,
    }
    /// A network.
    Facts {
        /// Virtual networks.
        networks: Vec<Network>,
        /// Their subnets.
        subnets: Vec<Subnet>,
        /// Route tables.
        tables: Vec<Table>,
        /// Network ACLs.
        acls: Vec<Acl>,
        /// Security groups, and prefix lists that stand for an external.
        groups: Vec<Group>,
        /// Address translators.
        nats: Vec<Nat>,
        /// Peerings.
        peerings: Vec<Peering>,
        /// Transit gateways.
        transits: Vec<Transit>,
        /// Who is outside; the first is the internet.
        externals: Vec<External>,
        /// Who is inside.
        sites: Vec<Site>,
        /// Their interfaces; one stands for all that are alike.
        interfaces: Vec<Interface>,
        /// Load balancers and other proxies.
        balancers: Vec<Balancer>,
        /// Where they send to.
        target_groups: Vec<TargetGroup>,
        /// Content delivery networks.
        distributions: Vec<Distribution>,
    }
    /// A virtual network.
    Network {
        /// Its name.
        name: String,
        /// Its blocks.
        blocks: Vec<Run>,
        /// Whether it has an internet gateway.
        internet: bool,
        /// Whether it has an egress-only internet gateway.
        egress_only: bool,
    }
    /// A subnet.
    Subnet {
        /// Its name.
        name: String,
        /// Of which network.
        network: usize,
        /// In which zone, by any number; none: not told.
        zone: Option<usize>,
        /// Its table; none: local routes only.
        table: Option<usize>,
        /// Its ACL; none: everything passes.
        acl: Option<usize>,
    }
    /// A route table.
    Table {
        /// Its name.
        name: String,
        /// Its routes; of two that are alike the earlier decides.
        routes: Vec<Route>,
        /// Gateway endpoints.
        endpoints: Vec<Endpoint>,
    }
    /// A route.
    Route {
        /// Which destinations.
        to: Run,
        /// Whose.
        origin: Origin,
        /// Where they go.
        via: Via,
        /// Whether it may also not be there.
        perhaps: bool,
        /// What says so, for people.
        says: String,
    }
    /// A gateway endpoint.
    Endpoint {
        /// The external that the service is.
        to: usize,
        /// Whether it may also not be there.
        perhaps: bool,
    }
    /// A network ACL: of the entries that match the one with the lowest order decides, else nothing passes.
    Acl {
        /// Its name.
        name: String,
        /// Into the subnet.
        inbound: Vec<Entry>,
        /// Out of it.
        outbound: Vec<Entry>,
    }
    /// An entry of an ACL.
    Entry {
        /// Its number.
        order: u32,
        /// Whether it lets pass.
        allow: bool,
        /// What it matches.
        traffic: Traffic,
        /// From or to where.
        block: Run,
        /// What says so, for people.
        says: String,
    }
    /// A security group; or a prefix list that stands for an external.
    Group {
        /// Its name.
        name: String,
        /// The external that it stands for; then it has no rules.
        external: Option<usize>,
        /// What may come in.
        ingress: Vec<Rule>,
        /// What may go out.
        egress: Vec<Rule>,
    }
    /// A rule of a group: addresses, or a group.
    Rule {
        /// What it lets through.
        traffic: Traffic,
        /// From or to which addresses.
        addresses: Vec<Run>,
        /// From or to who carries which group.
        group: Option<usize>,
        /// What says so, for people.
        says: String,
    }
    /// An address translator.
    Nat {
        /// Its name.
        name: String,
        /// Where it stands.
        subnet: usize,
        /// Whether it has a public address.
        public: bool,
        /// A NAT instance's interface, whose groups are asked.
        interface: Option<usize>,
    }
    /// Two networks that see each other.
    Peering {
        /// Its name.
        name: String,
        /// Which.
        ends: [usize; 2],
        /// Whether rules may name groups of the other end.
        group_rules: bool,
    }
    /// A transit gateway.
    Transit {
        /// Its name.
        name: String,
        /// Where it sends what.
        hubs: Vec<Hub>,
        /// Blocks that it surely sends nowhere.
        nowhere: Vec<Run>,
        /// Whether rules may name groups of other networks.
        group_rules: bool,
    }
    /// An attachment of a transit gateway.
    Hub {
        /// Who.
        to: End,
        /// Whether it may also not be there.
        perhaps: bool,
    }
    /// Someone outside.
    External {
        /// Its name.
        name: String,
        /// Its addresses.
        addresses: Vec<Run>,
        /// Whether it comes in by internet gateways.
        on_internet: bool,
    }
    /// Someone inside.
    Site {
        /// Its name.
        name: String,
        /// Its tier.
        tier: Tier,
        /// What it listens on; none: not told, and anything may be.
        listens: Option<Vec<Traffic>>,
    }
    /// An interface.
    Interface {
        /// Whose.
        site: usize,
        /// Where.
        subnet: usize,
        /// Its groups; none: nothing stands before it.
        groups: Option<Vec<usize>>,
        /// What its addresses are among.
        addresses: Vec<Run>,
        /// Whether it has a public address of IPv4.
        public: bool,
    }
    /// A load balancer or proxy.
    Balancer {
        /// Its site, which has the interfaces.
        site: usize,
        /// Its listeners.
        listeners: Vec<Listener>,
        /// In which zones it is enabled; none: in all.
        zones: Option<Vec<usize>>,
    }
    /// A listener.
    Listener {
        /// On what.
        on: Ports,
        /// To which target groups.
        forwards: Vec<usize>,
    }
    /// Targets.
    TargetGroup {
        /// Its name.
        name: String,
        /// Who, on what.
        targets: Vec<Target>,
        /// Whether they see the client's address.
        keeps_client: bool,
    }
    /// A target.
    Target {
        /// Who.
        site: usize,
        /// On what.
        on: Ports,
    }
    /// A distribution.
    Distribution {
        /// Its site, which has no interfaces.
        site: usize,
        /// As whom it comes to origins on the internet.
        cdn: usize,
        /// Its origins.
        origins: Vec<Source>,
    }
    /// An origin of a distribution.
    Source {
        /// Who.
        site: usize,
        /// On which ports of TCP, first and last.
        ports: [u16; 2],
        /// By a VPC origin, from inside of its network.
        private: bool,
    }
    /// An exception from a claim: somebody of whom it does not hold, or is not known to.
    NotClaimed {
        /// The site that the claim is about.
        site: usize,
        /// Which kind of claim.
        what: Kind,
        /// Who may open conversations to it, or be sent to.
        party: Party,
        /// Why.
        why: String,
    }
}

choices! {
    /// A protocol that has ports, and ports, first and last.
    Ports {
        /// TCP.
        Tcp([u16; 2]),
        /// UDP.
        Udp([u16; 2]),
    }
    /// What a rule speaks of.
    Traffic {
        /// Everything.
        All,
        /// All of one protocol.
        Protocol(u8),
        /// Ports of TCP.
        Tcp([u16; 2]),
        /// Ports of UDP.
        Udp([u16; 2]),
        /// ICMP: its type, and with a type its code; none: all.
        Icmp(Option<u8>, Option<u8>),
        /// ICMP of IPv6.
        Icmpv6(Option<u8>, Option<u8>),
    }
    /// Whose a route is: of two for one block the earlier of these decides. A local one comes before every propagated one.
    Origin {
        /// The network's own.
        Local,
        /// Written by somebody.
        Static,
        /// Of a prefix list.
        PrefixList,
        /// Announced by a gateway.
        Propagated,
    }
    /// Where a route leads.
    Via {
        /// Within the network.
        Local,
        /// The internet gateway.
        Internet,
        /// The egress-only internet gateway.
        EgressOnly,
        /// A translator.
        Nat(usize),
        /// A peering.
        Peering(usize),
        /// A transit gateway.
        Transit(usize),
        /// A private way to an external.
        Beyond(usize),
        /// Nowhere.
        Nowhere,
        /// Something that is not modelled, which may do what any of the others does.
        Elsewhere,
    }
    /// Whom a transit gateway sends to.
    End {
        /// A network.
        Network(usize),
        /// An external.
        External(usize),
    }
    /// What a site is for.
    Tier {
        /// What the public meets.
        Edge,
        /// The page's.
        Web,
        /// The application's.
        App,
        /// The data's.
        Data,
        /// A way in for people.
        Admin,
        /// Serves the others.
        Support,
    }
    /// Someone.
    Party {
        /// Inside.
        Site(usize),
        /// Outside.
        External(usize),
    }
    /// A kind of claim.
    Kind {
        /// Who opens conversations to it.
        OnlyOpenedBy,
        /// Whom it sends nothing to.
        SendsNothingTo,
    }
}

/// A claim about a site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Claim {
    /// Nobody but these, and exceptions, opens a conversation to it on what it listens on: no packet of anybody else
    /// arrives and is answered.
    OnlyOpenedBy {
        /// Whom.
        site: usize,
        /// Who may.
        openers: Vec<Party>,
    },
    /// Not one packet of it gets to any of these, answered or not, unless somebody passes it on.
    SendsNothingTo {
        /// Who.
        site: usize,
        /// Whom.
        externals: Vec<usize>,
    },
}

impl Claim {
    /// About whom, and of which kind.
    pub const fn about(&self) -> (usize, Kind) {
        match self {
            Self::OnlyOpenedBy { site, .. } => (*site, Kind::OnlyOpenedBy),
            Self::SendsNothingTo { site, .. } => (*site, Kind::SendsNothingTo),
        }
    }
}

impl Claim {
    /// Whom it names: who may, or whom it does not.
    pub fn parties(&self) -> Vec<Party> {
        match self {
            Self::OnlyOpenedBy { openers, .. } => openers.clone(),
            Self::SendsNothingTo { externals, .. } => externals.iter().map(|n| Party::External(*n)).collect(),
        }
    }
}

impl Certificate {
    /// As text, the same for equal certificates.
    ///
    /// # Errors
    /// None that these types can give; serde's signature has it.
    pub fn text(&self) -> serde_json::Result<String> {
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        Ok(text)
    }
}
