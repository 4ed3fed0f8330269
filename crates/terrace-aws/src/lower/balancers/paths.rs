//! Public paths as rules of a listener.
//!
//! GUARANTEE: a request goes to the service whose path is closest to what was asked for, whatever the order in
//! which the paths were written.

use std::collections::{BTreeMap, BTreeSet};

use terrace_topology::{Entrance, PartyName, PublicPath};

use super::super::{Draft, Refusal, codes};
use super::forward;
use crate::catalog::limits;
use crate::resource::{Listener, ListenerRule, PathPattern, RuleCondition, TargetGroup};
use crate::{Arn, Block, Blocks, Concern, Ref, Text};

/// How many patterns a rule of a listener takes ("Quotas for your Application Load Balancers").
const PATTERNS_A_RULE: usize = 5;

/// A public path as the patterns of load balancers and distributions: what is below `/api/*`, and `/api` itself.
pub(crate) fn patterns(path: &PublicPath) -> Vec<String> {
    match path.as_str().strip_suffix("/*") {
        None => vec![path.as_str().to_owned()],
        Some("") => vec!["/*".to_owned()],
        Some(stem) => vec![stem.to_owned(), format!("{stem}/*")],
    }
}

/// Every public path with its service, the closest first: exact ones, then the longest.
pub(crate) fn by_closeness<'t>(draft: &Draft<'t>) -> Vec<(&'t PublicPath, &'t PartyName)> {
    let topology = draft.topology;
    let mut all: Vec<(&PublicPath, &PartyName)> = topology
        .services
        .iter()
        .flat_map(|(party, service)| service.paths.iter().map(move |path| (path, party)))
        .collect();
    all.sort_by_key(|(path, _)| {
        let stem = path.as_str().strip_suffix("/*");
        (stem.is_some(), std::cmp::Reverse(stem.unwrap_or(path.as_str()).len()), path.as_str())
    });
    all
}

/// A rule for each run of paths of one service.
pub(super) fn rules(
    draft: &mut Draft<'_>,
    listener: &Ref<Listener>,
    groups: &BTreeMap<PartyName, Ref<TargetGroup>>,
) -> BTreeMap<PartyName, Ref<ListenerRule>> {
    let mut runs: Vec<(&PartyName, Vec<String>)> = Vec::new();
    for (path, party) in by_closeness(draft) {
        let patterns = patterns(path);
        match runs.last_mut() {
            Some((last, own)) if *last == party && own.len() + patterns.len() <= PATTERNS_A_RULE => {
                own.extend(patterns)
            }
            _ => runs.push((party, patterns)),
        }
    }
    let mut rules = BTreeMap::new();
    let mut taken = BTreeSet::new();
    for (at, (party, patterns)) in runs.into_iter().enumerate() {
        let Some(group) = groups.get(party) else { continue };
        let number = (at + 1).to_string();
        let first = taken.insert(party.clone());
        let label: Vec<&str> =
            std::iter::once(party.as_str()).chain((!first).then_some(number.as_str())).collect();
        let tags = draft.party_tags(party.as_str(), party);
        let rule = draft.place(Concern::App, &label).put(ListenerRule {
            listener_arn: listener.attribute::<Arn>(),
            priority: u32::try_from(at + 1).unwrap_or(u32::MAX).saturating_mul(10),
            condition: Blocks(vec![RuleCondition {
                path_pattern: Some(Block(PathPattern {
                    values: patterns.into_iter().map(Text::from).collect(),
                })),
            }]),
            action: Blocks(vec![forward(group)]),
            tags,
        });
        rules.entry(party.clone()).or_insert(rule);
    }
    rules
}

/// Paths that the rules of a load balancer or the behaviours of a distribution do not hold.
pub(super) fn refuse(draft: &mut Draft<'_>) {
    let mut count = 0;
    for (path, party) in by_closeness(draft) {
        let patterns = patterns(path);
        count += patterns.len();
        let (length, most) = (path.as_str().len(), limits::PATH_PATTERN);
        if length > most {
            let message = format!(
                "`{path}` has {length} characters, and a rule of a load balancer takes {most} at most"
            );
            draft.refuse(
                Refusal::new(codes::PATHS, format!("{party}.paths"), message)
                    .help("take a path further up, with `/*` at its end"),
            );
        }
    }
    let most = limits::CACHE_BEHAVIORS - 1;
    if draft.topology.entrance == Entrance::Cdn && count > most {
        let message = format!(
            "the paths come to {count} patterns, `/a/*` being two, and a distribution of CloudFront takes {most} at most"
        );
        let setting = draft.topology.services.keys().next().map(|party| format!("{party}.paths"));
        draft.refuse(
            Refusal::new(codes::PATHS, setting.unwrap_or_default(), message)
                .help("bring paths together under one, such as `/api/*`"),
        );
    }
}
