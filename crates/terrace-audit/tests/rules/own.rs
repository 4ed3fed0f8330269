//! Our own designs, as what they compile to.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use terrace_audit::report::{Found, Source};
use terrace_audit::{Certainty, Rule, Settings, rules};
use terrace_aws::Foundation;
use terrace_aws::inventory::Inventory;
use terrace_topology::BackupDays;

/// Every manifest whose design is held clean.
fn manifests() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let cases = std::fs::read_dir(root.join("../terrace-aws/tests/cases")).unwrap();
    let mut all: Vec<PathBuf> = cases.map(|entry| entry.unwrap().path()).collect();
    all.retain(|path| path.extension().is_some_and(|e| e == "toml"));
    all.extend([
        root.join("../../examples/items/terrace.toml"),
        root.join("../../examples/items/terrace.fargate.toml"),
    ]);
    all.sort();
    all
}

/// What a manifest compiles to, as it is or as production with a standby; none if it is refused.
pub(crate) fn compiled(manifest: &str, production: bool) -> Option<Inventory> {
    on(manifest, production, Foundation::Within)
}

fn on(manifest: &str, production: bool, foundation: Foundation) -> Option<Inventory> {
    let environment = manifest.lines().next().and_then(|line| line.strip_prefix("#@ environment = "));
    let parsed = terrace_manifest::parse(manifest, environment);
    let mut topology = parsed.topology.filter(|_| !parsed.diagnostics.has_errors())?;
    if production {
        topology.production = true;
        topology.database.standby = true;
        topology.database.protected = true;
        let days = topology.database.backup_days.get().max(7);
        topology.database.backup_days = BackupDays::new(days).unwrap();
    }
    terrace_aws::lower_on(&topology, foundation).ok().map(|design| Inventory::of(&design.graph))
}

/// Rules that look at what is proved of a network: they have tests of their own.
const PROVED: [&str; 8] = [
    "admin-ports",
    "cdn-bypassed",
    "data-way-out",
    "dead-rules",
    "exposed",
    "path-broken",
    "secret-readers",
    "tier-skipped",
];

/// Rules that look at resources and permissions as they are written: they are tested here.
pub(crate) fn ours() -> impl Iterator<Item = &'static Rule> {
    rules::ALL.iter().copied().filter(|rule| is_ours(rule))
}

/// Whether a rule is tested here.
pub(crate) fn is_ours(rule: &Rule) -> bool {
    !PROVED.contains(&rule.name.as_str())
}

pub(crate) fn found(inventory: &Inventory) -> Vec<Found> {
    let mut report = terrace_audit::audit(inventory, &Settings::default(), Source::default());
    report.found.retain(|found| is_ours(found.rule));
    report.found
}

/// One line of a finding.
pub(crate) fn line(Found { rule, finding }: &Found) -> String {
    let path = if finding.path.is_empty() { String::new() } else { format!(" {}", finding.path) };
    let depends = match &finding.certainty {
        Certainty::Sure => String::new(),
        Certainty::Depends(on) => {
            let on: Vec<&str> = on.iter().map(|name| name.as_str()).collect();
            format!(" (depends on {})", on.join(", "))
        }
    };
    format!("{} {} {}{path}: {}{depends}", finding.severity.word(), rule.name, finding.item, finding.message)
}

/// What is found in all designs, as they are or as production.
fn told(production: bool) -> String {
    let mut told = String::new();
    let mut looked = 0;
    for path in manifests() {
        let manifest = std::fs::read_to_string(&path).unwrap();
        let Some(inventory) = compiled(&manifest, production) else { continue };
        looked += 1;
        let mut all = found(&inventory);
        // Without a domain there is no certificate: a balancer that is the edge then answers over plain HTTP, and that
        // is told.
        let bare = inventory.all("aws_acm_certificate").next().is_none()
            && inventory.all("aws_cloudfront_distribution").next().is_none();
        let plain = |found: &Found| found.rule.name.as_str() == "plaintext-edge";
        assert_eq!(bare, all.iter().any(plain), "{}", path.display());
        all.retain(|found| !plain(found));
        let lines: Vec<String> = all.iter().map(line).collect();
        if !lines.is_empty() {
            told += &format!("== {}\n{}\n", path.file_name().unwrap().display(), lines.join("\n"));
        }
    }
    assert!(looked >= 12, "{looked} designs were looked at");
    told
}

#[test]
fn no_rule_finds_anything_in_our_own_designs_for_production() {
    let told = told(true);
    assert!(told.is_empty(), "{told}");
}

#[test]
fn designs_that_are_not_production_are_told_to_be_easy_to_lose_and_not_to_be_open() {
    let told = told(false);
    let allowed = ["data-deletion", "data-backups", "data-zones", "logs-missing"];
    let strange: Vec<&str> = told
        .lines()
        .filter(|line| {
            !line.starts_with("== ") && !allowed.iter().any(|rule| line.contains(&format!(" {rule} ")))
        })
        .collect();
    assert!(strange.is_empty(), "{}", strange.join("\n"));
    assert!(told.contains("data-deletion"), "{told}");
}

#[test]
fn what_is_deployed_has_no_finding_that_what_is_exported_has_not() {
    let told = |inventory: &Inventory| -> BTreeSet<String> {
        let report = terrace_audit::audit(inventory, &Settings::default(), Source::default());
        report.found.iter().map(line).collect()
    };
    let mut looked = 0;
    for path in manifests() {
        let manifest = std::fs::read_to_string(&path).unwrap();
        for production in [false, true] {
            let both = [Foundation::Within, Foundation::Apart];
            let [Some(exported), Some(deployed)] =
                both.map(|foundation| on(&manifest, production, foundation))
            else {
                continue;
            };
            looked += 1;
            let (exported, deployed) = (told(&exported), told(&deployed));
            let more: Vec<&String> = deployed.difference(&exported).collect();
            assert!(more.is_empty(), "{}: {more:#?}", path.display());
        }
    }
    assert!(looked >= 24, "{looked} designs were looked at");
}
