//! `terrace cost`: what the system costs a month on AWS, line by line, and what other choices would cost.

mod egress;
mod json;
mod lines;
mod sources;
mod versus;

use terrace_cost::prices::PriceBook;
use terrace_cost::{Assumption, Estimate, NoPrices, Quantity, Usage, estimate};
use terrace_topology::{Region, Shape, Topology};

use crate::design::{self, Designed};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::project::Where;

/// Estimate what the system costs a month on AWS: every line with its quantity, price and source
///
/// Prices are those that came with this program, in US dollars without tax; nothing is asked of AWS. What depends on
/// use is computed from assumptions, which are shown and can be set. What has no price is listed, never left out.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    place: Where,
    /// The environment to estimate
    #[arg(long, value_name = "NAME")]
    env: Option<String>,
    /// Put another estimate beside it: an environment's, or that of the other shape (`shape`, `ec2`, `fargate`)
    #[arg(long, value_name = "NAME")]
    compare: Option<String>,
    /// Take the prices of another region
    #[arg(long, value_name = "REGION")]
    as_if: Option<Region>,
    /// Requests of visitors a month, such as 2.5M
    #[arg(long, value_name = "COUNT", value_parser = |text: &str| Assumption::Requests.read(text))]
    requests: Option<Quantity>,
    /// What is sent to visitors a month, such as 50GB
    #[arg(long, value_name = "SIZE", value_parser = |text: &str| Assumption::Traffic.read(text))]
    traffic: Option<Quantity>,
    /// Assume something else, by the name that the estimate shows: `--assume logs=5GB`; can be repeated
    #[arg(long, value_name = "NAME=AMOUNT", value_parser = assumed)]
    assume: Vec<(Assumption, Quantity)>,
    /// A line for every resource, with its address
    #[arg(long)]
    detail: bool,
    /// Print it as JSON, a line for every resource
    #[arg(long, conflicts_with = "detail")]
    json: bool,
}

/// By what is estimated.
#[derive(Debug)]
struct Basis {
    book: PriceBook,
    usage: Usage,
    as_if: Option<Region>,
}

/// A system and what it costs.
#[derive(Debug)]
struct Costed {
    /// What people call it beside others: an environment or a shape.
    title: String,
    topology: Topology,
    estimate: Estimate,
}

pub(crate) fn run(args: Args, printer: Printer) -> Result<Exit, Failure> {
    let project = args.place.find()?;
    let basis = Basis { book: PriceBook::bundled(), usage: usage(&args), as_if: args.as_if };
    let designed = design::without_warnings(&project, args.env.as_deref(), printer)?;
    let egress = egress::compare(&designed, &basis)?;
    let versus = match &args.compare {
        None => None,
        Some(name) => Some(versus::Versus::find(&project, args.env.as_deref(), name, printer)?),
    };
    let own = match &versus {
        Some(versus) => versus.own(&designed.topology),
        None => designed.topology.name.to_string(),
    };
    let own = basis.cost(own, designed)?;
    let other = match versus {
        None => None,
        Some(versus) => Some(basis.cost(versus.title, versus.designed)?),
    };
    if args.json {
        printer.json(&json::value(&own, other.as_ref(), &egress, &basis))?;
    } else {
        let today = today();
        printer.data(match &other {
            None => lines::render(&own, &egress, &basis, args.detail, &today),
            Some(other) => versus::render(&own, other, &basis),
        })?;
    }
    Ok(Exit::Success)
}

impl Basis {
    fn estimate(&self, designed: &Designed) -> Result<Estimate, Failure> {
        estimate(&designed.design.graph, &self.book, &self.usage, self.as_if.as_ref())
            .map_err(|missing| no_prices(&missing, self.as_if.is_some()))
    }

    fn cost(&self, title: String, designed: Designed) -> Result<Costed, Failure> {
        let estimate = self.estimate(&designed)?;
        Ok(Costed { title, topology: designed.topology, estimate })
    }
}

fn no_prices(missing: &NoPrices, as_if: bool) -> Failure {
    let failure = if as_if { Failure::input(missing.to_string()) } else { Failure::of(missing) };
    let failure = failure.help(format!("there are some for {}", missing.priced.join(", ")));
    match missing.priced.first() {
        Some(first) if !as_if => failure.help(format!("`--as-if {first}` takes the prices of that region")),
        _ => failure,
    }
}

fn usage(args: &Args) -> Usage {
    let mut usage = Usage::default();
    let own = [(Assumption::Requests, args.requests), (Assumption::Traffic, args.traffic)];
    let own = own.into_iter().filter_map(|(assumption, amount)| amount.map(|amount| (assumption, amount)));
    for (assumption, amount) in args.assume.iter().copied().chain(own) {
        usage.set(assumption, amount);
    }
    usage
}

fn assumed(text: &str) -> Result<(Assumption, Quantity), String> {
    let (name, amount) = text.split_once('=').ok_or("it reads NAME=AMOUNT, such as logs=5GB")?;
    let assumption = name.trim().parse::<Assumption>().map_err(|error| {
        let names = || Assumption::ALL.iter().map(|known| known.name());
        let near =
            names().max_by(|a, b| strsim::jaro_winkler(name, a).total_cmp(&strsim::jaro_winkler(name, b)));
        match near.filter(|near| strsim::jaro_winkler(name, near) > 0.8) {
            Some(near) => format!("{error}; did you mean `{near}`?"),
            None => format!("{error}; there are {}", names().collect::<Vec<_>>().join(", ")),
        }
    })?;
    let amount = assumption.read(amount.trim()).map_err(|error| error.to_string())?;
    Ok((assumption, amount))
}

/// `YYYY-MM-DD`, of UTC.
fn today() -> String {
    humantime::format_rfc3339_seconds(std::time::SystemTime::now()).to_string().chars().take(10).collect()
}

/// As the manifest spells it.
const fn shape(shape: Shape) -> &'static str {
    match shape {
        Shape::Machines => "ec2",
        Shape::Containers => "fargate",
    }
}
