//! What a system is called on AWS: from its design, and from what only AWS knew when it was applied.

use std::fmt::Display;
use std::str::FromStr;

use serde_json::Value as Json;
use terrace_aws::Resource;
use terrace_cloud::deployed::{
    Containers, Database, DatabaseKind, MachineParty, Machines, Names, Origin, Party, Shape,
};
use terrace_cloud::foundation::Place;
use terrace_topology::{Assets, PartyName, Shape as TopologyShape};

use crate::design::Designed;

/// What cannot be told, in words: `its output cluster`.
pub(crate) type Unknown = String;

/// The names of a system of this design in this place, with the outputs of its last apply (name → text).
pub(crate) fn of(designed: &Designed, place: &Place, outputs: &Json) -> Result<Names, Unknown> {
    let Designed { topology, design } = designed;
    let told = Told { outputs };
    let (service, runs) = topology.services.iter().next().ok_or("its service")?;
    let shape = match topology.shape {
        TopologyShape::Containers => Shape::Containers(Box::new(Containers {
            cluster: told.output("cluster")?,
            service: told.output(&format!("{service}_service"))?,
            container: parsed(service.as_str(), "its container")?,
            least: runs.capacity.min().into(),
            family: told.output(&format!("{service}_task_family"))?,
            repository: parsed(&terrace_aws::repository(topology, service), "its repository")?,
            log_group: told.output(&format!("{service}_log_group"))?,
            page: told.origin("page_bucket")?,
        })),
        TopologyShape::Machines => {
            // From the inside out, so that a page never asks a service for what it cannot do yet.
            let web = PartyName::web();
            let parties = topology.services.keys().chain([&web]).map(|party| told.machines(party));
            let bucket = place.bucket().map_err(|error| error.to_string())?;
            Shape::Machines(Box::new(Machines {
                parties: parties.collect::<Result<_, _>>()?,
                artifacts_bucket: bucket,
                assets: match topology.web.assets {
                    Assets::Cdn => Some(told.origin("assets_bucket")?),
                    Assets::Machines => None,
                },
            }))
        }
    };
    let environment = topology.environment.as_ref().map_or("default", |name| name.as_str());
    Ok(Names {
        system: parsed(topology.name.as_str(), "its name")?,
        environment: parsed(environment, "its environment")?,
        production: topology.production,
        account: place.account.clone(),
        region: parsed(&place.region, "its region")?,
        shape,
        database: design.graph.nodes().find_map(|(_, node)| told.database(&node.resource)),
        url: told.text("url").and_then(|url| url.parse().ok()),
    })
}

struct Told<'a> {
    outputs: &'a Json,
}

impl Told<'_> {
    fn text(&self, name: &str) -> Option<&str> {
        self.outputs.get(name)?.as_str()
    }

    fn output<T: FromStr<Err: Display>>(&self, name: &str) -> Result<T, Unknown> {
        let what = format!("its output `{name}`");
        parsed(self.text(name).ok_or_else(|| what.clone())?, &what)
    }

    fn origin(&self, bucket: &str) -> Result<Origin, Unknown> {
        Ok(Origin { bucket: self.output(bucket)?, distribution: self.output("distribution_id")? })
    }

    fn machines(&self, party: &PartyName) -> Result<MachineParty, Unknown> {
        Ok(MachineParty {
            party: parsed::<Party>(party.as_str(), "a tier")?,
            group: self.output(&format!("{party}_scaling_group"))?,
            launch_template: self.output(&format!("{party}_launch_template"))?,
            log_group: self.output(&format!("{party}_log_group"))?,
        })
    }

    fn database(&self, resource: &Resource) -> Option<Database> {
        let (kind, id) = match resource {
            Resource::DatabaseInstance(one) => (DatabaseKind::Instance, &one.identifier),
            Resource::DatabaseCluster(one) => (DatabaseKind::Cluster, &one.cluster_identifier),
            _ => return None,
        };
        let secret = self.text("database_secret_arn").and_then(|arn| arn.parse().ok());
        Some(Database { kind, id: id.literal()?.parse().ok()?, secret })
    }
}

fn parsed<T: FromStr<Err: Display>>(text: &str, what: &str) -> Result<T, Unknown> {
    text.parse().map_err(|error| format!("{what} ({error})"))
}
