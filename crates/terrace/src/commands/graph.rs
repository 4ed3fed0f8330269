//! `terrace graph`: the system as a picture.

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::project::Where;
use crate::{design, write};

/// Draw the system: its tiers, zones and subnets, and who reaches whom on which port
///
/// The picture is an SVG for a design review, or a Mermaid chart for a README or a wiki. Every arrow is a connection
/// that the security groups let through, and there are no others.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    place: Where,
    /// The environment to draw
    #[arg(long, value_name = "NAME")]
    env: Option<String>,
    /// Which kind of picture [default: by the ending of --output, else svg]
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// Write it into this file, not to standard output
    #[arg(short, long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    output: Option<PathBuf>,
}

/// Kinds of pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A picture that browsers and documents show
    Svg,
    /// Text that GitHub, GitLab and many wikis draw
    Mermaid,
}

pub(crate) fn run(args: Args, printer: Printer) -> Result<Exit, Failure> {
    let project = args.place.find()?;
    let designed = design::of(&project, args.env.as_deref(), printer)?;
    let (topology, graph) = (&designed.topology, &designed.design.graph);
    let picture = match args.format.unwrap_or_else(|| by_ending(args.output.as_deref())) {
        Format::Svg => terrace_diagram::svg(topology, graph),
        Format::Mermaid => terrace_diagram::mermaid(topology, graph),
    };
    match args.output {
        None => printer.data(picture)?,
        Some(file) => {
            let shown = file.display().to_string();
            write::whole(&file, &shown, &picture)?;
            printer.say(format!("wrote {shown}"));
        }
    }
    Ok(Exit::Success)
}

fn by_ending(file: Option<&Path>) -> Format {
    let ending = file.and_then(Path::extension).and_then(|ending| ending.to_str()).unwrap_or_default();
    if matches!(ending, "mmd" | "mermaid" | "md") { Format::Mermaid } else { Format::Svg }
}
