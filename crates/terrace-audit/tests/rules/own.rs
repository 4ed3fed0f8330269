//! Our own designs, as what they compile to.

use std::path::{Path, PathBuf};

use terrace_audit::{Certainty, Finding, Findings, Rule, Subject, rules};
use terrace_aws::inventory::Inventory;

/// Every manifest whose design is held clean.
fn manifests() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let cases = std::fs::read_dir(root.join("../terrace-aws/tests/cases")).unwrap();
    let mut all: Vec<PathBuf> = cases.map(|entry| entry.unwrap().path()).collect();
    all.retain(|path| path.extension().is_some_and(|e| e == "toml"));
    all.extend([root.join("../../examples/items/terrace.toml"), root.join("../../examples/items/terrace.fargate.toml")]);
    all.sort();
    all
}

/// What a manifest compiles to, as it is or as production with a standby; none if it is refused.
pub(crate) fn compiled(manifest: &str, production: bool) -> Option<Inventory> {
    let environment = manifest.lines().next().and_then(|line| line.strip_prefix("#@ environment = "));
    let parsed = terrace_manifest::parse(manifest, environment);
    let mut topology = parsed.topology.filter(|_| !parsed.diagnostics.has_errors())?;
    if production {
        topology.production = true;
        topology.database.standby = true;
        topology.database.backup_days = topology.database.backup_days.max(7);
    }
    terrace_aws::lower(&topology).ok().map(|design| Inventory::of(&design.graph))
}

pub(crate) fn found(inventory: &Inventory) -> Vec<(&'static Rule, Finding)> {
    let subject = Subject { inventory };
    let each = |rule: &&'static Rule| {
        let mut findings = Findings::default();
        (rule.check)(&subject, &mut findings);
        findings.found.into_iter().map(|finding| (*rule, finding)).collect::<Vec<_>>()
    };
    rules::ALL.iter().flat_map(each).collect()
}

/// One line of a finding.
pub(crate) fn line(rule: &Rule, finding: &Finding) -> String {
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
        let lines: Vec<String> = found(&inventory).iter().map(|(rule, finding)| line(rule, finding)).collect();
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
