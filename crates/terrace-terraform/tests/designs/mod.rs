//! The designs of real manifests: every combination that the manifest allows, as far as a plan differs.

#![allow(dead_code, clippy::allow_attributes, reason = "each test takes what it needs")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop where it is wrong")]

use terrace_aws::{Design, Foundation, lower, lower_on};

/// A manifest and its design.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) design: Design,
}

/// The manifest of one combination.
pub(crate) fn manifest(
    shape: &str,
    engine: &str,
    edge: &str,
    egress: &str,
    zones: u8,
    domain: bool,
) -> String {
    let domain = if domain { "domain = \"items.example.com\"\nzone = \"example.com\"\n" } else { "" };
    let version = if engine == "postgres" { "16" } else { "8.0" };
    let runs = if shape == "ec2" { "run = \"target/release/items-api\"" } else { "image = \"Dockerfile\"" };
    format!(
        "name = \"items\"\nshape = \"{shape}\"\nregion = \"eu-central-1\"\nzones = {zones}\nedge = \"{edge}\"\n{domain}\n\
         [web]\nroot = \"frontend\"\nbuild = \"npm ci && npm run build\"\ndist = \"dist\"\n\n\
         [app]\nroot = \"backend\"\nbuild = \"cargo build --release\"\n{runs}\nport = 8000\npaths = [\"/api/*\"]\n\
         health = \"/health\"\ncount = {{ min = 2, max = 6, cpu = 60 }}\n\n\
         [app.variables]\nLOG_LEVEL = \"info ${{x}} %{{y}}\"\n\n\
         [app.secrets]\nSESSION_KEY = {{ generate = 32 }}\n\n\
         [data]\nengine = \"{engine}\"\nversion = \"{version}\"\nstandby = true\n\n\
         [egress]\napp = \"{egress}\"\n"
    )
}

/// The design of a manifest, or why there is none.
pub(crate) fn design(text: &str) -> Result<Design, String> {
    let parsed = terrace_manifest::parse(text, None);
    let found: Vec<String> = parsed.diagnostics.iter().map(|one| one.message().to_owned()).collect();
    let topology = parsed.topology.ok_or_else(|| found.join("; "))?;
    lower(&topology).map_err(|refused| format!("{refused:?}"))
}

/// The same on a foundation that is apart.
pub(crate) fn apart(text: &str) -> Design {
    let topology = terrace_manifest::parse(text, None).topology.unwrap();
    lower_on(&topology, Foundation::Apart).unwrap_or_else(|refused| panic!("{refused:?}"))
}

/// All combinations, each on both foundations.
pub(crate) fn all() -> Vec<Case> {
    let mut all = Vec::new();
    for shape in ["ec2", "fargate"] {
        for engine in ["postgres", "mysql"] {
            for edge in ["alb", "cloudfront"] {
                for egress in ["none", "nat"] {
                    for (zones, domain) in [(2, false), (3, true)] {
                        let name = format!("{shape} {engine} {edge} {egress} {zones} {domain}");
                        let text = manifest(shape, engine, edge, egress, zones, domain);
                        match design(&text) {
                            Ok(design) => {
                                all.push(Case { name: format!("{name} apart"), design: apart(&text) });
                                all.push(Case { name, design });
                            }
                            // A page in a bucket needs CloudFront.
                            Err(_) if shape == "fargate" && edge == "alb" => {}
                            Err(why) => panic!("{name}: {why}\n{text}"),
                        }
                    }
                }
            }
        }
    }
    assert!(all.len() >= 48, "only {} combinations have a design", all.len());
    all
}

/// One of them.
pub(crate) fn one(shape: &str, engine: &str, edge: &str, egress: &str) -> Case {
    let text = manifest(shape, engine, edge, egress, 2, false);
    Case { name: format!("{shape} {engine} {edge} {egress}"), design: design(&text).unwrap() }
}
