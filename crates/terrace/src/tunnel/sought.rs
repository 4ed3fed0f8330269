//! What is looked for in an account, or at the endpoint that rehearses it: the names that a system has on AWS.

use terrace_net::Endpoint;
use terrace_run::Rehearsal;
use terrace_tunnel::client::Target;
use terrace_tunnel::endpoint::{DatabaseService, Shape};
use terrace_tunnel::way::{DatabaseSought, Named, Sought, TaskService, Through, To};

/// What is sought of a system. `target` is gone through, if it is given; `to` is where it leads, the database if nowhere.
pub(crate) fn of(
    system: &str,
    names: &Rehearsal,
    target: Option<&Target>,
    to: Option<&Endpoint>,
    reader: bool,
) -> Sought {
    let through = match (target, &names.shape) {
        (Some(target), _) => Through::Target(target.clone()),
        (None, Shape::Fargate { cluster, service, container, .. }) => Through::Tasks {
            cluster: cluster.to_string(),
            services: vec![TaskService {
                service: service.to_string(),
                container: container.to_string(),
                setting: format!("[{container}] exec = true"),
            }],
        },
        (None, Shape::Ec2 { group, .. }) => Through::Machines { groups: vec![group.to_string()] },
    };
    let identifier = names.identifier.to_string();
    let to = match to {
        Some(endpoint) => To::Endpoint(endpoint.clone()),
        None => To::Database(DatabaseSought {
            named: match names.service {
                DatabaseService::Rds => Named::Instance(identifier),
                DatabaseService::Aurora { .. } => Named::Cluster(identifier),
            },
            reader,
        }),
    };
    Sought { system: system.to_owned(), through, to }
}
