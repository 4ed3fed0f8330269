//! What the machines of a manifest (standard input) are made from and told, as JSON: for whoever tries images.
//!
//! `{"web": {"components": ["…"], "user_data": "…"}, …}`; references stand as `${aws_lb.internal.dns_name}`.
//! An argument names the environment; `--apart` means machines that fetch their release when they start.

use std::io::{Read, Write};

use terrace_aws::resource::{ImageComponent, LaunchTemplate, Parameter};
use terrace_aws::{Design, Foundation, Label, lower_on};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut manifest = String::new();
    std::io::stdin().read_to_string(&mut manifest)?;
    let (flags, words): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|word| word.starts_with("--"));
    let on = if flags.contains(&"--apart".to_owned()) { Foundation::Apart } else { Foundation::Within };
    let parsed = terrace_manifest::parse(&manifest, words.first().map(String::as_str));
    let topology = parsed.topology.ok_or_else(|| format!("{:#?}", parsed.diagnostics))?;
    let design = lower_on(&topology, on).map_err(|refusals| format!("{refusals:?}"))?;
    writeln!(std::io::stdout(), "{}", serde_json::to_string_pretty(&told(&design))?)?;
    Ok(())
}

fn told(design: &Design) -> serde_json::Value {
    let mut parties = serde_json::Map::new();
    let component = |label: &Label| {
        let mut all = design.graph.all::<ImageComponent>().filter(|(other, _)| *other == label);
        all.next().map(|(_, component)| component.data.to_string())
    };
    // What all images have in common comes first.
    let common = component(&Label::from_words(&["main"]));
    for (label, template) in design.graph.all::<LaunchTemplate>() {
        let components: Vec<String> = common.clone().into_iter().chain(component(label)).collect();
        let user_data = template.user_data.0.to_string();
        let party = serde_json::json!({ "components": components, "user_data": user_data });
        parties.insert(label.to_string(), party);
    }
    let parameters = design.graph.all::<Parameter>();
    let parameters: serde_json::Map<String, serde_json::Value> =
        parameters.map(|(_, one)| (one.name.to_string(), one.value.to_string().into())).collect();
    serde_json::json!({ "parties": parties, "parameters": parameters })
}
