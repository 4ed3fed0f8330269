//! Two estimates side by side: environments, or shapes.

use terrace_aws::Concern;
use terrace_cost::prices::MicroDollars;
use terrace_topology::{Shape, Topology};

use super::{Basis, Costed, egress, lines, shape};
use crate::design::{self, Designed};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::project::Project;
use crate::style::{STRONG, paint};
use crate::table::Table;

/// What the system is compared with.
#[derive(Debug)]
pub(super) struct Versus {
    /// What people call it.
    pub(super) title: String,
    pub(super) designed: Designed,
    /// Whether the shapes are compared, else the environments.
    shapes: bool,
}

impl Versus {
    /// What a name stands for: an environment, or a shape.
    pub(super) fn find(
        project: &Project,
        environment: Option<&str>,
        name: &str,
        printer: Printer,
    ) -> Result<Self, Failure> {
        let parsed = terrace_manifest::parse(&project.text, environment);
        if parsed.environments().any(|known| known.as_str() == name) {
            let designed = design::without_warnings(project, Some(name), printer)?;
            return Ok(Self { title: name.to_owned(), designed, shapes: false });
        }
        let own = parsed.topology.as_ref().map(|topology| topology.shape);
        let wanted = match (name, own) {
            ("ec2", _) | ("shape", Some(Shape::Containers)) => Shape::Machines,
            ("fargate", _) | ("shape", _) => Shape::Containers,
            _ => {
                let known: Vec<String> = parsed.environments().map(|known| format!("`{known}`")).collect();
                let failure = Failure::input(format!("nothing to compare with is called `{name}`"))
                    .help("`shape` is the other shape, `ec2` and `fargate` are shapes");
                return Err(match known.as_slice() {
                    [] => failure.help("the manifest has no environments"),
                    known => failure.help(format!("environments are {}", known.join(", "))),
                });
            }
        };
        if own == Some(wanted) {
            return Err(Failure::input(format!("the manifest's own shape is `{name}`"))
                .help("`--compare shape` is the other one"));
        }
        let designed = in_shape(project, environment, wanted, &parsed)?;
        Ok(Self { title: shape(wanted).to_owned(), designed, shapes: true })
    }

    /// What the manifest's own system is called beside it.
    pub(super) fn own(&self, topology: &Topology) -> String {
        let environment = topology.environment.as_ref().map(ToString::to_string);
        let no_environment = || "no environment".to_owned();
        if self.shapes {
            shape(topology.shape).to_owned()
        } else {
            environment.unwrap_or_else(no_environment)
        }
    }
}

/// The same manifest with another word for the shape; or all that stands against it.
fn in_shape(
    project: &Project,
    environment: Option<&str>,
    wanted: Shape,
    parsed: &terrace_manifest::Parsed,
) -> Result<Designed, Failure> {
    let word = shape(wanted);
    let place = parsed.places.of("shape");
    let parts = place.and_then(|at| Some((project.text.get(..at.start())?, project.text.get(at.end()..)?)));
    let text = parts.map(|(before, after)| format!("{before}\"{word}\"{after}"));
    let (designed, diagnostics) = design::read(text.as_deref().unwrap_or(&project.text), environment);
    match designed {
        Some(designed) if !diagnostics.has_errors() => Ok(designed),
        _ => {
            let mut failure =
                Failure::input(format!("{} cannot have shape `{word}` as it is", project.shown));
            for error in
                diagnostics.sorted().iter().filter(|one| one.severity() == terrace_diag::Severity::Error)
            {
                failure = failure.cause(error.message());
                failure = error.helps().iter().fold(failure, |failure, help| failure.help(help));
            }
            Err(failure.exit(Exit::BadInput))
        }
    }
}

/// Both by concern.
pub(super) fn render(own: &Costed, other: &Costed, basis: &Basis) -> String {
    let (a, b) = (&own.estimate, &other.estimate);
    let titles = [own.title.to_uppercase(), other.title.to_uppercase()];
    let mut table = Table::new(["", &titles[0], &titles[1], "DIFFERENCE"]).numbers_after(1);
    for concern in Concern::ALL {
        let row = (a.subtotal(concern), b.subtotal(concern));
        table.row(cells(concern.name().to_owned(), row));
    }
    table.row(cells("total".to_owned(), (a.total(), b.total())).map(|cell| paint(STRONG, cell)));
    table.row(cells("at full size".to_owned(), (a.at_most(), b.at_most())));
    let mut text = lines::heading(own, basis, &format!("{} beside {}", own.title, other.title));
    if own.estimate.region != other.estimate.region {
        let (a, b) = (&own.estimate.region, &other.estimate.region);
        text.push_str(&format!("{} in {a}, {} in {b}\n", own.title, other.title));
    }
    text.push_str(&format!(
        "{} would cost {} a month than {}.\n\n",
        other.title,
        egress::difference(a.total(), b.total()),
        own.title
    ));
    text.push_str(&table.render());
    for costed in [own, other] {
        text.push_str(&lines::unpriced(&costed.estimate, &format!(" in {}", costed.title)));
    }
    text.push_str(&lines::assumptions(&[a, b], basis));
    text
}

fn cells(title: String, (a, b): (MicroDollars, MicroDollars)) -> [String; 4] {
    let by = MicroDollars::new(a.get().abs_diff(b.get()));
    let sign = if b < a { "-" } else { "+" };
    let difference = if a == b { "-".to_owned() } else { format!("{sign}{}", lines::money(by)) };
    [title, lines::money(a), lines::money(b), difference]
}
