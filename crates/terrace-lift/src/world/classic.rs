//! Classic load balancers: each listener sends to all machines, on a port of its own.

use terrace_aws::inventory::{Item, Told};
use terrace_proof::space::{PortSpan, Transport};
use terrace_proof::world::{Fact, Forward, Listener, SiteId, Target, TargetGroup, Unknowns, When};

use super::ask;
use super::lifting::Lifting;

impl<'a> Lifting<'a> {
    /// A classic load balancer: each listener has its own target group, of all its machines.
    pub(super) fn classic(&mut self, item: &'a Item) {
        let Some(site) = self.sites.get(item.id()).copied() else { return };
        let balancer = self.put_balancer(site);
        let machines = self.classic_targets(item);
        for (index, block) in ask::blocks(item.view(), "listener").into_iter().enumerate() {
            let path = format!("listener[{index}]");
            let mut when = When::Always;
            let mut port = |lifting: &mut Self, argument: &str| match ask::int(block, argument) {
                Told::Is(port) => u16::try_from(port).ok().and_then(|p| PortSpan::new(p, p)),
                Told::Nothing => None,
                Told::Unknown(of) => {
                    let unknowns: Unknowns = lifting.unknowns(&of);
                    when = when.and(&When::Perhaps(unknowns));
                    Some(PortSpan::ALL)
                }
            };
            let (Some(outside), Some(inside)) = (port(self, "lb_port"), port(self, "instance_port")) else {
                continue;
            };
            let mut targets = Vec::new();
            for machine in &machines {
                let id = self.rule(
                    item.id(),
                    path.clone(),
                    format!("sends to machines on tcp {}", inside.first()),
                );
                let is = Target { id, site: machine.is, transport: Transport::Tcp, ports: inside };
                targets.push(Fact { is, when: machine.when.clone() });
            }
            let to = self.out.world.add_target_group(TargetGroup { targets, keeps_client: false });
            self.out.target_groups.push(item.id().clone());
            let id = self.rule(item.id(), path.clone(), "requests sent to its machines");
            let forwards = vec![Fact::sure(Forward { id, to, secret_header: false })];
            let id = self.rule(item.id(), path.clone(), format!("listens on tcp {}", outside.first()));
            let is = Listener { id, transport: Transport::Tcp, ports: outside, forwards };
            self.listen(balancer, Fact { is, when });
        }
    }

    fn classic_targets(&mut self, item: &'a Item) -> Vec<Fact<SiteId>> {
        const MACHINES: &[&str] = &["aws_instance", "aws_autoscaling_group"];
        let mut named = self.named(item.view(), "instances", MACHINES);
        for other in self.all(&["aws_elb_attachment"]) {
            if self.named(other.view(), "elb", &["aws_elb"]).iter().any(|of| of.is == *item.id()) {
                named.extend(self.named(other.view(), "instance", MACHINES));
            }
        }
        for group in self.all(&["aws_autoscaling_group"]) {
            let of = self.named(group.view(), "load_balancers", &["aws_elb"]);
            if let Some(of) = of.iter().find(|of| of.is == *item.id()) {
                named.push(Fact { is: group.id().clone(), when: of.when.clone() });
            }
        }
        for other in self.all(&["aws_autoscaling_attachment"]) {
            if self.named(other.view(), "elb", &["aws_elb"]).iter().any(|of| of.is == *item.id()) {
                named.extend(self.named(other.view(), "autoscaling_group_name", MACHINES));
            }
        }
        for service in self.all(&["aws_ecs_service"]) {
            for block in ask::blocks(service.view(), "load_balancer") {
                if self.named(block, "elb_name", &["aws_elb"]).iter().any(|of| of.is == *item.id()) {
                    named.push(Fact::sure(service.id().clone()));
                }
            }
        }
        let sites = named.into_iter().filter_map(|named| {
            self.sites.get(&named.is).map(|site| Fact { is: *site, when: named.when.clone() })
        });
        sites.collect()
    }
}
