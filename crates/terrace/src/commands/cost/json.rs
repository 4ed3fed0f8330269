//! An estimate for programs: everything, a line for every resource.

use serde::Serialize;
use terrace_aws::Concern;
use terrace_cost::prices::MicroDollars;
use terrace_cost::{Estimate, Line, Quantity, Unpriced};

use super::egress::Ways;
use super::{Basis, Costed, shape};

#[derive(Serialize)]
pub(super) struct Report<'e> {
    #[serde(flatten)]
    own: System<'e>,
    #[serde(skip_serializing_if = "Option::is_none")]
    compared_with: Option<System<'e>>,
    egress: Egress<'e>,
    currency: &'static str,
    hours_of_a_month: u32,
    /// Whether the prices are another region's.
    as_if: bool,
}

#[derive(Serialize)]
struct System<'e> {
    name: String,
    environment: Option<String>,
    shape: &'static str,
    region: String,
    prices_of: String,
    total: f64,
    at_most: f64,
    groups: Vec<Group>,
    lines: Vec<Row<'e>>,
    not_priced: Vec<Missing<'e>>,
    free_resources: usize,
    assumptions: Vec<Assumed>,
}

#[derive(Serialize)]
struct Group {
    group: &'static str,
    total: f64,
}

#[derive(Serialize)]
struct Row<'e> {
    group: &'static str,
    what: &'e str,
    resource: String,
    item: String,
    quantity: f64,
    free: f64,
    unit: String,
    unit_price: f64,
    amount: f64,
    at_most: f64,
    source: &'static str,
    source_date: &'static str,
    source_place: &'static str,
}

#[derive(Serialize)]
struct Missing<'e> {
    what: &'e str,
    resource: String,
    reason: &'e str,
}

#[derive(Serialize)]
struct Assumed {
    name: &'static str,
    amount: f64,
    about: &'static str,
    set: bool,
}

#[derive(Serialize)]
struct Egress<'e> {
    own: &'static str,
    own_total: f64,
    other: &'static str,
    other_total: Option<f64>,
    sentence: &'e str,
}

pub(super) fn value<'e>(
    own: &'e Costed,
    other: Option<&'e Costed>,
    ways: &'e Ways,
    basis: &Basis,
) -> Report<'e> {
    Report {
        own: system(own, basis),
        compared_with: other.map(|other| system(other, basis)),
        egress: Egress {
            own: ways.own,
            own_total: dollars(ways.own_total),
            other: ways.other,
            other_total: ways.other_total.map(dollars),
            sentence: &ways.sentence,
        },
        currency: "USD",
        hours_of_a_month: 730,
        as_if: own.estimate.region != own.topology.region,
    }
}

fn system<'e>(costed: &'e Costed, basis: &Basis) -> System<'e> {
    let Costed { topology, estimate, .. } = costed;
    System {
        name: topology.name.to_string(),
        environment: topology.environment.as_ref().map(ToString::to_string),
        shape: shape(topology.shape),
        region: topology.region.to_string(),
        prices_of: estimate.region.to_string(),
        total: dollars(estimate.total()),
        at_most: dollars(estimate.at_most()),
        groups: groups(estimate),
        lines: estimate.lines.iter().map(row).collect(),
        not_priced: estimate.unpriced.iter().map(missing).collect(),
        free_resources: estimate.free,
        assumptions: assumptions(estimate, basis),
    }
}

fn groups(estimate: &Estimate) -> Vec<Group> {
    Concern::ALL
        .into_iter()
        .map(|concern| Group { group: concern.name(), total: dollars(estimate.subtotal(concern)) })
        .collect()
}

fn row(line: &Line) -> Row<'_> {
    Row {
        group: line.concern.name(),
        what: &line.what,
        resource: line.resource.to_string(),
        item: line.item.to_string(),
        quantity: number(line.quantity),
        free: number(line.free),
        unit: line.price.unit.to_string(),
        unit_price: dollars(line.price.amount),
        amount: dollars(line.amount),
        at_most: dollars(line.at_most),
        source: line.price.source.name,
        source_date: line.price.source.date,
        source_place: line.price.source.place,
    }
}

fn missing(unpriced: &Unpriced) -> Missing<'_> {
    Missing { what: &unpriced.what, resource: unpriced.resource.to_string(), reason: &unpriced.reason }
}

fn assumptions(estimate: &Estimate, basis: &Basis) -> Vec<Assumed> {
    estimate
        .assumed
        .iter()
        .map(|(assumption, amount)| Assumed {
            name: assumption.name(),
            amount: number(*amount),
            about: assumption.about(),
            set: basis.usage.is_told(*assumption),
        })
        .collect()
}

fn dollars(amount: MicroDollars) -> f64 {
    amount.get() as f64 / 1e6
}

fn number(quantity: Quantity) -> f64 {
    quantity.get() as f64 / 1e3
}
