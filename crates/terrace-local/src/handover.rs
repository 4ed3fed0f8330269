//! How the replicas of a service come by their environment.

use std::collections::BTreeMap;

use terrace_topology::{PartyName, SecretName, SecretSource, Service, SettingName, Shape, Topology};

use crate::lower::LowerError;

/// The environment that there is on this machine only, unless the system is in one already.
const HERE: &str = "local";

/// How the replicas of a service come by their environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handover {
    /// Whoever starts a replica puts it there, as ECS does.
    Injected,
    /// The replica reads it when it starts, as an instance does, by `terrace-boot`.
    Stores(Stores),
}

/// Where a replica reads: names in Parameter Store and Secrets Manager.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stores {
    /// The path of its plain settings: `/items/local/app/`.
    pub parameters: String,
    /// The secret of each secret setting.
    pub secrets: BTreeMap<SettingName, SecretName>,
    /// The secret with the database's user and password.
    pub database: SecretName,
}

impl Handover {
    /// The handover of a service, as its shape has it.
    pub(crate) fn of(topology: &Topology, party: &PartyName, service: &Service) -> Result<Self, LowerError> {
        if topology.shape != Shape::Machines {
            return Ok(Self::Injected);
        }
        let environment = topology.environment.as_ref().map_or(HERE, |name| name.as_str());
        let prefix = format!("{}/{environment}", topology.name);
        let named = |name: String| name.parse::<SecretName>().map_err(|_| LowerError::Secret(name.clone()));
        let secrets = service.secrets.iter().map(|(setting, source)| {
            let name = match source {
                SecretSource::Generated(_) => named(format!("{prefix}/{party}/{setting}"))?,
                SecretSource::Existing(name) => name.clone(),
            };
            Ok((setting.clone(), name))
        });
        Ok(Self::Stores(Stores {
            parameters: format!("/{prefix}/{party}/"),
            secrets: secrets.collect::<Result<_, LowerError>>()?,
            database: named(format!("{prefix}/{}", PartyName::database()))?,
        }))
    }
}
