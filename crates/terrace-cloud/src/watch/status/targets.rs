//! How load balancers find what is behind them.
//!
//! Elastic Load Balancing API Reference, version 2015-12-01: DescribeTargetHealth.

use std::collections::BTreeMap;

use terrace_account::{Call, Xml, service};

use super::Health;
use super::asking::{Asking, tail};

/// Each target, by its address or its instance: the worst that any group finds, and why.
pub(super) type Targets = BTreeMap<String, (Health, Option<String>)>;

/// Looks at target groups.
pub(super) async fn look(asking: &Asking<'_>, groups: &[String]) -> Targets {
    let mut found = Targets::new();
    for group in groups {
        // `arn:…:targetgroup/NAME/ID`
        let name = group.rsplit('/').nth(1).unwrap_or_else(|| tail(group));
        let doing = format!("looking at the target group {name}");
        let call =
            Call::query(service::ELB, "2015-12-01", "DescribeTargetHealth").with("TargetGroupArn", group);
        let Some(answer) = asking.xml(&doing, &call).await else { continue };
        let all = answer.find("TargetHealthDescriptions").map(Xml::children).unwrap_or_default();
        for one in all {
            let Some(id) = one.at(&["Target", "Id"]).map(Xml::own) else { continue };
            let Some(told) = one.get("TargetHealth") else { continue };
            let health = match told.word("State") {
                Some("healthy") => Health::Healthy,
                Some("unhealthy" | "unhealthy.draining") => Health::Unhealthy,
                Some("initial") => Health::Starting,
                Some("draining") => Health::Draining,
                _ => Health::Unknown,
            };
            let why = told.word("Description").or_else(|| told.word("Reason")).map(str::to_owned);
            let worst = found.entry(id.to_owned()).or_insert((health, why.clone()));
            if health < worst.0 {
                *worst = (health, why);
            }
        }
    }
    found
}
