//! What the public meets, and what stands right behind it: names, load balancers, the page's bucket, the
//! distribution, and services as containers.

#![expect(clippy::panic, reason = "a test that cannot go on has failed")]
#![expect(clippy::unwrap_used, reason = "a test may stop where its own manifest is wrong")]

use std::collections::{BTreeMap, BTreeSet};

use terrace_aws::resource::{
    Bucket, BucketEncryption, BucketLifecycle, BucketOwnership, BucketPolicy, BucketPublicAccessBlock,
    BucketVersioning, CdnDistribution, Certificate, CloudFrontFunction, EcsService, Listener, ListenerRule,
    LoadBalancer, RolePolicy, TaskDefinition, VersioningStatus, VpcOrigin,
};
use terrace_aws::{Design, Effect, Json, Label, PolicyDocument, Ref, ResourceType, Scope, codes, lower};

const BASE: &str = "name = \"items\"\nweb.root = \"frontend\"\napp.run = \"target/release/api\"\n\
                    data.engine = \"postgres\"\n";
const DOMAIN: &str = "domain = \"items.example.com\"\nzone = \"example.com\"\n";

fn design(more: &str) -> Design {
    let text = format!("{more}{BASE}");
    let parsed = terrace_manifest::parse(&text, None);
    let topology = parsed.topology.filter(|_| !parsed.diagnostics.has_errors());
    lower(&topology.unwrap_or_else(|| panic!("{text}\n{:#?}", parsed.diagnostics))).unwrap()
}

fn shapes() -> Vec<(String, Design)> {
    let mut all = Vec::new();
    for shape in ["shape = \"ec2\"\n", "shape = \"ec2\"\nedge = \"cloudfront\"\n", "shape = \"fargate\"\n"] {
        for domain in ["", DOMAIN] {
            for more in ["", "production = true\nregion = \"eu-west-1\"\n"] {
                let text = format!("{shape}{domain}{more}");
                let made = design(&text);
                all.push((text, made));
            }
        }
    }
    all
}

fn labels<T: ResourceType + 'static>(design: &Design) -> BTreeSet<&Label> {
    design.graph.all::<T>().map(|(label, _)| label).collect()
}

fn found<'d, T: ResourceType + 'static>(design: &'d Design, label: &str) -> &'d T {
    design.graph.all::<T>().find(|(known, _)| known.as_str() == label).unwrap().1
}

fn get<'j>(json: &'j Json, name: &str) -> &'j Json {
    match json {
        Json::Object(fields) => &fields.iter().find(|(known, _)| known == name).unwrap().1,
        other => panic!("no object: {other:?}"),
    }
}

fn said(json: &Json) -> String {
    match json {
        Json::Text(text) => text.to_string(),
        other => panic!("no text: {other:?}"),
    }
}

fn items(json: &Json) -> &[Json] {
    match json {
        Json::List(items) => items,
        other => panic!("no list: {other:?}"),
    }
}

#[test]
fn every_bucket_is_closed_owned_encrypted_versioned_tidied_and_over_tls_only() {
    for (text, design) in shapes() {
        let buckets = labels::<Bucket>(&design);
        assert!(!buckets.is_empty());
        assert_eq!(labels::<BucketPublicAccessBlock>(&design), buckets, "{text}");
        assert_eq!(labels::<BucketOwnership>(&design), buckets, "{text}");
        assert_eq!(labels::<BucketEncryption>(&design), buckets, "{text}");
        assert_eq!(labels::<BucketLifecycle>(&design), buckets, "{text}");
        assert_eq!(labels::<BucketVersioning>(&design), buckets, "{text}");
        assert_eq!(labels::<BucketPolicy>(&design), buckets, "{text}");
        for (label, closed) in design.graph.all::<BucketPublicAccessBlock>() {
            let all = [closed.block_public_acls, closed.block_public_policy];
            let more = [closed.ignore_public_acls, closed.restrict_public_buckets];
            assert_eq!((all, more), ([true, true], [true, true]), "{text} {label}");
        }
        for (label, versioning) in design.graph.all::<BucketVersioning>() {
            assert_eq!(
                versioning.versioning_configuration.0.status,
                VersioningStatus::Enabled,
                "{text} {label}"
            );
        }
        for (label, policy) in design.graph.all::<BucketPolicy>() {
            let PolicyDocument::Statements(statements) = &policy.policy else { panic!("{label}") };
            let tls = statements.iter().any(|statement| {
                statement.effect == Effect::Deny
                    && statement.actions == Scope::Only(vec!["s3:*".to_owned()])
                    && statement.conditions.iter().any(|c| c.key == "aws:SecureTransport")
            });
            assert!(tls, "{text} {label}");
        }
    }
}

#[test]
fn a_bucket_s_name_fits_whatever_the_system_is_called() {
    let long = format!("shape = \"fargate\"\nregion = \"ap-southeast-1\"\n{BASE}");
    let environment = "e".repeat(12);
    let long = long.replace("\"items\"", &format!("\"{}\"", "n".repeat(20)));
    let long = format!("{long}[environments.{environment}]\nzones = 2\n");
    let parsed = terrace_manifest::parse(&long, Some(&environment));
    let design = lower(&parsed.topology.unwrap_or_else(|| panic!("{:#?}", parsed.diagnostics))).unwrap();
    for (label, bucket) in design.graph.all::<Bucket>() {
        let account = "${data.aws_caller_identity.current.account_id}";
        let name = bucket.bucket.to_string().replace(account, "123456789012");
        assert!(name.len() <= 63 && !name.contains('$'), "{label}: {name}");
    }
}

#[test]
fn behind_a_distribution_nothing_is_public() {
    for (text, design) in shapes() {
        let cdn = !text.contains("ec2") || text.contains("cloudfront");
        for (label, balancer) in design.graph.all::<LoadBalancer>() {
            let public = !cdn && label.as_str() == "public";
            assert_eq!(balancer.internal, !public, "{text} {label}");
            let tier = if public {
                "public_"
            } else if label.as_str() == "internal" {
                "app_"
            } else {
                "web_"
            };
            let subnets = balancer.subnets.iter().map(|subnet| subnet.label().unwrap().as_str());
            assert!(
                subnets.clone().count() >= 2 && subnets.clone().all(|subnet| subnet.starts_with(tier)),
                "{text}"
            );
            assert_eq!(balancer.enable_deletion_protection, text.contains("production"), "{text}");
        }
        assert_eq!(design.graph.all::<VpcOrigin>().count(), usize::from(cdn), "{text}");
        assert_eq!(design.graph.all::<CdnDistribution>().count(), usize::from(cdn), "{text}");
    }
}

#[test]
fn without_a_certificate_it_is_said_loudly() {
    for (text, design) in shapes() {
        let plain = text.contains("ec2") && !text.contains("cloudfront") && !text.contains("domain");
        let said = design.notes.warnings().iter().filter(|w| w.0.code() == codes::PLAIN_HTTP).count();
        assert_eq!(said, usize::from(plain), "{text}");
        let ports: BTreeMap<&str, u16> = design
            .graph
            .all::<Listener>()
            .filter(|(label, _)| label.as_str() != "internal")
            .map(|(label, listener)| (label.as_str(), listener.port.get()))
            .collect();
        let word = if text.contains("ec2") { "public" } else { "main" };
        let expected = match (text.contains("domain"), text.contains("ec2") && !text.contains("cloudfront")) {
            (true, true) => BTreeMap::from([("public", 443), ("public_redirect", 80)]),
            (true, false) => BTreeMap::from([(word, 443)]),
            (false, _) => BTreeMap::from([(word, 80)]),
        };
        assert_eq!(ports, expected, "{text}");
    }
}

#[test]
fn the_distribution_has_a_certificate_of_its_own_region() {
    let regions = |region: &str| -> Vec<(String, Option<String>)> {
        let design = design(&format!("shape = \"fargate\"\nregion = \"{region}\"\n{DOMAIN}"));
        let certificates = design
            .graph
            .nodes()
            .filter(|(address, _)| address.kind().type_name() == <Certificate as ResourceType>::TYPE_NAME);
        certificates
            .map(|(address, node)| {
                (address.label().to_string(), node.region.as_ref().map(ToString::to_string))
            })
            .collect()
    };
    assert_eq!(regions("us-east-1"), [("main".to_owned(), None)]);
    let far = ("cdn".to_owned(), Some("us-east-1".to_owned()));
    assert_eq!(regions("eu-west-1"), [far, ("main".to_owned(), None)]);
}

#[test]
fn nothing_that_a_service_answers_is_kept() {
    let paths = "app.paths = [\"/api/*\", \"/hooks\"]\n";
    for shape in ["shape = \"fargate\"\n", "shape = \"ec2\"\nedge = \"cloudfront\"\nweb.assets = \"cdn\"\n"] {
        let design = design(&format!("{shape}{paths}"));
        let distribution = found::<CdnDistribution>(&design, "main");
        let behaviours: Vec<(String, String, String, usize)> = distribution
            .ordered_cache_behavior
            .0
            .iter()
            .map(|behaviour| {
                let origin = behaviour.target_origin_id.to_string();
                let cache = behaviour.cache_policy_id.to_string().chars().take(8).collect();
                (behaviour.path_pattern.to_string(), origin, cache, behaviour.allowed_methods.len())
            })
            .collect();
        let services = |path: &str| (path.to_owned(), "services".to_owned(), "4135ea2d".to_owned(), 7);
        let mut expected = vec![services("/hooks"), services("/api"), services("/api/*")];
        if shape.contains("assets") {
            expected.insert(0, ("/assets/*".to_owned(), "assets".to_owned(), "658327ea".to_owned(), 2));
        }
        assert_eq!(behaviours, expected);
        let functions = distribution.default_cache_behavior.0.function_association.0.len();
        assert_eq!(
            functions,
            design.graph.all::<CloudFrontFunction>().count(),
            "only the page's paths are rewritten"
        );
    }
}

#[test]
fn rules_take_the_closest_path_first_and_five_patterns_each() {
    let design = design("shape = \"fargate\"\napp.paths = [\"/a/*\", \"/b/*\", \"/c\", \"/longer/path\"]\n");
    let mut rules: Vec<(u32, String)> = design
        .graph
        .all::<ListenerRule>()
        .map(|(_, rule)| {
            let patterns = rule.condition.0.iter().filter_map(|condition| condition.path_pattern.as_ref());
            let values = patterns.flat_map(|pattern| pattern.0.values.iter().map(ToString::to_string));
            (rule.priority, values.collect::<Vec<_>>().join(" "))
        })
        .collect();
    rules.sort();
    assert_eq!(rules, [(10, "/longer/path /c /a /a/*".to_owned()), (20, "/b /b/*".to_owned())]);
}

#[test]
fn a_container_is_nobody_and_can_write_nowhere() {
    let design = design(
        "shape = \"fargate\"\napp.exec = true\napp.variables.LOG_LEVEL = \"info\"\n\
         app.secrets.SESSION_KEY = { generate = 32 }\napp.secrets.MAIL_KEY = { secret = \"items/mail\" }\n",
    );
    let task = found::<TaskDefinition>(&design, "app");
    let [container] = items(&task.container_definitions) else { panic!("one container") };
    assert_eq!(said(get(container, "user")), "10001:10001");
    assert_eq!(get(container, "readonlyRootFilesystem"), &Json::Bool(true));
    assert_eq!(
        said(get(container, "image")),
        "${aws_ecr_repository.app.repository_url}:${var.app_image_tag}"
    );
    let names = |list: &str| -> Vec<String> {
        items(get(container, list)).iter().map(|item| said(get(item, "name"))).collect()
    };
    let (plain, secret) = (names("environment"), names("secrets"));
    let all: BTreeSet<&String> = plain.iter().chain(&secret).collect();
    assert_eq!(all.len(), plain.len() + secret.len(), "ECS refuses a name that is there twice");
    for name in ["DB_PASSWORD", "DB_USER", "LOG_LEVEL", "MAIL_KEY", "SESSION_KEY"] {
        assert!(secret.iter().any(|known| known == name), "{name} {secret:?}");
    }
    for item in items(get(container, "secrets")) {
        let from = said(get(item, "valueFrom"));
        assert!(from.starts_with("${") && from.contains("arn"), "by ARN alone: {from}");
    }
    let mounts: BTreeSet<String> =
        items(get(container, "mountPoints")).iter().map(|mount| said(get(mount, "sourceVolume"))).collect();
    let volumes: BTreeSet<String> = task.volume.0.iter().map(|volume| volume.name.to_string()).collect();
    assert_eq!(mounts, volumes);

    let service = found::<EcsService>(&design, "app");
    assert!(service.enable_execute_command && !service.network_configuration.0.assign_public_ip);
    assert_eq!(service.network_configuration.0.subnets.len(), 2);
    assert!(service.deployment_circuit_breaker.0.rollback);
}

#[test]
fn a_task_may_do_no_more_than_it_needs() {
    let actions = |exec: bool| -> BTreeSet<String> {
        let design = design(&format!("shape = \"fargate\"\napp.exec = {exec}\n"));
        let policy = found::<RolePolicy>(&design, "app_task");
        let PolicyDocument::Statements(statements) = &policy.policy else { panic!("statements") };
        statements
            .iter()
            .flat_map(|statement| match &statement.actions {
                Scope::Only(actions) => actions.clone(),
                Scope::AllBut(_) => panic!("no open end"),
            })
            .collect()
    };
    let plain: BTreeSet<String> =
        ["kms:Decrypt", "secretsmanager:GetSecretValue"].into_iter().map(str::to_owned).collect();
    assert_eq!(actions(false), plain);
    let more: Vec<String> = actions(true).difference(&plain).cloned().collect();
    assert!(
        more.iter().all(|action| action.starts_with("ssmmessages:") || action.starts_with("logs:")),
        "{more:?}"
    );
    let reference = Ref::<Bucket>::new("page".parse().unwrap());
    assert!(design("shape = \"fargate\"\n").graph.get(&reference).is_some());
}
