//! What the machines of a manifest (standard input) are made from and told, as JSON: for whoever tries images.
//!
//! `{"web": {"component": "…", "user_data": "…", "policy": …}, …}`; references stand as `${aws_lb.internal.dns_name}`.

use std::io::{Read, Write};

use terrace_aws::resource::{ImageComponent, LaunchTemplate, Parameter};
use terrace_aws::{Design, lower};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut manifest = String::new();
    std::io::stdin().read_to_string(&mut manifest)?;
    let environment = std::env::args().nth(1);
    let parsed = terrace_manifest::parse(&manifest, environment.as_deref());
    let topology = parsed.topology.ok_or_else(|| format!("{:#?}", parsed.diagnostics))?;
    let design = lower(&topology).map_err(|refusals| format!("{refusals:?}"))?;
    writeln!(std::io::stdout(), "{}", serde_json::to_string_pretty(&told(&design))?)?;
    Ok(())
}

fn told(design: &Design) -> serde_json::Value {
    let mut parties = serde_json::Map::new();
    for (label, component) in design.graph.all::<ImageComponent>() {
        let template = design.graph.all::<LaunchTemplate>().find(|(other, _)| *other == label);
        let user_data = template.map(|(_, template)| template.user_data.0.to_string());
        let party = serde_json::json!({ "component": component.data.to_string(), "user_data": user_data });
        parties.insert(label.to_string(), party);
    }
    let parameters = design.graph.all::<Parameter>();
    let parameters: serde_json::Map<String, serde_json::Value> =
        parameters.map(|(_, one)| (one.name.to_string(), one.value.to_string().into())).collect();
    serde_json::json!({ "parties": parties, "parameters": parameters })
}
