//! Sites with their interfaces, balancers and distributions.

use terrace_proof::space::*;
use terrace_proof::world::*;

use super::{Maker, nth};

impl Maker<'_> {
    fn listens(&mut self) -> Option<Vec<Traffic>> {
        self.tape.chance(40).then(|| (0..self.tape.below(3)).map(|_| self.traffic()).collect())
    }

    /// Addresses in a subnet: one, two, or a run of its block, of one family or both.
    pub(super) fn addresses(&mut self, subnet: SubnetId) -> Vec<Addresses> {
        let blocks = self.world.subnets[subnet.0 as usize].blocks.clone();
        let mut addresses = Vec::new();
        for block in blocks {
            let run = |first, last| Addresses::between(nth(block, first), nth(block, last)).unwrap();
            match self.tape.below(6) {
                0 | 1 => addresses.push(run(5, 5)),
                2 => addresses.push(run(4, 62)),
                3 => addresses.push(run(6, 6)),
                4 => addresses.extend([run(5, 5), run(9, 12)]),
                _ => {}
            }
        }
        addresses
    }

    pub(super) fn interface(&mut self, site: SiteId, open: usize) -> InterfaceId {
        let subnet = SubnetId(self.index(self.world.subnets.len()));
        let interface = Interface {
            site,
            subnet,
            guard: self.guard(open),
            addresses: self.addresses(subnet),
            public: self.tape.chance(50).then(|| self.when()),
            when: self.when(),
        };
        self.world.add_interface(interface)
    }

    /// Sites of one interface or several, in one subnet or several.
    pub(super) fn interfaces(&mut self) {
        for _ in 0..1 + self.tape.below(4) {
            let listens = self.listens();
            let site = self.world.add_site(Site { listens });
            for _ in 0..1 + self.tape.below(2) {
                self.interface(site, 10);
            }
        }
    }

    fn any_site(&mut self) -> SiteId {
        SiteId(self.index(self.world.sites.len()))
    }

    fn transport(&mut self) -> (Transport, PortSpan) {
        let ports = self.tape.pick(&[(443, 443), (80, 80), (5432, 5432), (1024, 65535), (0, 65535)]);
        let transport = if self.tape.chance(20) { Transport::Udp } else { Transport::Tcp };
        (transport, PortSpan::new(ports.0, ports.1).unwrap())
    }

    pub(super) fn balancers(&mut self) {
        if !self.tape.chance(60) {
            return;
        }
        for _ in 0..1 + self.tape.below(2) {
            let targets = (0..self.tape.below(3)).map(|_| self.target()).collect();
            let keeps_client = self.tape.chance(30);
            self.world.add_target_group(TargetGroup { targets, keeps_client });
        }
        for _ in 0..1 + self.tape.below(2) {
            let site = self.world.add_site(Site::default());
            for _ in 0..1 + self.tape.below(2) {
                self.interface(site, 30);
            }
            let listeners = (0..self.tape.below(3)).map(|_| self.listener()).collect();
            let zones = self.tape.chance(50).then(|| vec![ZoneId(self.index(2))]);
            self.world.add_balancer(Balancer { site, listeners, zones });
        }
        // A balancer before a balancer.
        if self.tape.chance(20) {
            let site = self.world.balancers.last().unwrap().site;
            let mut target = self.target();
            target.is.site = site;
            self.world.target_groups[0].targets.push(target);
        }
    }

    fn target(&mut self) -> Fact<Target> {
        let (transport, ports) = self.transport();
        let target = Target { id: self.rule(), site: self.any_site(), transport, ports };
        self.fact(target)
    }

    fn listener(&mut self) -> Fact<Listener> {
        let mut forwards = Vec::new();
        for _ in 0..self.tape.below(3) {
            let to = TargetGroupId(self.index(self.world.target_groups.len()));
            let forward = Forward { id: self.rule(), to, secret_header: self.tape.chance(30) };
            forwards.push(self.fact(forward));
        }
        let (transport, ports) = self.transport();
        let listener = Listener { id: self.rule(), transport, ports, forwards };
        self.fact(listener)
    }

    pub(super) fn distributions(&mut self) {
        if !self.tape.chance(40) {
            return;
        }
        let mut origins = Vec::new();
        for _ in 0..1 + self.tape.below(2) {
            let site = match self.world.balancers.first() {
                Some(balancer) if self.tape.chance(60) => balancer.site,
                _ => self.any_site(),
            };
            let origin = terrace_proof::world::Origin {
                id: self.rule(),
                site,
                ports: self.transport().1,
                private: self.tape.chance(50),
                secret_header: self.tape.chance(50),
            };
            origins.push(self.fact(origin));
        }
        let site = self.world.add_site(Site::default());
        let cdn = ExternalId(self.index(self.world.externals.len()));
        let when = self.when();
        self.world.add_distribution(Distribution { site, cdn, origins, when });
    }
}
