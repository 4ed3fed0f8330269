//! Laws of reading: nothing panics, what is printed is read back, what is not written is as the description says.

#![expect(clippy::unwrap_used, reason = "a strategy makes only values that are right")]

use proptest::prelude::*;
use terrace_manifest::{Count, Manifest, Secret, Settings, Written, ZoneChoice, parse, print};
use terrace_topology::{
    Architecture, Assets, BackupDays, CpuTarget, CpuUnits, Egress, Engine, Entrance, EnvironmentName,
    GeneratedLength, Gibibytes, KeptReleases, LogDays, Mebibytes, MonthlyBudget, SettingName, Shape, Tier,
    WebServer, ZoneLetters, Zones,
};

fn written<T: std::fmt::Debug + Clone + 'static>(
    values: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Option<Written<T>>> {
    prop::option::of(values.prop_map(Written::nowhere))
}

fn parsed<T>(texts: &'static [&'static str]) -> impl Strategy<Value = Option<Written<T>>>
where
    T: std::str::FromStr<Err: std::fmt::Debug> + Clone + std::fmt::Debug + 'static,
{
    written(prop::sample::select(texts).prop_map(|text| text.parse().unwrap()))
}

const PATHS: &[&str] = &[".", "a", "../x", "päge/日本", "a b", "it's", "q\"uote"];
const COMMANDS: &[&str] =
    &["./x", "a && b | c", "a \"b\" 'c' \\d", "first\nsecond\t# third", "\u{1b}[0m", "日本"];
const SETTINGS: &[&str] = &["A", "_x9", "LOG_LEVEL", "lower"];

fn count() -> impl Strategy<Value = Count> {
    (written(1..5u16), written(5..1000u16), written((1..=100u8).prop_map(|n| CpuTarget::new(n).unwrap())))
        .prop_map(|(min, max, cpu)| Count { min, max, cpu })
}

fn zones() -> impl Strategy<Value = Option<Written<ZoneChoice>>> {
    written(prop::sample::select(vec![
        ZoneChoice::Count(Zones::Two),
        ZoneChoice::Count(Zones::Three),
        ZoneChoice::Letters(ZoneLetters::new(&['b', 'a']).unwrap()),
    ]))
}

fn list<T>(
    items: impl Strategy<Value = Option<Written<T>>> + 'static,
) -> impl Strategy<Value = Option<Written<Vec<Written<T>>>>>
where
    T: std::fmt::Debug + Clone + 'static,
{
    written(prop::collection::vec(items.prop_filter_map("written", |item| item), 1..4))
}

prop_compose! {
    /// What only a cloud has to know, over other settings.
    fn deployed()(
        production in written(any::<bool>()),
        architecture in written(prop::sample::select(vec![Architecture::X86_64, Architecture::Arm64])),
        zone in parsed(&["example.com", "items.example.com"]),
        web in (parsed(&["t3.small"]), count(), parsed(COMMANDS),
            written(prop::sample::select(vec![Assets::Machines, Assets::Cdn]))),
        app in (parsed(&["m7g.large"]), written(prop::sample::select(&CpuUnits::ALL[..]).prop_map(|n| CpuUnits::new(n).unwrap())),
            written((512..=122_880u32).prop_map(|n| Mebibytes::new(n).unwrap())), parsed(COMMANDS), list(parsed(PATHS)),
            parsed(&["python3.12", "nodejs22", "java21", "native"]), written(any::<bool>())),
        data in (parsed(&["db.t4g.medium"]), written((20..=65_536u32).prop_map(|n| Gibibytes::new(n).unwrap())),
            written((0..=35u8).prop_map(|n| BackupDays::new(n).unwrap())), written(any::<bool>()), parsed(COMMANDS)),
        ports in written(prop::collection::btree_set(1..=u16::MAX, 1..4)),
        cidr in parsed(&["10.0.0.0/16", "192.168.0.0/20", "8.8.0.0/16"]),
        subnets in prop::collection::btree_map(
            prop::sample::select(&Tier::ALL[..]), list(parsed(&["10.0.0.0/24", "10.0.200.0/28", "192.168.0.0/16"])), 0..3),
        upkeep in (parsed(&["ops+x@example.com"]), written((1..=10_000_000u32).prop_map(|n| MonthlyBudget::new(n).unwrap())),
            written(prop::sample::select(&LogDays::ALL[..]).prop_map(|n| LogDays::new(n).unwrap())),
            written((1..=100u8).prop_map(|n| KeptReleases::new(n).unwrap())), parsed(&["123456789012", "000000000001"])),
    ) -> Settings {
        let mut settings = Settings { production, architecture, zone, ..Settings::default() };
        (settings.web.machine, settings.web.count, settings.web.setup, settings.web.assets) = web;
        let own = &mut settings.app;
        (own.machine, own.cpu, own.memory, own.setup, own.files, own.runtime, own.exec) = app;
        let own = &mut settings.data;
        (own.class, own.storage, own.backups, own.protect, own.migrate) = data;
        settings.egress.ports = ports.map(|ports| {
            let port = |n: &u16| Written::nowhere(terrace_net::Port::new(*n).unwrap());
            Written::nowhere(ports.value().iter().map(port).collect())
        });
        settings.network.cidr = cidr;
        settings.network.subnets = subnets.into_iter().filter_map(|(tier, blocks)| Some((tier, blocks?))).collect();
        (settings.alerts, settings.budget, settings.log_days, settings.kept_releases, settings.account) = upkeep;
        settings
    }
}

fn name() -> impl Strategy<Value = SettingName> {
    prop::sample::select(SETTINGS).prop_map(|name| name.parse().unwrap())
}

fn secret() -> impl Strategy<Value = Secret> {
    prop_oneof![
        (16..=256u16).prop_map(|n| Secret::Generate(Written::nowhere(GeneratedLength::new(n).unwrap()))),
        Just(Secret::Existing(Written::nowhere("items/mail".parse().unwrap()))),
    ]
}

prop_compose! {
    fn settings()(
        name in parsed(&["a", "items", "my-shop2"]),
        shape in written(prop::sample::select(vec![Shape::Machines, Shape::Containers])),
        region in parsed(&["us-east-1", "eu-central-2"]),
        zones in zones(),
        deployed in deployed().boxed(),
        edge in written(prop::sample::select(vec![Entrance::LoadBalancer, Entrance::Cdn])),
        domain in parsed(&["items.example.com"]),
        web in (parsed(PATHS), parsed(COMMANDS), parsed(PATHS), written(any::<bool>()),
            written(prop::sample::select(vec![WebServer::Terrace, WebServer::Nginx]))),
        app in (parsed(PATHS), parsed(COMMANDS), parsed(COMMANDS), parsed(PATHS),
            written((1..=u16::MAX).prop_map(|n| terrace_net::Port::new(n).unwrap())),
            prop::option::of(prop::collection::vec(parsed(&["/api/*", "/", "/a.b~c/d_e-f"]), 1..4)),
            parsed(&["/health", "/h?x=1&y='z'"]), count(), written((1..1000u32).prop_map(|n| n.try_into().unwrap()))),
        variables in prop::collection::btree_map(name(), parsed(&["", "x\ny", "\"\\'", "\u{7}\u{7f}é"]), 0..3),
        secrets in prop::collection::btree_map(name(), secret(), 0..3),
        data in (written(prop::sample::select(vec![Engine::Postgres, Engine::Mysql])), parsed(&["16", "8.0.39"]),
            written(any::<bool>())),
        egress in written(prop::sample::select(vec![Egress::None, Egress::Translated])),
    ) -> Settings {
        let mut settings = Settings { name, shape, region, zones, edge, domain, ..deployed };
        (settings.web.root, settings.web.build, settings.web.dist, settings.web.spa, settings.web.server) = web;
        let paths;
        let own = &mut settings.app;
        (own.root, own.build, own.run, own.image, own.port, paths, own.health, own.count, own.concurrency) = app;
        own.paths = paths.map(|paths| paths.into_iter().flatten().collect::<Vec<_>>())
            .filter(|paths| !paths.is_empty()).map(Written::nowhere);
        own.variables = variables.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        own.secrets = secrets;
        (settings.data.engine, settings.data.version, settings.data.standby) = data;
        settings.egress.app = egress;
        settings
    }
}

fn manifests() -> impl Strategy<Value = Manifest> {
    let names = prop::sample::select(vec!["prod", "dev", "a-1"]);
    let environments = prop::collection::btree_map(
        names.prop_map(|n| n.parse::<EnvironmentName>().unwrap()),
        settings().boxed(),
        0..3,
    );
    (settings().boxed(), environments.boxed())
        .prop_map(|(settings, environments)| Manifest { settings, environments })
}

/// Texts that are nearly manifests.
fn nearly() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "name = \"a\"",
        "shape = \"ec2\"",
        "[web]",
        "[app]",
        "[[app]]",
        "[data]",
        "run = \"x\"",
        "engine = \"mysql\"",
        "paths = [\"/a/*\", 7, [[]]]",
        "count = { min = 3, max = 1 }",
        "count = 1e9",
        "count = {",
        "}",
        "]",
        "[",
        "\"",
        "'''",
        "\"\"\"",
        "[environments.prod]",
        "app.count.min = 3",
        "environments.dev = { zones = 3 }",
        "environments = 1",
        "\n",
        "\r\n",
        " ",
        "=",
        ".",
        "#",
        "\u{feff}",
        "\u{0}",
        "é",
        "name: x",
        "a = b",
        "a.b.c = 1979-05-27T07:32:00Z",
        "\"\" = inf",
        "version = nan",
        "secrets = { A = { generate = 32, secret = 1 } }",
        "variables = { PORT = \"1\", A = \"b\" }",
        "image = {}",
        "\\u00zz",
        "port = 0xFFFFFFFFFFFFFFFFFFFFFFF",
        "port = -0",
        "zones = 0b11",
        "zones = [\"a\", \"a\", 1]",
        "zones = [[]]",
        "network.cidr = \"10.0.0.0/99\"",
        "network = { cidr = \"8.8.8.0/16\", subnets = { web = [\"10.0.0.0/16\", 1] } }",
        "network.subnets.app = [\"10.0.0.0/24\", \"10.0.0.0/25\"]",
        "app.cpu = 257",
        "memory = 30000",
        "ports = [0, 443, 443, 70000]",
        "alerts = {}",
        "account = 12",
        "releases.keep = 0",
        "data.migrate = \"\"",
        "[env.prod]",
        "a = 2026-13-45",
    ]);
    prop::collection::vec((pieces, prop::sample::select(vec!["\n", "", " ", "\n\n"])), 0..24)
        .prop_map(|pieces| pieces.into_iter().flat_map(|(piece, end)| [piece, end]).collect())
}

fn reads(text: &str) {
    for environment in [None, Some("prod"), Some("\u{0}")] {
        let parsed = parse(text, environment);
        assert!(parsed.topology.is_some() || parsed.diagnostics.has_errors(), "{text:?} means nothing");
        for finding in parsed.diagnostics.iter() {
            let labels = finding.primary().into_iter().chain(finding.secondary());
            for span in labels.map(|label| label.span()) {
                assert!(text.get(span.start()..span.end()).is_some(), "{span:?} is no place in {text:?}");
            }
            assert!(!finding.message().contains('\n'), "{finding:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1500) })]

    #[test]
    fn any_text_is_read_without_a_panic(text in any::<String>()) {
        reads(&text);
    }

    #[test]
    fn any_broken_manifest_is_read_without_a_panic(text in nearly()) {
        reads(&text);
    }

    #[test]
    fn what_is_printed_is_read_back(manifest in manifests()) {
        let text = print(&manifest);
        let parsed = parse(&text, None);
        prop_assert_eq!(&parsed.manifest, &manifest, "{}\n{:?}", text, parsed.diagnostics);
        // And nothing of it is unknown, mistyped or impossible.
        let contradictions = ["contradiction", "missing-key", "network", "shadowed-page", "serves-project"];
        for found in parsed.diagnostics.iter().filter(|d| d.severity() == terrace_diag::Severity::Error) {
            prop_assert!(contradictions.iter().any(|code| found.code().as_str().ends_with(code)), "{}\n{:?}", text, found);
        }
    }
}

/// Writes every default of the description next to a minimal manifest.
#[test]
fn the_described_defaults_are_the_real_ones() {
    let minimal =
        "name = \"x\"\nshape = \"ec2\"\nweb.root = \"f\"\napp.run = \"r\"\ndata.engine = \"postgres\"\n";
    let plain = parse(minimal, None).topology.unwrap();
    let containers = parse(&minimal.replace("ec2", "fargate"), None).topology.unwrap();
    let translated = parse(&format!("{minimal}egress.app = \"nat\"\n"), None).topology.unwrap();
    let schema: serde_json::Value = serde_json::from_str(&terrace_manifest::json_schema()).unwrap();
    let mut defaults = Vec::new();
    collect(&schema["properties"], "", &mut defaults);
    assert!(defaults.len() >= 10, "{defaults:?}");
    for (key, value) in defaults {
        if minimal.contains(&key) || key.ends_with(".count.cpu") {
            continue;
        }
        // Where a key would have no effect, and warn, it is tried where it has one.
        let (minimal, plain) = match key.as_str() {
            "app.cpu" | "app.memory" => (minimal.replace("ec2", "fargate"), &containers),
            "egress.ports" => (format!("{minimal}egress.app = \"nat\"\n"), &translated),
            _ => (minimal.to_owned(), &plain),
        };
        let written = format!("{minimal}{key} = {value}\n");
        let parsed = parse(&written, None);
        assert!(parsed.diagnostics.is_empty(), "{written}{:?}", parsed.diagnostics);
        assert_eq!(&parsed.topology.unwrap(), plain, "{key} = {value} is no default");
    }
    let scaling = |cpu: &str| {
        parse(&format!("{minimal}app.count = {{ min = 2, max = 6{cpu} }}\n"), None).topology.unwrap()
    };
    assert_eq!(scaling(""), scaling(", cpu = 60"));
}

fn collect(properties: &serde_json::Value, path: &str, defaults: &mut Vec<(String, String)>) {
    for (name, property) in properties.as_object().unwrap() {
        let key = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        if let Some(default) = property.get("default") {
            defaults.push((key.clone(), default.to_string()));
        }
        let inner = property.get("properties").or_else(|| property.pointer("/anyOf/1/properties"));
        if let Some(inner) = inner {
            collect(inner, &key, defaults);
        }
    }
}
