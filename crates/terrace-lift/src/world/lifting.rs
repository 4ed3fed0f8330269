//! A world in the making: which item has which number, and what is not told.

use std::collections::BTreeMap;

use terrace_aws::inventory::{Inventory, Item, ItemId, Presence, Told, UnknownName, View};
use terrace_aws::{Mode, Reference, Text};
use terrace_proof::space::{AddressBlock, GroupId, RuleId};
use terrace_proof::world::{
    AclId, ExternalId, Fact, NatId, NetworkId, PeeringId, SiteId, SubnetId, TableId, TargetGroupId,
    TransitId, UnknownId, Unknowns, When,
};

use super::lifted::{ExternalKind, Lifted, Provenance, SiteKind, SiteName, Unmodelled};
use super::naming::born_with;

/// Arguments and attributes by whose value others name an item.
const NAMES: [&str; 7] =
    ["id", "arn", "name", "identifier", "cluster_identifier", "replication_group_id", "dns_name"];

/// Attributes of a network that name what it is born with.
const BORN: [&str; 4] =
    ["default_security_group_id", "default_route_table_id", "main_route_table_id", "default_network_acl_id"];

/// What is known of a subnet beyond what the world holds.
#[derive(Clone, Debug, Default)]
pub(super) struct AtLaunch {
    /// Whether interfaces get a public address of IPv4.
    pub(super) public: Option<When>,
    /// Whether they get an address of IPv6.
    pub(super) six: Option<When>,
}

/// The state of lifting. Maps are by item; what is not in the inventory has an item's id made of its name.
pub(super) struct Lifting<'a> {
    pub(super) inventory: &'a Inventory,
    pub(super) out: Lifted,
    pub(super) by_name: BTreeMap<Text, Vec<ItemId>>,
    numbers: BTreeMap<UnknownName, UnknownId>,
    pub(super) outside: BTreeMap<ItemId, Unknowns>,
    pub(super) networks: BTreeMap<ItemId, NetworkId>,
    pub(super) default_network: Option<NetworkId>,
    pub(super) subnets: BTreeMap<ItemId, SubnetId>,
    /// By [`SubnetId`].
    pub(super) at_launch: Vec<AtLaunch>,
    pub(super) tables: BTreeMap<ItemId, TableId>,
    pub(super) table_networks: BTreeMap<TableId, NetworkId>,
    pub(super) acls: BTreeMap<ItemId, AclId>,
    pub(super) groups: BTreeMap<ItemId, GroupId>,
    pub(super) group_networks: BTreeMap<GroupId, NetworkId>,
    pub(super) default_groups: BTreeMap<NetworkId, GroupId>,
    /// Groups that are a value which nobody has told, so that they may be any other.
    pub(super) open_groups: BTreeMap<GroupId, Unknowns>,
    pub(super) externals: BTreeMap<String, ExternalId>,
    pub(super) external_groups: BTreeMap<ExternalId, GroupId>,
    pub(super) nats: BTreeMap<ItemId, NatId>,
    pub(super) peerings: BTreeMap<ItemId, PeeringId>,
    pub(super) transits: BTreeMap<ItemId, TransitId>,
    pub(super) beyond: BTreeMap<ItemId, ExternalId>,
    pub(super) sites: BTreeMap<ItemId, SiteId>,
    pub(super) target_groups: BTreeMap<ItemId, TargetGroupId>,
    /// Blocks that stand for a text that is not told.
    pub(super) symbols: BTreeMap<Text, AddressBlock>,
    /// Blocks that stand for others, and what would have to be told.
    pub(super) stand_ins: Vec<(AddressBlock, Unknowns)>,
    /// Elastic addresses by the item that has them.
    pub(super) elastic: BTreeMap<ItemId, When>,
    /// Interfaces by the machine that they are attached to.
    pub(super) attached: BTreeMap<ItemId, Vec<Fact<ItemId>>>,
}

impl<'a> Lifting<'a> {
    pub(super) fn new(inventory: &'a Inventory) -> Self {
        let mut by_name: BTreeMap<Text, Vec<ItemId>> = BTreeMap::new();
        for item in inventory.items() {
            for argument in NAMES {
                if let Told::Is(name) = item.view().text(argument)
                    && name.literal() != Some("")
                {
                    let owners = by_name.entry(name).or_default();
                    if owners.last() != Some(item.id()) {
                        owners.push(item.id().clone());
                    }
                }
            }
        }
        for item in inventory.all("aws_vpc") {
            for argument in BORN {
                let born = born_with(item.id(), argument);
                if let (Told::Is(name), Some(born)) = (item.view().text(argument), born)
                    && name.literal().is_some_and(|name| !name.is_empty())
                {
                    by_name.entry(name).or_default().push(born);
                }
            }
        }
        let mut out = Lifted::default();
        out.externals.push("internet".to_owned());
        out.external_kinds.push(ExternalKind::Internet);
        Self {
            inventory,
            out,
            by_name,
            numbers: BTreeMap::new(),
            outside: BTreeMap::new(),
            networks: BTreeMap::new(),
            default_network: None,
            subnets: BTreeMap::new(),
            at_launch: Vec::new(),
            tables: BTreeMap::new(),
            table_networks: BTreeMap::new(),
            acls: BTreeMap::new(),
            groups: BTreeMap::new(),
            group_networks: BTreeMap::new(),
            default_groups: BTreeMap::new(),
            open_groups: BTreeMap::new(),
            externals: BTreeMap::new(),
            external_groups: BTreeMap::new(),
            nats: BTreeMap::new(),
            peerings: BTreeMap::new(),
            transits: BTreeMap::new(),
            beyond: BTreeMap::new(),
            sites: BTreeMap::new(),
            target_groups: BTreeMap::new(),
            symbols: BTreeMap::new(),
            stand_ins: Vec::new(),
            elastic: BTreeMap::new(),
            attached: BTreeMap::new(),
        }
    }

    /// Items of any of these types that are built, in order.
    pub(super) fn all(&self, types: &'static [&'static str]) -> Vec<&'a Item> {
        let inventory: &'a Inventory = self.inventory;
        types.iter().flat_map(|name| inventory.all(name)).collect()
    }

    /// Lookups of a type.
    pub(super) fn lookups(&self, type_name: &str) -> Vec<&'a Item> {
        let inventory: &'a Inventory = self.inventory;
        inventory.items().filter(|i| i.id().mode() == Mode::Data && i.type_name() == type_name).collect()
    }

    // What is not told.

    pub(super) fn unknown(&mut self, name: impl Into<String>) -> UnknownId {
        let name = UnknownName::new(name);
        let next = UnknownId(u32::try_from(self.out.unknowns.len()).unwrap_or(u32::MAX));
        let all = &mut self.out.unknowns;
        *self.numbers.entry(name).or_insert_with_key(|name| {
            all.push(name.clone());
            next
        })
    }

    /// What these references name.
    pub(super) fn unknowns<'r>(&mut self, of: impl IntoIterator<Item = &'r Reference>) -> Unknowns {
        let mut all: Unknowns = of.into_iter().map(|r| self.unknown(r.to_string())).collect();
        if all.is_empty() {
            all.insert(self.unknown("a value that is not told"));
        }
        all
    }

    pub(super) fn presence(&mut self, item: &Item) -> When {
        match &item.presence {
            Presence::Sure => When::Always,
            Presence::Depends(on) => {
                When::Perhaps(on.iter().map(|name| self.unknown(name.as_str())).collect())
            }
        }
    }

    /// Whether a truth holds, if it may.
    pub(super) fn truth(&mut self, told: Told<bool>, default: bool) -> Option<When> {
        match told {
            Told::Is(truth) => truth.then_some(When::Always),
            Told::Nothing => default.then_some(When::Always),
            Told::Unknown(of) => Some(When::Perhaps(self.unknowns(&of))),
        }
    }

    /// What an item that is not in the inventory would have to be told by.
    pub(super) fn not_told(&mut self, id: &ItemId) -> Unknowns {
        match self.outside.get(id) {
            Some(known) => known.clone(),
            None => Unknowns::from([self.unknown(id.name())]),
        }
    }

    // What comes out.

    pub(super) fn rule(&mut self, item: &ItemId, path: impl Into<String>, says: impl Into<String>) -> RuleId {
        let path = path.into();
        let place = self.inventory.get(item).and_then(|i| i.place(&path)).cloned();
        self.out.rules.push(Provenance { item: item.clone(), path, says: says.into(), place });
        RuleId(u32::try_from(self.out.rules.len() - 1).unwrap_or(u32::MAX))
    }

    pub(super) fn assume(&mut self, sentence: impl Into<String>) {
        let sentence = sentence.into();
        if !self.out.assumptions.contains(&sentence) {
            self.out.assumptions.push(sentence);
        }
    }

    pub(super) fn unmodelled(&mut self, item: &ItemId, what: impl Into<String>) {
        self.list_unmodelled(item, what.into(), false);
    }

    /// Something that is not modelled and may lead somebody to somebody.
    pub(super) fn may_open(&mut self, item: &ItemId, what: impl Into<String>) {
        self.list_unmodelled(item, what.into(), true);
    }

    fn list_unmodelled(&mut self, item: &ItemId, what: String, opens: bool) {
        let place = self.inventory.get(item).and_then(|i| i.place("")).cloned();
        let new = Unmodelled { item: item.clone(), what, opens, place };
        if !self.out.unmodelled.contains(&new) {
            self.out.unmodelled.push(new);
        }
    }

    pub(super) fn add_site(
        &mut self,
        item: &ItemId,
        kind: SiteKind,
        listens: Option<Vec<terrace_proof::space::Traffic>>,
    ) -> SiteId {
        let found = self.inventory.get(item);
        let tag = |item: &Item| name_tag(item.view());
        let id = self.out.world.add_site(terrace_proof::world::Site { listens });
        self.out.sites.push(SiteName {
            item: item.clone(),
            also: Vec::new(),
            kind,
            name_tag: found.and_then(tag),
            groups: Vec::new(),
            subnets: Vec::new(),
            place: found.and_then(|i| i.place("")).cloned(),
        });
        self.sites.insert(item.clone(), id);
        id
    }

    /// Another name of a site.
    pub(super) fn also(&mut self, site: SiteId, item: &ItemId) {
        self.sites.insert(item.clone(), site);
        if let Some(name) = self.site_name(site)
            && name.item != *item
            && !name.also.contains(item)
        {
            name.also.push(item.clone());
        }
    }

    pub(super) fn site_name(&mut self, site: SiteId) -> Option<&mut SiteName> {
        self.out.sites.get_mut(usize::try_from(site.0).ok()?)
    }
}

/// The tag `Name`, however a resource has tags.
fn name_tag(view: View<'_>) -> Option<String> {
    for argument in ["tags", "tags_all"] {
        let tags = view.map(argument).known().unwrap_or_default();
        if let Some(name) = tags.get("Name").and_then(Text::literal) {
            return Some(name.to_owned());
        }
    }
    let of_group = |tag: &View<'_>| tag.literal("key") == Told::Is("Name".to_owned());
    let tag = view.blocks("tag").known()?.into_iter().find(of_group)?;
    tag.literal("value").known()
}
