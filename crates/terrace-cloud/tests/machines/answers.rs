//! What the services answer, in the shapes of their API references.

use std::collections::BTreeMap;

use terrace_stand_in::{Answer, Request};

use crate::lone;
use crate::world::{Activity, Fate, Group, Machine, Refresh, Version, World};

pub(crate) type Fields = BTreeMap<String, String>;

fn good(text: String) -> Answer {
    Answer::of(200, text)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

impl World {
    /// By the form of a query.
    pub(crate) fn answer(&mut self, request: &Request, action: &str, fields: &Fields) -> Answer {
        let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
        if action == "DescribeTargetHealth" {
            return good(self.health(&field("TargetGroupArn")));
        }
        if action == "GetConsoleOutput" {
            let id = field("InstanceId");
            return good(self.apart.console(&id).unwrap_or_else(|| self.console(&id)));
        }
        if lone::CALLS.contains(&action) {
            return self.apart.answer(request, action, fields);
        }
        let name = field("AutoScalingGroupName") + &field("AutoScalingGroupNames.member.1");
        let template = field("LaunchTemplateId");
        let found = self
            .groups
            .values_mut()
            .find(|one| name == format!("items-{}", one.party) || template == format!("lt-{}", one.party));
        let Some(group) = found else {
            return match action {
                "DescribeAutoScalingGroups" => good("<DescribeAutoScalingGroupsResponse><DescribeAutoScalingGroupsResult><AutoScalingGroups/></DescribeAutoScalingGroupsResult></DescribeAutoScalingGroupsResponse>".to_owned()),
                _ => request.refused(400, "ValidationError", "AutoScalingGroup name not found"),
            };
        };
        match action {
            "DescribeAutoScalingGroups" => good(group.told()),
            "DescribeInstanceRefreshes" => {
                let id = field("InstanceRefreshIds.member.1");
                group.tick();
                let shown = group.refreshes.iter().rev().filter(|one| id.is_empty() || one.id == id);
                let list: String = shown.map(|one| refresh(one, group)).collect();
                good(format!(
                    "<DescribeInstanceRefreshesResponse><DescribeInstanceRefreshesResult><InstanceRefreshes>{list}</InstanceRefreshes></DescribeInstanceRefreshesResult></DescribeInstanceRefreshesResponse>"
                ))
            }
            "DescribeScalingActivities" => {
                let list: String = group.activities.iter().rev().map(|one| activity(one, group)).collect();
                good(format!(
                    "<DescribeScalingActivitiesResponse><DescribeScalingActivitiesResult><Activities>{list}</Activities></DescribeScalingActivitiesResult></DescribeScalingActivitiesResponse>"
                ))
            }
            "StartInstanceRefresh" => {
                if group.under_way().is_some() {
                    return request.refused(
                        400,
                        "InstanceRefreshInProgress",
                        "An Instance Refresh is already in progress",
                    );
                }
                for (name, value) in [
                    ("MinHealthyPercentage", "100"),
                    ("MaxHealthyPercentage", "200"),
                    ("AutoRollback", "true"),
                ] {
                    assert_eq!(field(&format!("Preferences.{name}")), value);
                }
                let id = format!("refresh-{}-{}", group.party, group.refreshes.len() + 1);
                let to = field("DesiredConfiguration.LaunchTemplate.Version").parse().unwrap();
                group.refreshes.push(Refresh {
                    id: id.clone(),
                    to,
                    status: "Pending",
                    percent: 0,
                    reason: String::new(),
                });
                good(format!(
                    "<StartInstanceRefreshResponse><StartInstanceRefreshResult><InstanceRefreshId>{id}</InstanceRefreshId></StartInstanceRefreshResult></StartInstanceRefreshResponse>"
                ))
            }
            "RollbackInstanceRefresh" | "CancelInstanceRefresh" => {
                let Some(at) = group.under_way() else {
                    return request.refused(
                        400,
                        "ActiveInstanceRefreshNotFound",
                        "No in progress or pending Instance Refresh found",
                    );
                };
                if action.starts_with("Rollback") && group.irreversible {
                    return request.refused(
                        400,
                        "IrreversibleInstanceRefresh",
                        "The desired configuration cannot be rolled back",
                    );
                }
                group.refreshes[at].status =
                    if action.starts_with("Cancel") { "Cancelling" } else { "RollbackInProgress" };
                good(format!("<{action}Response><{action}Result/></{action}Response>"))
            }
            "DescribeLaunchTemplateVersions" => {
                let (alone, from) = (field("LaunchTemplateVersion.1"), field("MinVersion"));
                let shown = group.versions.iter().filter(|one| {
                    if alone.is_empty() {
                        one.number >= from.parse().unwrap()
                    } else {
                        one.number.to_string() == alone
                    }
                });
                let list: String = shown.map(|one| format!("<item>{}</item>", version(one))).collect();
                good(format!(
                    "<DescribeLaunchTemplateVersionsResponse><launchTemplateVersionSet>{list}</launchTemplateVersionSet></DescribeLaunchTemplateVersionsResponse>"
                ))
            }
            "CreateLaunchTemplateVersion" => good(format!(
                "<CreateLaunchTemplateVersionResponse><launchTemplateVersion>{}</launchTemplateVersion></CreateLaunchTemplateVersionResponse>",
                group.make(fields)
            )),
            other => panic!("nobody plays {other}"),
        }
    }

    fn health(&self, target: &str) -> String {
        let group = self.groups.values().find(|one| target.ends_with(&one.party)).unwrap();
        let one = |machine: &Machine| {
            let more = match (machine.state, group.fate.clone()) {
                ("unhealthy", Fate::Unhealthy { reason, about, .. }) => format!("<Reason>{reason}</Reason><Description>{about}</Description>"),
                ("unhealthy", _) => "<Reason>Target.FailedHealthChecks</Reason><Description>Health checks failed</Description>".to_owned(),
                ("initial", _) => "<Reason>Elb.InitialHealthChecking</Reason>".to_owned(),
                _ => String::new(),
            };
            format!(
                "<member><Target><Id>{}</Id><Port>8080</Port></Target><TargetHealth><State>{}</State>{more}</TargetHealth></member>",
                machine.id, machine.state
            )
        };
        let list: String = group.machines.iter().map(one).collect();
        format!(
            "<DescribeTargetHealthResponse><DescribeTargetHealthResult><TargetHealthDescriptions>{list}</TargetHealthDescriptions></DescribeTargetHealthResult></DescribeTargetHealthResponse>"
        )
    }

    fn console(&self, id: &str) -> String {
        use base64::Engine as _;
        let group = self.groups.values().find(|group| group.machines.iter().any(|one| one.id == id));
        let text = match group.map(|group| group.fate.clone()) {
            Some(Fate::Unhealthy { console, .. }) => console,
            _ => String::new(),
        };
        format!(
            "<GetConsoleOutputResponse><instanceId>{id}</instanceId><output>{}</output></GetConsoleOutputResponse>",
            base64::engine::general_purpose::STANDARD.encode(text)
        )
    }

    /// `GetLogEvents`
    pub(crate) fn log(&self, request: &Request) -> Answer {
        let asked: serde_json::Value = serde_json::from_str(request.text()).unwrap();
        let stream = asked["logStreamName"].as_str().unwrap();
        let from = asked["nextToken"].as_str();
        if let Some(lines) = self.apart.events(stream, from) {
            let at = from.and_then(|from| from.rsplit('/').next()?.parse::<usize>().ok()).unwrap_or(0);
            let next = format!("f/{}", at + lines.len());
            if lines.is_empty() && from.is_none() {
                let text = "The specified log stream does not exist.";
                return request.refused(400, "ResourceNotFoundException", text);
            }
            let told = |line: &String| serde_json::json!({ "timestamp": 1, "message": line });
            let events: Vec<_> = lines.iter().map(told).collect();
            return good(serde_json::json!({ "events": events, "nextForwardToken": next }).to_string());
        }
        let group = self.groups.values().find(|group| group.machines.iter().any(|one| one.id == stream));
        let own = group.and_then(|group| match &group.fate {
            Fate::Unhealthy { log, .. } => Some(log),
            _ => None,
        });
        match own.filter(|log| !log.is_empty()) {
            Some(log) => {
                let told = |line: &String| serde_json::json!({ "timestamp": 1, "message": line });
                let events: Vec<_> = log.iter().map(told).collect();
                good(serde_json::json!({ "events": events }).to_string())
            }
            None => {
                request.refused(400, "ResourceNotFoundException", "The specified log stream does not exist.")
            }
        }
    }
}

impl Group {
    fn told(&self) -> String {
        let template = |version: u64| {
            format!(
                "<LaunchTemplate><LaunchTemplateId>lt-{}</LaunchTemplateId><Version>{version}</Version></LaunchTemplate>",
                self.party
            )
        };
        let machine = |one: &Machine| {
            format!(
                "<member><InstanceId>{}</InstanceId><LifecycleState>InService</LifecycleState><HealthStatus>Healthy</HealthStatus><AvailabilityZone>eu-west-1a</AvailabilityZone><ProtectedFromScaleIn>false</ProtectedFromScaleIn>{}</member>",
                one.id,
                template(one.version)
            )
        };
        let machines: String = self.machines.iter().map(machine).collect();
        format!(
            "<DescribeAutoScalingGroupsResponse><DescribeAutoScalingGroupsResult><AutoScalingGroups><member><AutoScalingGroupName>items-{0}</AutoScalingGroupName>{1}<MinSize>0</MinSize><MaxSize>4</MaxSize><DesiredCapacity>{2}</DesiredCapacity><DefaultCooldown>300</DefaultCooldown><AvailabilityZones><member>eu-west-1a</member></AvailabilityZones><HealthCheckType>ELB</HealthCheckType><CreatedTime>2026-11-01T00:00:00Z</CreatedTime><Instances>{machines}</Instances><VPCZoneIdentifier>subnet-a,subnet-b</VPCZoneIdentifier><TargetGroupARNs><member>arn:target:{0}</member></TargetGroupARNs></member></AutoScalingGroups></DescribeAutoScalingGroupsResult></DescribeAutoScalingGroupsResponse>",
            self.party,
            template(self.version),
            self.desired
        )
    }

    fn make(&mut self, fields: &Fields) -> String {
        let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
        let token = field("ClientToken");
        if let Some(same) = self.versions.iter().find(|one| one.token == token) {
            return version(same);
        }
        let mut tags = Vec::new();
        for nth in 1.. {
            let name = format!("LaunchTemplateData.TagSpecification.{nth}");
            let Some(kind) = fields.get(&format!("{name}.ResourceType")) else { break };
            let pair = |at: u32| {
                Some((
                    fields.get(&format!("{name}.Tag.{at}.Key"))?.clone(),
                    field(&format!("{name}.Tag.{at}.Value")),
                ))
            };
            tags.push((kind.clone(), (1..).map_while(pair).collect()));
        }
        let number = self.versions.last().unwrap().number + 1;
        self.versions.push(Version { number, image: field("LaunchTemplateData.ImageId"), tags, token });
        version(self.versions.last().unwrap())
    }
}

fn version(one: &Version) -> String {
    let mut kinds = String::new();
    for (kind, tags) in &one.tags {
        let tags: String = tags
            .iter()
            .map(|(key, value)| format!("<item><key>{key}</key><value>{value}</value></item>"))
            .collect();
        kinds.push_str(&format!("<item><resourceType>{kind}</resourceType><tagSet>{tags}</tagSet></item>"));
    }
    format!(
        "<versionNumber>{}</versionNumber><launchTemplateData><imageId>{}</imageId><instanceType>t4g.small</instanceType><userData>I2Nsb3Vk</userData><tagSpecificationSet>{kinds}</tagSpecificationSet></launchTemplateData>",
        one.number, one.image
    )
}

fn refresh(one: &Refresh, group: &Group) -> String {
    let left = group.machines.iter().filter(|machine| machine.version != one.to).count();
    let reason = if one.reason.is_empty() {
        String::new()
    } else {
        format!("<StatusReason>{}</StatusReason>", one.reason)
    };
    format!(
        "<member><InstanceRefreshId>{}</InstanceRefreshId><Status>{}</Status>{reason}<StartTime>2026-11-21T22:19:00Z</StartTime><PercentageComplete>{}</PercentageComplete><InstancesToUpdate>{left}</InstancesToUpdate><DesiredConfiguration><LaunchTemplate><LaunchTemplateId>lt-{}</LaunchTemplateId><Version>{}</Version></LaunchTemplate></DesiredConfiguration></member>",
        one.id, one.status, one.percent, group.party, one.to
    )
}

fn activity(one: &Activity, group: &Group) -> String {
    let message = if one.message.is_empty() {
        String::new()
    } else {
        format!("<StatusMessage>{}</StatusMessage>", escaped(&one.message))
    };
    format!(
        "<member><ActivityId>{}</ActivityId><AutoScalingGroupName>{}</AutoScalingGroupName><Description>{}</Description><Cause>{}</Cause><StartTime>2026-11-21T22:20:00Z</StartTime><StatusCode>{}</StatusCode>{message}</member>",
        one.id,
        format_args!("items-{}", group.party),
        escaped(&one.about),
        one.cause,
        one.status
    )
}
