//! What holds of machines whatever the manifest says: images are told apart by what is in them, and nobody may do
//! more than its tier needs.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;

use terrace_aws::resource::{ImageComponent, ImageRecipe, LaunchTemplate, RolePolicy};
use terrace_aws::{Design, PolicyDocument, Scope, Statement, lower};

fn design(web: &str, app: &str) -> Design {
    let manifest = format!(
        "name = \"items\"\nshape = \"ec2\"\n[web]\nroot = \"f\"\n{web}\n[app]\nroot = \"b\"\n{app}\n[app.secrets]\nKEY = {{ generate = 32 }}\n[data]\nengine = \"mysql\"\n"
    );
    let parsed = terrace_manifest::parse(&manifest, None);
    let topology = parsed.topology.unwrap_or_else(|| panic!("{:#?}", parsed.diagnostics));
    lower(&topology).unwrap_or_else(|refusals| panic!("{refusals:#?}"))
}

const NATIVE: &str = "run = \"target/release/api\"";

/// Component and recipe versions by party.
fn versions(design: &Design) -> BTreeMap<String, (String, String)> {
    let recipes: BTreeMap<_, _> = design.graph.all::<ImageRecipe>().collect();
    let components = design.graph.all::<ImageComponent>();
    components
        .map(|(label, component)| {
            let recipe = recipes.get(label).unwrap();
            (label.to_string(), (component.version.to_string(), recipe.version.to_string()))
        })
        .collect()
}

#[test]
fn another_image_is_another_version_and_the_same_is_the_same() {
    let before = versions(&design("", NATIVE));
    assert_eq!(before, versions(&design("", NATIVE)));
    let after = versions(&design("", &format!("{NATIVE}\nsetup = \"touch /x\"")));
    assert_eq!(before["web"], after["web"]);
    assert_ne!(before["app"].0, after["app"].0);
    assert_ne!(before["app"].1, after["app"].1);
    assert_ne!(before["web"], versions(&design("server = \"nginx\"", NATIVE))["web"]);
}

#[test]
fn image_builder_takes_the_documents() {
    let long = format!("run = \"python main.py\"\nsetup = '''\n{}'''", "echo x\n".repeat(200));
    for (web, app) in [("", NATIVE), ("server = \"nginx\"", "run = \"node main.js\""), ("spa = false", &long)]
    {
        for (label, component) in design(web, app).graph.all::<ImageComponent>() {
            let text = component.data.literal().unwrap_or_else(|| panic!("{label}: made of references"));
            assert!(text.chars().count() <= 16_000, "{label}: {}", text.len());
            assert_eq!(text.matches("{{").count(), 1, "{label}: Image Builder's own values");
            assert!(text.lines().all(|line| line.trim_end() == line), "{label}: a line ends in a space");
        }
    }
}

/// The statements of each role's policy, by label.
fn policies(design: &Design) -> BTreeMap<String, Vec<Statement>> {
    let all = design.graph.all::<RolePolicy>();
    all.filter_map(|(label, policy)| match &policy.policy {
        PolicyDocument::Statements(statements) => Some((label.to_string(), statements.clone())),
        PolicyDocument::Opaque(_) => None,
    })
    .collect()
}

fn actions(statements: &[Statement]) -> Vec<&str> {
    let mut all = Vec::new();
    for statement in statements {
        match &statement.actions {
            Scope::Only(own) => all.extend(own.iter().map(String::as_str)),
            Scope::AllBut(_) => panic!("a role may do all but something"),
        }
    }
    all
}

#[test]
fn no_tier_may_do_more_than_it_needs() {
    let policies = policies(&design("", NATIVE));
    let may =
        |party: &str, what: &str| actions(&policies[party]).iter().any(|action| action.starts_with(what));
    for service in ["secretsmanager:", "kms:", "s3:", "ec2", "imagebuilder:"] {
        assert!(!may("web", service), "the web tier may {service}*");
    }
    for service in ["s3:", "ec2", "imagebuilder:"] {
        assert!(!may("app", service), "the service may {service}*");
    }
    assert!(!may("builder", "secretsmanager:") && !may("builder", "ssm:GetParameter"), "images read secrets");
    for (party, statements) in
        policies.iter().filter(|(party, _)| ["web", "app", "builder"].contains(&party.as_str()))
    {
        assert!(
            actions(statements).iter().all(|action| !action.contains('*')),
            "{party}: an action with a star"
        );
        for statement in statements {
            let Some(Scope::Only(resources)) = &statement.resources else { panic!("{party}: {statement:?}") };
            let anything = resources.iter().any(|resource| resource.literal() == Some("*"));
            let known = ["Sessions", "LedBySystemsManager", "ComponentsAreEncrypted"];
            let sid = statement.sid.as_deref().unwrap_or_default();
            assert!(!anything || known.contains(&sid), "{party}: `{sid}` is for any resource");
        }
    }
}

#[test]
fn user_data_is_small_and_says_where_secrets_are_and_never_what() {
    for (label, template) in design("", NATIVE).graph.all::<LaunchTemplate>() {
        let text = template.user_data.0.to_string();
        assert!(text.len() < 4096 && text.starts_with("#cloud-config\n"), "{label}: {text}");
        assert!(!text.contains("runcmd") && !text.contains("#!/"), "{label} runs something: {text}");
    }
}
