//! VPC endpoints: interfaces, and routes by gateways.
//!
//! Source: AWS PrivateLink Guide, "Gateway endpoints", "Access an AWS service using an interface VPC endpoint".

use terrace_aws::inventory::{Item, Told};
use terrace_proof::world::{Fact, NamedRoute, TableId, When};

use super::ask;
use super::lifted::SiteKind;
use super::lifting::Lifting;
use super::placing::{Guarding, Placement};
use super::stores::tcp;
use super::tables::TABLES;

const GROUP_IDS: &[&str] = &["security_group_ids"];

impl<'a> Lifting<'a> {
    /// Endpoints that have interfaces.
    pub(super) fn interface_endpoints(&mut self) {
        for item in self.all(&["aws_vpc_endpoint"]) {
            match ask::word(item.view(), "vpc_endpoint_type").as_deref() {
                None | Some("Gateway") => {}
                Some("Interface") => self.interface_endpoint(item),
                Some(other) => self.unmodelled(item.id(), format!("an endpoint of the type {other}")),
            }
        }
    }

    /// Endpoints that are routes.
    pub(super) fn gateway_endpoints(&mut self) {
        for item in self.all(&["aws_vpc_endpoint"]) {
            if matches!(ask::word(item.view(), "vpc_endpoint_type").as_deref(), None | Some("Gateway")) {
                self.gateway_endpoint(item);
            }
        }
    }

    fn interface_endpoint(&mut self, item: &'a Item) {
        let view = item.view();
        let mut guarding = self.guarding(view, GROUP_IDS);
        let mut subnets = self.subnets_named(view, "subnet_ids", &guarding);
        for other in
            self.all(&["aws_vpc_endpoint_subnet_association", "aws_vpc_endpoint_security_group_association"])
        {
            let of = self.named(other.view(), "vpc_endpoint_id", &["aws_vpc_endpoint"]);
            if !of.iter().any(|of| of.is == *item.id()) {
                continue;
            }
            if let Guarding::Groups(groups) = &mut guarding {
                groups.extend(self.groups_named(other.view(), "security_group_id"));
            }
            subnets.extend(self.subnets_named(other.view(), "subnet_id", &guarding));
        }
        let is_aws = match ask::text(view, "service_name") {
            Told::Is(name) => name.to_string().contains("amazonaws."),
            Told::Nothing | Told::Unknown(_) => false,
        };
        let listens = is_aws.then(|| vec![tcp(443)]);
        let site = self.add_site(item.id(), SiteKind::Endpoint, listens);
        let when = self.presence(item);
        self.place(site, &Placement::new(subnets, guarding, when));
    }

    fn gateway_endpoint(&mut self, item: &'a Item) {
        let view = item.view();
        let presence = self.presence(item);
        let service = match self.service_named(view, "service_name") {
            Some(service) => service,
            None => self.service(&format!("the service of {}", item.id())),
        };
        let mut tables = self.named(view, "route_table_ids", TABLES);
        for other in self.all(&["aws_vpc_endpoint_route_table_association"]) {
            let of = self.named(other.view(), "vpc_endpoint_id", &["aws_vpc_endpoint"]);
            if of.iter().any(|of| of.is == *item.id()) {
                tables.extend(self.named(other.view(), "route_table_id", TABLES));
            }
        }
        let name = self.out.external(service).unwrap_or_default().to_owned();
        let network = self.network_named(item, "vpc_id");
        for table in tables {
            // A table that is not told may be any of its network.
            let (ids, when): (Vec<TableId>, When) = match self.tables.get(&table.is) {
                Some(id) => (vec![*id], presence.and(&table.when)),
                None => {
                    let all = self.table_networks.iter().filter(|(_, of)| Some(**of) == network);
                    let ids = all.map(|(id, _)| *id).collect();
                    (ids, presence.and(&When::Perhaps(self.not_told(&table.is))))
                }
            };
            for id in ids {
                let rule =
                    self.rule(item.id(), "route_table_ids", format!("route to {name} by {}", item.id()));
                if let Some(table) = self.table_mut(id) {
                    table.named.push(Fact { is: NamedRoute { id: rule, to: service }, when: when.clone() });
                }
            }
        }
    }
}
