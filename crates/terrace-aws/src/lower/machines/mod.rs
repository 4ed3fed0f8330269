//! The tiers that stand on machines: images, launch templates, groups that scale, and what each may do.

mod artifacts;
mod boot;
mod document;
mod fetched;
mod files;
mod groups;
mod images;
mod kinds;
mod recipes;
mod roles;
mod runtime;
mod server;
mod shell;
mod steps;
mod unit;

pub use files::{ReleaseFiles, release_files};
pub(crate) use server::HEALTH as WEB_HEALTH;

use terrace_topology::{PartyName, Service, Tier};

use super::foundation::{self, Foundation};
use super::{Draft, Ground, Refusal, codes};
use crate::resource::{BuildInfrastructure, KmsKey, LoadBalancer, Parameter, ParameterType, Tags};
use crate::{Concern, DnsName, Label, Ref, Text};
use images::{Baking, Source};
use recipes::{check_line, document, service_recipe, web_recipe};

pub(crate) fn lower(draft: &mut Draft<'_>, ground: &Ground<'_>) {
    let key: &Ref<KmsKey> = &ground.secrets.key;
    let source = match draft.foundation {
        Foundation::Within => Source::Artifacts(artifacts::lower(draft, key)),
        Foundation::Apart => Source::fetched(draft),
    };
    let artifacts = source.artifacts();
    let may = roles::builder(draft, artifacts.map(|artifacts| &artifacts.bucket), key);
    let profile =
        roles::profile(draft, Concern::App, "builder", "The machines on which images are built", may);
    let group = ground.guards.builder.as_ref();
    let Some(infrastructure) = images::infrastructure(draft, ground.network, group, &profile, artifacts)
    else {
        return;
    };
    let web = PartyName::web();
    web_tier(draft, ground, &web, &source, &infrastructure);
    let topology = draft.topology;
    for (party, service) in &topology.services {
        service_tier(draft, ground, party, service, &source, &infrastructure);
    }
    let bucket =
        artifacts.map_or_else(|| foundation::bucket(draft), |artifacts| Text::from(&artifacts.bucket));
    draft.output("artifacts_bucket", "The bucket that releases lie in.", bucket);
}

/// The release that a party's machines fetch, if their image holds none.
fn release(draft: &mut Draft<'_>, party: &PartyName) -> Option<Text> {
    (draft.foundation == Foundation::Apart).then(|| foundation::in_force(draft, party))
}

fn web_tier(
    draft: &mut Draft<'_>,
    ground: &Ground<'_>,
    party: &PartyName,
    source: &Source,
    infrastructure: &Ref<BuildInfrastructure>,
) {
    let topology = draft.topology;
    let web = &topology.web;
    let part = party.as_str();
    let kind = kinds::of(draft, part, true, web.machine.as_ref());
    let name = draft.naming.path("web/API_HOST");
    let api_host = draft
        .place(Concern::Web, &["api_host"])
        .why("Where the page's machines pass requests on to. They ask for its addresses again and again, since those change.")
        .put(Parameter {
            name: Text::from(name),
            description: None,
            r#type: ParameterType::String,
            value: Text::from(Ref::<LoadBalancer, DnsName>::new(Label::from_words(&["internal"]))),
            tags: Tags::new(),
        });
    let recipe = web_recipe(draft, party);
    let document = document(draft, party, &recipe, web.setup.as_ref());
    let ways = ground.guards.ways("builder").cloned().collect();
    let baking = Baking { concern: Concern::Web, party, document, infrastructure, source, ways };
    let image = images::bake(draft, baking);
    let mut may = vec![roles::sessions(), roles::parameters(draft, party)];
    may.extend(ground.logs.parties.get(party).map(roles::logs));
    may.extend(roles::artifacts(draft));
    let release = release(draft, party);
    let profile = roles::profile(draft, Concern::Web, part, "The machines that serve the page", may);
    let user_data = boot::user_data(draft, &boot::web(draft));
    let wish = groups::Wish {
        concern: Concern::Web,
        party,
        tier: Tier::Web,
        kind,
        image,
        group: ground.guards.web.clone(),
        profile,
        user_data,
        capacity: web.capacity,
        before: api_host.address().into_iter().chain(ground.guards.ways(part).cloned()).collect(),
        release,
    };
    groups::lower(draft, ground.network, wish);
}

fn service_tier(
    draft: &mut Draft<'_>,
    ground: &Ground<'_>,
    party: &PartyName,
    service: &Service,
    source: &Source,
    infrastructure: &Ref<BuildInfrastructure>,
) {
    let part = party.as_str();
    let kind = kinds::of(draft, part, false, service.machine.as_ref());
    let Some(line) = runtime::command(service) else {
        let message = "shape `ec2` starts the service on machines of its own, without containers";
        let refusal = Refusal::new(codes::IMAGE, format!("{part}.image"), message);
        draft.refuse(refusal.help(format!(
            "say with `{part}.run` what runs there (`image` can stay, for shape `fargate`), or write `shape = \"fargate\"`"
        )));
        return;
    };
    let runtime = match runtime::of(party, service, line) {
        Ok(runtime) => runtime,
        Err(refusal) => {
            draft.refuse(refusal);
            return;
        }
    };
    check_line(draft, &format!("{part}.run"), line);
    let recipe = service_recipe(draft, party, service, line, runtime);
    let document = document(draft, party, &recipe, service.setup.as_ref());
    let ways = ground.guards.ways("builder").cloned().collect();
    let baking = Baking { concern: Concern::App, party, document, infrastructure, source, ways };
    let image = images::bake(draft, baking);
    let mut may = vec![roles::sessions()];
    may.extend(ground.secrets.reads(draft, ground.data, party));
    may.extend(ground.logs.parties.get(party).map(roles::logs));
    may.extend(roles::artifacts(draft));
    let release = release(draft, party);
    let profile =
        roles::profile(draft, Concern::App, part, &format!("The machines of the service {part}"), may);
    let user_data =
        boot::user_data(draft, &boot::service(draft, ground.secrets, ground.data, (party, service)));
    let before = ground.secrets.before.get(party).into_iter().flatten();
    let wish = groups::Wish {
        concern: Concern::App,
        party,
        tier: Tier::App,
        kind,
        image,
        group: ground.guards.services.get(party).cloned(),
        profile,
        user_data,
        capacity: service.capacity,
        before: before.chain(ground.guards.ways(part)).cloned().collect(),
        release,
    };
    groups::lower(draft, ground.network, wish);
}
