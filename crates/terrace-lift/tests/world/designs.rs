//! What holds of Terrace's own designs, said by hand and not by what the program told once: of every manifest that
//! `terrace-aws` is tested with, and of the Terraform text that is made of it.

use std::collections::BTreeSet;
use std::path::Path;

use terrace_aws::Design;
use terrace_aws::inventory::{Inventory, Tree};
use terrace_lift::world::{ExternalKind, Lifted, SiteKind, lift};
use terrace_proof::reach::{Link, reach};
use terrace_proof::world::{Bound, Party};

use super::{edges, party};

/// Every manifest that can be built, by its file's name.
fn designs() -> Vec<(String, Design)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../terrace-aws/tests/cases");
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let environment = text.lines().next().and_then(|line| line.strip_prefix("#@ environment = "));
        let parsed = terrace_manifest::parse(&text, environment);
        let Some(topology) = parsed.topology.filter(|_| !parsed.diagnostics.has_errors()) else { continue };
        if let Ok(design) = terrace_aws::lower(&topology) {
            all.push((path.file_name().unwrap().to_string_lossy().into_owned(), design));
        }
    }
    assert!(all.len() > 10, "the manifests are there");
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

fn kind(lifted: &Lifted, of: Party) -> Option<SiteKind> {
    match of {
        Party::Site(id) => lifted.site(id).map(|site| site.kind),
        Party::External(_) => None,
    }
}

fn is_data(lifted: &Lifted, of: Party) -> bool {
    kind(lifted, of) == Some(SiteKind::Database)
}

/// The services of AWS answer; they do not ask.
fn is_service(lifted: &Lifted, of: Party) -> bool {
    match of {
        Party::External(id) => {
            lifted.external_kinds.get(id.0 as usize).is_some_and(|kind| *kind == ExternalKind::Service)
        }
        Party::Site(_) => false,
    }
}

fn pairs(lifted: &Lifted, bound: Bound, wanted: impl Fn(Party, Party) -> bool) -> BTreeSet<(String, String)> {
    let reach = reach(&lifted.world, bound);
    let links: Vec<Link> = reach.links().filter(|link| wanted(link.from, link.to)).collect();
    links.iter().map(|link| (party(lifted, link.from), party(lifted, link.to))).collect()
}

fn named(all: &[(&str, &str)]) -> BTreeSet<(String, String)> {
    all.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
}

#[test]
fn the_data_tier_is_reached_by_the_application_alone_and_reaches_nothing() {
    for (name, design) in designs() {
        let lifted = lift(&Inventory::of(&design.graph));
        let app = lifted
            .sites
            .iter()
            .map(|site| site.item.name())
            .find(|name| name.ends_with(".app"))
            .unwrap_or_else(|| panic!("{name}: the application is a site"));
        let data = lifted
            .sites
            .iter()
            .find(|site| site.kind == SiteKind::Database)
            .unwrap_or_else(|| panic!("{name}: the database is a site"));
        let data = data.item.name();
        let into = pairs(&lifted, Bound::Most, |_, to| is_data(&lifted, to));
        let out = pairs(&lifted, Bound::Most, |from, _| is_data(&lifted, from));
        let expected = named(&[(app, data)]);
        assert_eq!(into, expected, "{name}");
        assert_eq!(out, BTreeSet::new(), "{name}");
        let sure = pairs(&lifted, Bound::Least, |_, to| is_data(&lifted, to));
        assert_eq!(sure, into, "{name}: nothing of it depends on what is not told");
    }
}

#[test]
fn the_internet_reaches_the_entrance_alone() {
    for (name, design) in designs() {
        let lifted = lift(&Inventory::of(&design.graph));
        let from_outside =
            |from: Party, _: Party| matches!(from, Party::External(_)) && !is_service(&lifted, from);
        let reached: BTreeSet<String> =
            pairs(&lifted, Bound::Most, from_outside).into_iter().map(|(_, to)| to).collect();
        let has_cdn = lifted.sites.iter().any(|site| site.kind == SiteKind::Distribution);
        let entrance = if has_cdn { "aws_cloudfront_distribution.main" } else { "aws_lb.public" };
        assert_eq!(reached, BTreeSet::from([entrance.to_owned()]), "{name}");
    }
}

#[test]
fn requests_go_from_tier_to_tier() {
    for (name, design) in designs() {
        let lifted = lift(&Inventory::of(&design.graph));
        let is_inner =
            |of: Party| !matches!(of, Party::External(_)) && kind(&lifted, of) != Some(SiteKind::Endpoint);
        let chain = pairs(&lifted, Bound::Most, |from, to| is_inner(from) && is_inner(to));
        let has = |item: &str| lifted.sites.iter().any(|site| site.item.name() == item);
        let mut expected = BTreeSet::new();
        let mut step = |from: &str, to: &str| {
            expected.insert((from.to_owned(), to.to_owned()));
        };
        let app =
            if has("aws_ecs_service.app") { "aws_ecs_service.app" } else { "aws_autoscaling_group.app" };
        let data = if has("aws_rds_cluster.main") { "aws_rds_cluster.main" } else { "aws_db_instance.main" };
        step(app, data);
        let entrance = ["aws_lb.public", "aws_lb.main"].into_iter().find(|item| has(item));
        if has("aws_cloudfront_distribution.main") {
            let behind = entrance.unwrap_or("aws_lb.internal");
            step("aws_cloudfront_distribution.main", behind);
        }
        if has("aws_autoscaling_group.web") {
            step(entrance.unwrap_or("aws_lb.public"), "aws_autoscaling_group.web");
            step("aws_autoscaling_group.web", "aws_lb.internal");
        }
        let last = if has("aws_lb.internal") { "aws_lb.internal" } else { entrance.unwrap_or("aws_lb.main") };
        step(last, app);
        assert_eq!(chain, expected, "{name}");
    }
}

#[test]
fn text_made_of_a_design_is_lifted_as_the_design() {
    for (name, design) in designs() {
        let own = lift(&Inventory::of(&design.graph));
        let mut tree = Tree::new();
        for (file, text) in terrace_terraform::emit(&design).unwrap() {
            tree.insert(file.as_str(), text);
        }
        let given = terrace_terraform::found::Given::default();
        let found = terrace_terraform::found::folder(&tree, "", &given)
            .unwrap_or_else(|wrong| panic!("{name}: {wrong:#?}"));
        let found = lift(&found);
        assert_eq!(found.describe(), own.describe(), "{name}");
        assert_eq!(edges(&found), edges(&own), "{name}");
    }
}

#[test]
fn every_rule_says_what_it_is_and_who_says_so() {
    for (name, design) in designs() {
        let inventory = Inventory::of(&design.graph);
        let lifted = lift(&inventory);
        for rule in &lifted.rules {
            assert!(!rule.says.is_empty(), "{name}: {rule:?}");
            let is_made = rule.item.name().starts_with("main table of ");
            assert!(is_made || inventory.get(&rule.item).is_some(), "{name}: {rule:?}");
        }
        assert_eq!(lifted.unmodelled, Vec::new(), "{name}");
        assert_eq!(lifted.sites.len(), lifted.world.sites.len());
        assert_eq!(lifted.groups.len(), lifted.world.groups.len());
        assert_eq!(lifted.externals.len(), lifted.world.externals.len());
        assert_eq!(lifted.external_kinds.len(), lifted.world.externals.len());
        assert_eq!(lifted.subnets.len(), lifted.world.subnets.len());
        assert_eq!(lifted.tables.len(), lifted.world.tables.len());
        assert_eq!(lifted.acls.len(), lifted.world.acls.len());
        assert_eq!(lifted.nats.len(), lifted.world.nats.len());
        assert_eq!(lifted.target_groups.len(), lifted.world.target_groups.len());
        assert_eq!(lifted.networks.len(), lifted.world.networks.len());
    }
}
