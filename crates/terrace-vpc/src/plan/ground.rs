//! Namespaces for everyone, and the links between them.

use std::net::IpAddr;

use terrace_proof::space::Family;
use terrace_proof::world::{InterfaceId, NetworkId};

use super::{
    BEHIND, INTERNET, PEERS, Planner, STANDS, Unraised, ends, host, numbered, of, router, singles, sure,
    too_many,
};

impl Planner<'_> {
    /// Externals: those on the internet share a namespace, and each of them has addresses that the others do not.
    pub(super) fn outsiders(&mut self) -> Result<(), Unraised> {
        for (n, external) in numbered(&self.world.externals) {
            let mut own = Vec::new();
            for family in [true, false] {
                let runs = external.addresses.iter().filter(|run| run.first().is_ipv4() == family);
                let others =
                    || numbered(&self.world.externals).filter(|(other, _)| *other != n && *other != 0);
                let is_own = |address: &IpAddr| {
                    n != 0
                        || !others()
                            .any(|(_, other)| other.addresses.iter().any(|run| run.contains(*address)))
                };
                own.extend(runs.flat_map(|run| [run.last(), run.first()]).find(is_own));
            }
            if external.on_internet {
                self.outside.insert(n, (INTERNET.to_owned(), own));
            } else {
                let name = format!("far{n}");
                self.space(&name);
                self.outside.insert(n, (name, own));
            }
        }
        // The internet's addresses lie on its loopback.
        let all: Vec<(String, Vec<IpAddr>)> = self.outside.values().cloned().collect();
        for (name, own) in all {
            let space = self.space(&name);
            space.addresses.extend(own.iter().map(|address| host(*address)));
        }
        Ok(())
    }

    /// A router for each network, with a gateway to the internet and one for egress alone.
    pub(super) fn routers(&mut self) -> Result<(), Unraised> {
        for (n, network) in numbered(&self.world.networks) {
            let name = router(NetworkId(n));
            self.space(&name);
            for gateway in [&network.internet, &network.egress_only].into_iter().flatten() {
                sure(&gateway.when, "a gateway")?;
            }
            if network.internet.is_some() {
                self.join(STANDS, (&name, "www"), (INTERNET, &format!("igw{n}")), &[]);
                let [[near, _], _] = ends(STANDS);
                let line = format!("route add 198.18.{n}.0/24 via {near} dev igw{n} onlink");
                self.space(INTERNET).line(Family::V4, line);
            }
            if network.egress_only.is_some() {
                self.join(STANDS, (&name, "out"), (INTERNET, &format!("eig{n}")), &[]);
            }
            let back = if network.internet.is_some() { "igw" } else { "eig" };
            if network.internet.is_some() || network.egress_only.is_some() {
                for block in network.blocks.iter().filter(|block| block.family() == Family::V6) {
                    let [[_, near], _] = ends(STANDS);
                    let line = format!("route add {block} via {near} dev {back}{n}");
                    self.space(INTERNET).line(Family::V6, line);
                }
            }
        }
        Ok(())
    }

    pub(super) fn interfaces(&mut self) -> Result<(), Unraised> {
        for (n, interface) in numbered(&self.world.interfaces) {
            sure(&interface.when, "an interface")?;
            if self.world.nats.iter().any(|nat| nat.interface == Some(InterfaceId(n))) {
                continue;
            }
            let own = singles(&interface.addresses, &format!("interface {n}"))?;
            let network = self.subnet(interface.subnet)?.network;
            self.stand(&format!("host{n}"), &router(network), &format!("if{n}"), &own);
            if let Some(when) = &interface.public {
                sure(when, "a public address")?;
                self.public
                    .insert(n, format!("198.18.{}.{}", network.0, n + 1).parse().map_err(|_| too_many())?);
            }
        }
        Ok(())
    }

    /// Puts someone with addresses before a router.
    fn stand(&mut self, name: &str, router: &str, device: &str, own: &[IpAddr]) {
        self.join(STANDS, (router, device), (name, "eth0"), own);
        let [near, far] = ends(STANDS);
        for address in own {
            let family = Family::of(*address);
            let (near, far) = (of(family, &near), of(family, &far));
            let space = self.space(name);
            space.line(family, format!("route add default via {near} dev eth0 onlink src {address}"));
            // The router's table of local routes.
            let line = format!("route add {} via {far} dev {device} onlink table 50", host(*address));
            self.space(router).line(family, line);
        }
    }

    pub(super) fn nats(&mut self) -> Result<(), Unraised> {
        for (n, nat) in numbered(&self.world.nats) {
            sure(&nat.when, "a translator")?;
            let own = singles(&[nat.address], &format!("translator {n}"))?;
            let network = self.subnet(nat.subnet)?.network;
            self.stand(&format!("nat{n}"), &router(network), &format!("nat{n}"), &own);
            if let Some(interface) = nat.interface.filter(|_| nat.public) {
                let public = format!("198.18.{}.{}", network.0, 200 + n).parse();
                self.public.insert(interface.0, public.map_err(|_| too_many())?);
            }
        }
        Ok(())
    }

    /// Peerings, transits and private ways.
    pub(super) fn joins(&mut self) -> Result<(), Unraised> {
        for (n, peering) in numbered(&self.world.peerings) {
            sure(&peering.when, "a peering")?;
            let [one, other] = peering.ends.map(router);
            self.join(PEERS + n, (&one, &format!("peer{n}")), (&other, &format!("peer{n}")), &[]);
        }
        for (n, transit) in numbered(&self.world.transits) {
            let name = format!("tgw{n}");
            for fact in &transit.attached {
                sure(&fact.when, "an attachment")?;
                let network = fact.is.1;
                self.join(STANDS, (&router(network), &name), (&name, &format!("net{}", network.0)), &[]);
            }
            for fact in &transit.beyond {
                sure(&fact.when, "an attachment")?;
                let Some((far, _)) = self.outside.get(&fact.is.1.0).cloned() else { continue };
                self.join(BEHIND, (&name, &format!("far{}", fact.is.1.0)), (&far, &name), &[]);
            }
        }
        Ok(())
    }
}
