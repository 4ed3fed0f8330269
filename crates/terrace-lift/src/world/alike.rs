//! Lookups of security groups, which may find what the design itself builds.
//!
//! Source: Amazon EC2 API, `DescribeSecurityGroups` (filters; `*` and `?` in values stand for any characters).

use terrace_aws::inventory::{Item, ItemId, Told, View};
use terrace_aws::{Mode, Text};
use terrace_proof::space::GroupId;
use terrace_proof::world::{Fact, When};

use super::ask;
use super::lifting::Lifting;
use super::networks::VPCS;

/// What a lookup asks for: each of these has to be one of the values.
struct Wanted {
    names: Vec<Vec<Text>>,
    tags: Vec<(String, Vec<Text>)>,
}

impl Lifting<'_> {
    /// The groups of the design that a lookup finds perhaps.
    pub(super) fn alike(&mut self, lookup: &ItemId) -> Vec<Fact<GroupId>> {
        let is_lookup = lookup.mode() == Mode::Data && lookup.type_name().starts_with("aws_security_group");
        let Some(item) = self.item(lookup).filter(|_| is_lookup) else { return Vec::new() };
        let view = item.view();
        // What is asked for by its id is somebody else's.
        let Some(wanted) = wanted(view).filter(|_| view.get("id").is_none()) else { return Vec::new() };
        let mut network = self.network_named(item, "vpc_id");
        for filter in ask::blocks(view, "filter") {
            if ask::word(filter, "name").as_deref() == Some("vpc-id")
                && let Some(named) = self.one(filter, "values", VPCS)
            {
                network = Some(self.network(&named.is));
            }
        }
        let own = self.groups.get(lookup).copied();
        let built: Vec<(ItemId, GroupId)> =
            self.groups.iter().map(|(id, group)| (id.clone(), *group)).collect();
        let mut all = Vec::new();
        for (id, group) in built {
            let Some(found) = self.item(&id).filter(|found| found.id().mode() == Mode::Managed) else {
                continue;
            };
            let of = self.group_networks.get(&group).copied();
            let elsewhere = network.is_some() && of.is_some() && network != of;
            if Some(group) == own || elsewhere || !finds(&wanted, found) {
                continue;
            }
            let when = When::on(self.unknown(format!("what {lookup} finds")));
            all.push(Fact { is: group, when });
        }
        all
    }
}

fn wanted(view: View<'_>) -> Option<Wanted> {
    let mut wanted = Wanted { names: Vec::new(), tags: Vec::new() };
    let text = |argument: &str| match ask::text(view, argument) {
        Told::Nothing => None,
        Told::Is(text) => Some(vec![text]),
        Told::Unknown(of) => Some(vec![Text::opaque(of)]),
    };
    wanted.names.extend(text("name"));
    for (key, value) in view.map("tags").known().unwrap_or_default() {
        wanted.tags.push((key, vec![value]));
    }
    for filter in ask::blocks(view, "filter") {
        let name = ask::word(filter, "name").unwrap_or_default();
        let values = match filter.texts("values") {
            Told::Is(values) => values,
            Told::Nothing => Vec::new(),
            Told::Unknown(of) => vec![Text::opaque(of)],
        };
        match name.as_str() {
            "group-name" => wanted.names.push(values),
            "group-id" => return None,
            other => {
                if let Some(key) = other.strip_prefix("tag:") {
                    wanted.tags.push((key.to_owned(), values));
                }
            }
        }
    }
    Some(wanted)
}

/// Whether a group may be what is asked for.
fn finds(wanted: &Wanted, group: &Item) -> bool {
    let view = group.view();
    let name = match (ask::text(view, "name"), ask::text(view, "name_prefix")) {
        (Told::Is(name), _) => Own::Is(name),
        (Told::Nothing, Told::Is(prefix)) => {
            prefix.literal().map_or(Own::Untold, |p| Own::Begins(p.to_owned()))
        }
        (Told::Nothing, Told::Nothing) => Own::Begins("terraform-".to_owned()),
        _ => Own::Untold,
    };
    let tags = view.map("tags").known();
    wanted.names.iter().all(|values| values.iter().any(|value| name.may_be(value)))
        && wanted.tags.iter().all(|(key, values)| match &tags {
            None => true,
            Some(tags) => {
                tags.get(key).is_some_and(|own| values.iter().any(|v| Own::Is(own.clone()).may_be(v)))
            }
        })
}

/// What a group is called.
enum Own {
    Is(Text),
    Begins(String),
    Untold,
}

impl Own {
    fn may_be(&self, value: &Text) -> bool {
        let Some(literal) = value.literal() else { return true };
        let has_stars = literal.contains(['*', '?']);
        match self {
            Self::Is(own) => has_stars || own.literal().is_none_or(|own| own == literal),
            Self::Begins(prefix) => has_stars || literal.starts_with(prefix.as_str()),
            Self::Untold => true,
        }
    }
}
