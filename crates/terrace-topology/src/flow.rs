//! Who may talk to whom. This list, and nothing else, opens a way.

use std::collections::BTreeSet;

use terrace_net::Port;

use crate::{Egress, Engine, Entrance, PartyName, PublicPath, Shape, Topology};

/// What travels along a flow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Carries {
    /// HTTP requests for these paths; an empty set stands for every path that no other flow takes.
    Http(BTreeSet<PublicPath>),
    /// A database's own protocol.
    Sql(Engine),
    /// Calls of the provider's own services, over TLS: configuration, secrets, logs, images, sessions.
    Platform,
    /// Whatever a service says to the internet.
    Outward,
}

/// One permitted way: `from` opens TCP connections to `to` on `port`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Flow {
    from: PartyName,
    to: PartyName,
    port: Port,
    carries: Carries,
}

impl Flow {
    /// Who opens the connection.
    pub fn from(&self) -> &PartyName {
        &self.from
    }

    /// Who takes it.
    pub fn to(&self) -> &PartyName {
        &self.to
    }

    /// On which port, where the system is deployed.
    pub fn port(&self) -> Port {
        self.port
    }

    /// What travels.
    pub fn carries(&self) -> &Carries {
        &self.carries
    }
}

/// The flows of a topology, from the outside in.
///
/// With machines, the page's tier passes requests on to the services. With containers the page is only files, so
/// the entrance reaches the services itself. Last come the flows that serve no request by themselves: what runs on
/// machines or in containers reaches the platform, and a service with a way out reaches the internet.
pub(crate) fn of(topology: &Topology) -> Vec<Flow> {
    let http = |from: PartyName, to: PartyName, port: Port, paths: BTreeSet<PublicPath>| Flow {
        from,
        to,
        port,
        carries: Carries::Http(paths),
    };
    let web_port = match topology.shape {
        Shape::Machines => Port::HTTP,
        Shape::Containers => Port::HTTPS,
    };
    let before_services = match topology.shape {
        Shape::Machines => PartyName::web(),
        Shape::Containers => PartyName::entrance(),
    };
    // The public entrance always answers on 80: with HTTPS it redirects, without a domain there is no other.
    let mut flows = vec![http(PartyName::internet(), PartyName::entrance(), Port::HTTP, BTreeSet::new())];
    if topology.domain.is_some() || topology.entrance == Entrance::Cdn {
        flows.push(http(PartyName::internet(), PartyName::entrance(), Port::HTTPS, BTreeSet::new()));
    }
    flows.push(http(PartyName::entrance(), PartyName::web(), web_port, BTreeSet::new()));
    for (name, service) in &topology.services {
        flows.push(http(before_services.clone(), name.clone(), service.port, service.paths.clone()));
    }
    for name in topology.services.keys() {
        flows.push(Flow {
            from: name.clone(),
            to: PartyName::database(),
            port: topology.database.engine.port(),
            carries: Carries::Sql(topology.database.engine),
        });
    }
    let platform = |from: PartyName| Flow {
        from,
        to: PartyName::platform(),
        port: Port::HTTPS,
        carries: Carries::Platform,
    };
    if topology.shape == Shape::Machines {
        flows.push(platform(PartyName::web()));
    }
    flows.extend(topology.services.keys().cloned().map(platform));
    for (name, service) in &topology.services {
        if service.egress == Egress::Translated {
            flows.extend(service.egress_ports.iter().map(|port| Flow {
                from: name.clone(),
                to: PartyName::internet(),
                port: *port,
                carries: Carries::Outward,
            }));
        }
    }
    flows
}
