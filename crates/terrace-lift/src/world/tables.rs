//! Route tables, and which subnet has which.
//!
//! Sources: Amazon VPC User Guide, "Route table concepts" (a subnet without a table of its own has the main one; the
//! local route is in every table), "Replace or restore the target for a local route".

use terrace_aws::inventory::{Item, ItemId, Told, View};
use terrace_aws::{Mode, Text};
use terrace_proof::space::{AddressBlock, Origin, Route};
use terrace_proof::world::{Fact, NetworkId, SubnetId, Table, TableId, Unknowns, Via, When};

use super::ask;
use super::blocks::{Block, EVERYWHERE};
use super::lifting::Lifting;
use super::networks::SUBNETS;

pub(super) const TABLES: &[&str] = &["aws_route_table", "aws_default_route_table"];
/// By which a default table says whose it is.
const MAIN: &str = "default_route_table_id";

/// A destination, the words for it, and whether the route is to it.
type Destination = (AddressBlock, Origin, When);

impl Lifting<'_> {
    pub(super) fn tables(&mut self) {
        for item in self.all(TABLES) {
            let network = match self.network_named(item, "vpc_id") {
                Some(network) => Some(network),
                None => self.network_taken_over(item.view(), MAIN),
            };
            let Some(network) = network else { continue };
            self.table(item.id(), network);
            self.inline_routes(item, network);
        }
        for item in self.all(&["aws_route"]) {
            self.route_item(item);
        }
        self.associations();
        self.announced();
    }

    fn table(&mut self, item: &ItemId, network: NetworkId) -> TableId {
        if let Some(known) = self.tables.get(item) {
            return *known;
        }
        let mut routes = Vec::new();
        for block in self.blocks_of(network) {
            let id = self.rule(item, "", format!("the local route to {block}"));
            routes.push(Fact::sure(Route { id, to: block, origin: Origin::Local, target: Via::Local }));
        }
        let id = self.out.world.add_table(Table { routes, named: Vec::new() });
        self.out.tables.push(item.clone());
        self.tables.insert(item.clone(), id);
        self.table_networks.insert(id, network);
        id
    }

    pub(super) fn table_mut(&mut self, id: TableId) -> Option<&mut Table> {
        self.out.world.tables.get_mut(usize::try_from(id.0).ok()?)
    }

    fn inline_routes(&mut self, item: &Item, network: NetworkId) {
        let presence = self.presence(item);
        let (blocks, more) = item.view().blocks_and_more("route");
        for (index, view) in blocks.into_iter().enumerate() {
            let path = format!("route[{index}]");
            let to = ["cidr_block", "ipv6_cidr_block"];
            self.route(item.id(), item, &path, view, to, network, &presence);
        }
        if !more.is_empty() {
            let unknowns = self.unknowns(&more);
            self.anything(item.id(), "route", item.id(), unknowns);
        }
    }

    /// Routes that nobody has told, to everywhere.
    fn anything(&mut self, table: &ItemId, path: &str, by: &ItemId, unknowns: Unknowns) {
        let Some(id) = self.tables.get(table).copied() else { return };
        for to in EVERYWHERE {
            let rule = self.rule(by, path, format!("a route to {to} that is not told"));
            let route = Route { id: rule, to, origin: Origin::Static, target: Via::Elsewhere };
            if let Some(table) = self.table_mut(id) {
                table.routes.push(Fact::perhaps(route, unknowns.clone()));
            }
        }
    }

    fn route_item(&mut self, item: &Item) {
        let presence = self.presence(item);
        for table in self.named(item.view(), "route_table_id", TABLES) {
            let known = self.tables.get(&table.is).copied();
            let network = match known {
                Some(id) => self.table_networks.get(&id).copied(),
                None => self.network_born_with(&table.is, "main_route_table_id"),
            };
            let Some(network) = network else {
                self.unmodelled(item.id(), format!("a route of {}, a table that is not told", table.is));
                continue;
            };
            self.table(&table.is, network);
            let when = presence.and(&table.when);
            self.route(
                &table.is,
                item,
                "",
                item.view(),
                ["destination_cidr_block", "destination_ipv6_cidr_block"],
                network,
                &when,
            );
        }
    }

    #[expect(clippy::too_many_arguments, reason = "what a route is made of")]
    fn route(
        &mut self,
        table: &ItemId,
        item: &Item,
        path: &str,
        view: View<'_>,
        to: [&'static str; 2],
        network: NetworkId,
        when: &When,
    ) {
        let destinations = self.destinations(view, to);
        let ways = self.ways(item, view, network);
        let Some(id) = self.tables.get(table).copied() else { return };
        for (block, origin, whether) in destinations {
            for way in &ways {
                let Some(target) = way.is.0 else { continue };
                let rule = self.rule(item.id(), path, format!("route {block} to {}", way.is.1));
                let when = when.and(&whether).and(&way.when);
                let sure = when == When::Always;
                let route = Fact { is: Route { id: rule, to: block, origin, target }, when };
                if let Some(table) = self.table_mut(id) {
                    if sure && origin == Origin::Static {
                        // Such a route is the local one with another target.
                        table.routes.retain(|r| r.is.origin != Origin::Local || r.is.to != block);
                    }
                    table.routes.push(route);
                }
            }
        }
    }

    fn destinations(&mut self, view: View<'_>, arguments: [&'static str; 2]) -> Vec<Destination> {
        let mut all = Vec::new();
        for argument in arguments {
            let text = match ask::text(view, argument) {
                Told::Nothing => continue,
                Told::Is(text) => text,
                Told::Unknown(of) => Text::opaque(of),
            };
            match self.block(&text) {
                Block::Is(block) => all.push((block, Origin::Static, When::Always)),
                Block::Unknown(unknowns) => {
                    all.extend(EVERYWHERE.map(|b| (b, Origin::Static, When::Perhaps(unknowns.clone()))));
                }
            }
        }
        for list in self.named(view, "destination_prefix_list_id", super::lists::LISTS) {
            match self.entries(&list.is) {
                Ok(blocks) => {
                    all.extend(blocks.into_iter().map(|(b, w)| (b, Origin::PrefixList, list.when.and(&w))));
                }
                Err(unknowns) => {
                    let when = list.when.and(&When::Perhaps(unknowns));
                    all.extend(EVERYWHERE.map(|b| (b, Origin::PrefixList, when.clone())));
                }
            }
        }
        all
    }

    /// Which subnet has which table: its own, else the network's main one.
    fn associations(&mut self) {
        let mut own: Vec<(SubnetId, TableId, When)> = Vec::new();
        for item in self.all(&["aws_route_table_association"]) {
            let view = item.view();
            let presence = self.presence(item);
            if !ask::text(view, "gateway_id").is_nothing() {
                self.unmodelled(item.id(), "routes of a gateway, which send what comes in to an appliance");
                continue;
            }
            let tables = self.named(view, "route_table_id", TABLES);
            for subnet in self.named(view, "subnet_id", SUBNETS) {
                let subnet_id = self.subnet(&subnet.is, None);
                for table in &tables {
                    let when = presence.and(&subnet.when).and(&table.when);
                    let network = self.network_of(subnet_id);
                    let id = match (self.tables.get(&table.is), network) {
                        (Some(id), _) => *id,
                        (None, Some(network)) => {
                            let id = self.table(&table.is, network);
                            let unknowns = self.not_told(&table.is);
                            self.anything(&table.is, "", &table.is, unknowns);
                            id
                        }
                        (None, None) => continue,
                    };
                    own.push((subnet_id, id, when));
                }
            }
        }
        let mut at = 0;
        while let Some(subnet) = self.out.world.subnets.get(at).cloned() {
            let id = SubnetId(u32::try_from(at).unwrap_or(u32::MAX));
            let mine: Vec<(TableId, When)> =
                own.iter().filter(|(s, ..)| *s == id).map(|(_, t, w)| (*t, w.clone())).collect();
            let table = match mine.as_slice() {
                [] => Some(self.main_or_untold(id, subnet.network)),
                [(table, When::Always)] => Some(*table),
                several => Some(self.either(id, subnet.network, several)),
            };
            if let Some(found) = self.out.world.subnets.get_mut(at) {
                found.table = table;
            }
            at += 1;
        }
    }

    /// A subnet that is not in the inventory has a table that is not told.
    fn main_or_untold(&mut self, subnet: SubnetId, network: NetworkId) -> TableId {
        let item = self.out.subnet(subnet).cloned();
        let item = item.unwrap_or_else(|| ItemId::new("aws_subnet", ""));
        let in_default = self.default_network == Some(network);
        let is_built = self.item(&item).is_some() && item.mode() == Mode::Managed;
        if is_built || in_default {
            return self.main(network);
        }
        let name = ItemId::new("aws_route_table", format!("the route table of {item}"));
        let id = self.table(&name, network);
        let unknowns = self.not_told(&item);
        self.anything(&name, "", &item, unknowns);
        id
    }

    fn main(&mut self, network: NetworkId) -> TableId {
        let mut perhaps: Vec<(TableId, When)> = Vec::new();
        for item in self.all(&["aws_main_route_table_association"]) {
            if self.network_named(item, "vpc_id") != Some(network) {
                continue;
            }
            let presence = self.presence(item);
            for named in self.named(item.view(), "route_table_id", TABLES) {
                let when = presence.and(&named.when);
                let is_new = !self.tables.contains_key(&named.is);
                let table = self.table(&named.is, network);
                if is_new {
                    let unknowns = self.not_told(&named.is);
                    self.anything(&named.is, "", &named.is, unknowns);
                }
                if when == When::Always {
                    return table;
                }
                perhaps.push((table, when));
            }
        }
        let born = self.main_as_born(network);
        if perhaps.is_empty() {
            return born;
        }
        let at = usize::try_from(network.0).unwrap_or(usize::MAX);
        let item = self.out.networks.get(at).cloned().unwrap_or_else(|| ItemId::new("aws_vpc", ""));
        let name = ItemId::new("aws_route_table", format!("whichever main table {item} has"));
        let is_new = !self.tables.contains_key(&name);
        let id = self.table(&name, network);
        if is_new {
            self.routes_of_either(id, born, &perhaps);
        }
        id
    }

    fn main_as_born(&mut self, network: NetworkId) -> TableId {
        for item in self.all(&["aws_default_route_table"]) {
            if self.network_taken_over(item.view(), MAIN) == Some(network)
                && let Some(table) = self.tables.get(item.id())
            {
                return *table;
            }
        }
        let at = usize::try_from(network.0).unwrap_or(usize::MAX);
        let item = self.out.networks.get(at).cloned();
        let item = item.unwrap_or_else(|| ItemId::new("aws_vpc", ""));
        let name = ItemId::new("aws_default_route_table", format!("main table of {item}"));
        let is_new = !self.tables.contains_key(&name);
        let id = self.table(&name, network);
        if is_new && self.default_network == Some(network) {
            let Some(to) = EVERYWHERE.first().copied() else { return id };
            let rule = self.rule(&name, "", "route 0.0.0.0/0 to the internet gateway, as AWS makes it");
            let route = Route { id: rule, to, origin: Origin::Static, target: Via::Internet };
            if let Some(table) = self.table_mut(id) {
                table.routes.push(Fact::sure(route));
            }
        }
        id
    }

    /// A table for a subnet whose association may be one or another: each route may be there.
    fn either(&mut self, subnet: SubnetId, network: NetworkId, several: &[(TableId, When)]) -> TableId {
        if let Some((table, _)) = several.iter().find(|(_, when)| *when == When::Always) {
            return *table;
        }
        let item = self.out.subnet(subnet).cloned();
        let item = item.unwrap_or_else(|| ItemId::new("aws_subnet", ""));
        let name = ItemId::new("aws_route_table", format!("the route table of {item}"));
        let id = self.table(&name, network);
        let main = self.main(network);
        self.routes_of_either(id, main, several);
        id
    }

    /// The routes of several tables of which one counts, or else `main`.
    fn routes_of_either(&mut self, id: TableId, main: TableId, several: &[(TableId, When)]) {
        let all = several.iter().fold(When::Always, |all, (_, when)| all.and(when));
        let ways = several.iter().cloned().chain([(main, all)]);
        let mut routes = Vec::new();
        for (table, when) in ways {
            let Some(table) = self.table_mut(table) else { continue };
            let others = table.routes.iter().filter(|r| r.is.origin != Origin::Local);
            routes.extend(others.map(|r| Fact { is: r.is, when: r.when.and(&when) }));
        }
        if let Some(table) = self.table_mut(id) {
            table.routes.extend(routes);
        }
    }
}
