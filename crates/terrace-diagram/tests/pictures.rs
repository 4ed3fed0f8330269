//! Every flow has its arrow, in both kinds of picture, for every shape.
#![expect(clippy::panic, reason = "a test that cannot go on fails")]

use terrace_aws::lower;
use terrace_diagram::{mermaid, svg};
use terrace_topology::Topology;

fn topology(settings: &str) -> Topology {
    let (top, tables) = settings.split_once("---").unwrap_or((settings, ""));
    let text = format!(
        "name = \"items\"\n{top}\n[web]\nroot = \"f\"\n[app]\nrun = \"./api\"\nimage = \"Dockerfile\"\n[data]\nengine = \"postgres\"\n{tables}"
    );
    let parsed = terrace_manifest::parse(&text, None);
    parsed.topology.unwrap_or_else(|| panic!("{:#?}", parsed.diagnostics))
}

const SYSTEMS: [&str; 5] = [
    "shape = \"ec2\"",
    "shape = \"ec2\"\nzones = 3\nproduction = true\n---[egress]\napp = \"nat\"",
    "shape = \"ec2\"\nedge = \"cloudfront\"",
    "shape = \"fargate\"",
    "shape = \"fargate\"\nzones = 3\n---[egress]\napp = \"nat\"\nports = [443, 587]",
];

#[test]
fn every_flow_is_an_arrow_and_every_arrow_a_flow() {
    for settings in SYSTEMS {
        let topology = topology(settings);
        let graph = lower(&topology).unwrap().graph;
        let (picture, chart) = (svg(&topology, &graph), mermaid(&topology, &graph));
        for flow in topology.flows() {
            let (from, to, port) = (flow.from(), flow.to(), flow.port());
            let told = format!("{from} to {to} on {port}:");
            assert!(picture.contains(&told), "{settings}: the picture lacks `{told}`");
            let arrow = format!("t_{from} -->|\"{port} ");
            assert!(chart.contains(&arrow), "{settings}: the chart lacks `{arrow}`");
        }
        let arrows = chart.lines().filter(|line| line.contains("-->")).count();
        assert_eq!(arrows, topology.flows().len(), "{settings}");
        let drawn = picture.matches("class=\"flow\"").count();
        let titled = picture.split("class=\"flow\"").skip(1).filter(|rest| {
            let title = rest.split_once("<title>").and_then(|(_, t)| t.split_once("</title>"));
            topology.flows().iter().any(|f| {
                title
                    .is_some_and(|(t, _)| t.contains(&format!("{} to {} on {}:", f.from(), f.to(), f.port())))
            })
        });
        assert_eq!(titled.count(), drawn, "{settings}: an arrow that stands for no flow");
    }
}

#[test]
fn a_picture_is_well_formed_and_stays_within_its_frame() {
    for settings in SYSTEMS {
        let topology = topology(settings);
        let graph = lower(&topology).unwrap().graph;
        let picture = svg(&topology, &graph);
        assert_eq!(picture, svg(&topology, &graph));
        let frame = picture.split_once("viewBox=\"0 0 ").unwrap().1;
        let mut frame = frame.split(['"', ' ']);
        let width: i32 = frame.next().unwrap().parse().unwrap();
        let height: i32 = frame.next().unwrap().parse().unwrap();
        for shape in picture.split("<rect class=").skip(1) {
            let number = |name: &str| -> i32 {
                let rest = shape.split_once(&format!(" {name}=\"")).unwrap().1;
                rest.split_once('"').unwrap().0.parse().unwrap()
            };
            assert!(number("x") >= 0 && number("x") + number("width") <= width, "{settings}: {shape}");
            assert!(number("y") >= 0 && number("y") + number("height") <= height, "{settings}: {shape}");
        }
    }
}

#[test]
fn a_chart_reads_well() {
    let topology = topology("shape = \"fargate\"");
    insta::assert_snapshot!(mermaid(&topology, &lower(&topology).unwrap().graph), @r#"
    flowchart TD
      t_internet(("Internet"))
      t_entrance["CloudFront"]
      t_web["S3 bucket: the page"]
      t_platform[["Services of AWS"]]
      subgraph vpc["VPC 10.0.0.0/16 in two zones: us-east-1a, us-east-1b"]
        t_app["app"]
        t_data[("Aurora PostgreSQL 16")]
      end
      t_internet -->|"80 HTTP"| t_entrance
      t_internet -->|"443 HTTP"| t_entrance
      t_entrance -->|"443 HTTP"| t_web
      t_entrance -->|"8000 /api/*"| t_app
      t_app -->|"5432 PostgreSQL"| t_data
      t_app -->|"443 AWS"| t_platform
      %% public subnets: 10.0.0.0/24, 10.0.1.0/24
      %% web subnets: 10.0.16.0/20, 10.0.32.0/20
      %% app subnets: 10.0.64.0/20, 10.0.80.0/20
      %% data subnets: 10.0.8.0/24, 10.0.9.0/24
    "#);
}
