//! What stands apart from what Terraform removes: protections to be found before, repositories to be removed
//! after.
//!
//! Amazon RDS API Reference: DescribeDBInstances, DescribeDBClusters; Elastic Load Balancing API Reference:
//! DescribeLoadBalancerAttributes; Amazon ECR API Reference: DeleteRepository.

use serde_json::json;
use terrace_account::{Account, Call, Xml, service};

use super::Inventory;
use crate::deployed::{Database, DatabaseKind, Repository};
use crate::watch::WatchError;

const REGISTRY: (&str, &str) = ("AmazonEC2ContainerRegistry_V20150921", "1.1");

/// What AWS itself keeps from being deleted, in words: `the database items-data`.
///
/// # Errors
/// If AWS refuses or does not answer.
pub async fn protected(
    account: &Account,
    database: Option<&Database>,
    inventory: &Inventory,
) -> Result<Vec<String>, WatchError> {
    let mut all = Vec::new();
    if let Some(database) = database {
        let (action, field) = match database.kind {
            DatabaseKind::Instance => ("DescribeDBInstances", "DBInstanceIdentifier"),
            DatabaseKind::Cluster => ("DescribeDBClusters", "DBClusterIdentifier"),
        };
        let call = Call::query(service::RDS, "2014-10-31", action).with(field, database.id.as_str());
        let what = format!("the database {}", database.id);
        match account.xml(&call).await {
            Ok(answer) if is_true(answer.find("DeletionProtection")) => all.push(what),
            Err(refusal) if !refusal.is_absent() => {
                return Err(WatchError::new(format!("looking at {what}"), refusal));
            }
            _ => {}
        }
    }
    for one in inventory.things.iter().filter(|one| one.kind.what == "load balancer" && !one.ended) {
        let call = Call::query(service::ELB, "2015-12-01", "DescribeLoadBalancerAttributes")
            .with("LoadBalancerArn", &one.arn);
        let what = format!("the load balancer {}", one.name);
        match account.xml(&call).await {
            Ok(answer) => {
                let attributes = answer.find("Attributes").map(Xml::children).unwrap_or_default();
                let own =
                    attributes.iter().find(|one| one.word("Key") == Some("deletion_protection.enabled"));
                all.extend(is_true(own.and_then(|own| own.get("Value"))).then_some(what));
            }
            Err(refusal) if refusal.is_absent() => {}
            Err(refusal) => return Err(WatchError::new(format!("looking at {what}"), refusal)),
        }
    }
    Ok(all)
}

fn is_true(of: Option<&Xml>) -> bool {
    of.is_some_and(|one| one.own() == "true")
}

/// Removes a repository with all its images; tells whether there was one.
///
/// # Errors
/// If ECR refuses or does not answer.
pub async fn remove_repository(account: &Account, name: &Repository) -> Result<bool, WatchError> {
    let fields = json!({"repositoryName": name.as_str(), "force": true});
    let call = Call::json(service::ECR, REGISTRY, "DeleteRepository", fields);
    match account.json(&call).await {
        Ok(_) => Ok(true),
        Err(refusal) if refusal.is_absent() => Ok(false),
        Err(refusal) => Err(WatchError::new(format!("removing the repository {name}"), refusal)),
    }
}
