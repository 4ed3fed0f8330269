//! Tables: policy routes in each network's router, by the device that a packet comes from.

use std::cmp::Reverse;

use terrace_proof::space::{AddressBlock, Addresses, Family, Origin, Route};
use terrace_proof::world::{ExternalId, Nat, NetworkId, SubnetId, Table, Transit, Via, When};

use super::{BEHIND, PEERS, Planner, STANDS, Unraised, ends, host, numbered, of, router, sure, unraised};

/// The number of a subnet's table in its router; 50 has the local routes.
fn table(subnet: SubnetId) -> u32 {
    subnet.0.saturating_add(100)
}

fn far(kind: u32, family: Family) -> String {
    let [_, far] = ends(kind);
    of(family, &far).to_owned()
}

fn near(kind: u32, family: Family) -> String {
    let [near, _] = ends(kind);
    of(family, &near).to_owned()
}

fn holds(outer: AddressBlock, inner: AddressBlock) -> bool {
    let run = Addresses::from(outer);
    let inner = Addresses::from(inner);
    run.contains(inner.first()) && run.contains(inner.last())
}

impl Planner<'_> {
    pub(super) fn tables(&mut self) -> Result<(), Unraised> {
        for (n, _) in numbered(&self.world.networks) {
            let space = self.space(&router(NetworkId(n)));
            for family in Family::BOTH {
                // Whoever comes in without a table has local routes only.
                space.line(family, "rule add pref 200 lookup 50".to_owned());
                space.line(family, "rule add pref 201 unreachable".to_owned());
            }
        }
        let subnets: Vec<_> = numbered(&self.world.subnets).collect();
        for (n, subnet) in subnets {
            let Some(id) = subnet.table else { continue };
            let Some(routes) = self.world.tables.get(id.0 as usize) else { continue };
            self.subnet_table(SubnetId(n), subnet.network, routes)?;
        }
        let transits: Vec<(u32, &Transit)> = numbered(&self.world.transits).collect();
        for (n, transit) in transits {
            self.transit(n, transit)?;
        }
        Ok(())
    }

    /// The devices of a subnet in its router.
    pub(super) fn devices(&self, id: SubnetId) -> Vec<String> {
        let nats: Vec<(u32, &Nat)> = numbered(&self.world.nats).collect();
        let is_nat = |n: u32| nats.iter().any(|(_, nat)| nat.interface.is_some_and(|i| i.0 == n));
        let interfaces = numbered(&self.world.interfaces).filter(|(n, i)| i.subnet == id && !is_nat(*n));
        let mut devices: Vec<String> = interfaces.map(|(n, _)| format!("if{n}")).collect();
        devices.extend(nats.iter().filter(|(_, nat)| nat.subnet == id).map(|(n, _)| format!("nat{n}")));
        devices
    }

    fn subnet_table(
        &mut self,
        subnet: SubnetId,
        network: NetworkId,
        table_of: &Table,
    ) -> Result<(), Unraised> {
        if !table_of.named.is_empty() {
            return unraised("a gateway endpoint");
        }
        let mut routes: Vec<&Route<Via>> = Vec::new();
        for fact in &table_of.routes {
            sure(&fact.when, "a route")?;
            routes.push(&fact.is);
        }
        let local = |to: AddressBlock| {
            let locals = table_of.routes.iter().filter(|fact| fact.is.origin == Origin::Local);
            locals.into_iter().any(|fact| holds(fact.is.to, to))
        };
        routes.retain(|route| route.origin != Origin::Propagated || !local(route.to));
        routes.sort_by_key(|route| (route.to, route.origin));
        routes.dedup_by_key(|route| route.to);
        routes.sort_by_key(|route| Reverse(route.to.prefix()));
        let devices = self.devices(subnet);
        let number = table(subnet);
        let mut lines = Vec::new();
        for device in devices {
            for family in Family::BOTH {
                lines.push((family, format!("rule add pref 100 iif {device} lookup {number}")));
                lines.push((family, format!("rule add pref 101 iif {device} lookup 50")));
                lines.push((family, format!("rule add pref 102 iif {device} unreachable")));
            }
        }
        for route in routes {
            let family = route.to.family();
            let way = self.way(network, route.target, family)?;
            let (kind, hop) = match way {
                Hop::Local => ("throw", String::new()),
                Hop::None => ("blackhole", String::new()),
                Hop::By { device, via } => ("", format!("via {via} dev {device} onlink")),
            };
            lines.push((family, format!("route add {kind} {} table {number} {hop}", route.to)));
        }
        let space = self.space(&router(network));
        lines.into_iter().for_each(|(family, line)| space.line(family, line));
        Ok(())
    }

    fn way(&mut self, network: NetworkId, via: Via, family: Family) -> Result<Hop, Unraised> {
        let by = |device: String| Hop::By { device, via: far(STANDS, family) };
        let joins = self.world;
        Ok(match via {
            Via::Local => Hop::Local,
            Via::Internet if self.network(network)?.internet.is_some() => by("www".to_owned()),
            Via::EgressOnly if family == Family::V6 && self.network(network)?.egress_only.is_some() => {
                by("out".to_owned())
            }
            Via::Nat(id) if family == Family::V4 => by(format!("nat{}", id.0)),
            Via::Peer(id) => match joins.peerings.get(id.0 as usize) {
                Some(peering) if peering.ends.contains(&network) => {
                    let [first, _] = peering.ends;
                    let kind = PEERS + id.0;
                    let via = if first == network { far(kind, family) } else { near(kind, family) };
                    Hop::By { device: format!("peer{}", id.0), via }
                }
                _ => Hop::None,
            },
            Via::Transit(id) => match joins.transits.get(id.0 as usize) {
                Some(transit) if transit.attached.iter().any(|fact| fact.is.1 == network) => {
                    by(format!("tgw{}", id.0))
                }
                _ => Hop::None,
            },
            Via::Beyond(id) => by(self.private_way(network, id)?),
            Via::Elsewhere => return unraised("a route to what is not modelled"),
            Via::Internet | Via::EgressOnly | Via::Nat(_) | Via::Nowhere => Hop::None,
        })
    }

    /// A link from a network to someone beyond, once.
    fn private_way(&mut self, network: NetworkId, id: ExternalId) -> Result<String, Unraised> {
        if self.external(id)?.on_internet {
            return unraised("a private way to someone on the internet");
        }
        let (device, there) = (format!("far{}", id.0), format!("net{}", network.0));
        let name = router(network);
        if self.links.iter().any(|link| link.0.namespace == name && link.0.name == device) {
            return Ok(device);
        }
        let far = format!("far{}", id.0);
        self.join(STANDS, (&name, &device), (&far, &there), &[]);
        let blocks = self.network(network)?.blocks.clone();
        let space = self.space(&far);
        for block in blocks {
            let near = near(STANDS, block.family());
            space.line(block.family(), format!("route replace {block} via {near} dev {there} onlink"));
        }
        Ok(device)
    }

    /// A transit's own routes, and those that lead to it from who is beyond.
    fn transit(&mut self, n: u32, transit: &Transit) -> Result<(), Unraised> {
        let name = format!("tgw{n}");
        let mut lines = Vec::new();
        for fact in &transit.nowhere {
            if fact.when != When::Always {
                return unraised("a blackhole that might be there");
            }
            lines.push((fact.is.1.family(), format!("route add blackhole {}", fact.is.1)));
        }
        let nowhere = |block: &AddressBlock| transit.nowhere.iter().any(|fact| fact.is.1 == *block);
        let mut behind = Vec::new();
        for fact in &transit.attached {
            let network = fact.is.1;
            for block in self.network(network)?.blocks.clone() {
                behind.push(block);
                if !nowhere(&block) {
                    let near = near(STANDS, block.family());
                    lines.push((
                        block.family(),
                        format!("route add {block} via {near} dev net{} onlink", network.0),
                    ));
                }
            }
        }
        for fact in &transit.beyond {
            let external = fact.is.1;
            let Some((far_space, own)) = self.outside.get(&external.0).cloned() else { continue };
            for address in own {
                let family = if address.is_ipv4() { Family::V4 } else { Family::V6 };
                let line =
                    format!("{} via {} dev far{} onlink", host(address), far(BEHIND, family), external.0);
                lines.push((family, format!("route add {line}")));
            }
            let space = self.space(&far_space);
            for block in &behind {
                let near = near(BEHIND, block.family());
                space.line(block.family(), format!("route add {block} via {near} dev {name} onlink"));
            }
        }
        let space = self.space(&name);
        lines.into_iter().for_each(|(family, line)| space.line(family, line));
        Ok(())
    }
}

/// Where a route leads in a router.
enum Hop {
    /// On to the table of local routes.
    Local,
    /// Nowhere.
    None,
    /// To another namespace.
    By {
        /// By this device.
        device: String,
        /// To this address.
        via: String,
    },
}
