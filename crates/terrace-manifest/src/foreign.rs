//! Words of other tools, and what Terrace calls the same thing.
//!
//! Those of AWS Copilot's manifests come first, since its users are ours now
//! (<https://aws.github.io/copilot-cli/docs/manifest/overview/>), then those of Compose files and of common sense.

/// What is said about a foreign word.
#[derive(Clone, Debug)]
pub(crate) struct Hint {
    pub(crate) label: String,
    pub(crate) help: String,
}

/// A foreign word: the tables it is looked for in (`*` for any), what to say.
struct Foreign {
    tables: &'static [&'static str],
    words: &'static [&'static str],
    label: &'static str,
    help: &'static str,
}

const TOP: &[&str] = &[""];
const APP: &[&str] = &["app"];
const TOP_AND_APP: &[&str] = &["", "app"];
const COUNT: &[&str] = &["app.count"];
const ANY: &[&str] = &["*"];

const FOREIGN: &[Foreign] = &[
    // AWS Copilot.
    Foreign {
        tables: TOP,
        words: &["type"],
        label: "Terrace has shapes",
        help: "write `shape = \"fargate\"` for what Copilot called a Load Balanced Web Service, or `shape = \"ec2\"`",
    },
    Foreign {
        tables: TOP_AND_APP,
        words: &["http", "alb", "nlb"],
        label: "Terrace has no such table",
        help: "`http.path` is `paths = [\"/api/*\"]` and `http.healthcheck` is `health = \"/health\"`, both in `[app]`; `http.alias` is `domain` at the top",
    },
    Foreign {
        tables: TOP_AND_APP,
        words: &["healthcheck", "health_check", "healthcheck_path", "health_check_path", "health_path"],
        label: "Terrace calls it `health`",
        help: "write `health = \"/health\"` in `[app]`",
    },
    Foreign {
        tables: ANY,
        words: &["alias", "hostname", "dns", "fqdn"],
        label: "Terrace calls it `domain`",
        help: "write `domain = \"items.example.com\"` at the top of the file",
    },
    Foreign {
        tables: ANY,
        words: &["hosted_zone", "hosted_zone_id", "zone_id", "zone_name", "route53"],
        label: "Terrace calls it `zone`",
        help: "write `zone = \"example.com\"` at the top of the file, the hosted zone's name",
    },
    Foreign {
        tables: &["", "app", "web"],
        words: &["platform", "arch", "cpu_architecture", "runtime_platform"],
        label: "Terrace calls it `architecture`",
        help: "write `architecture = \"x86_64\"` or `architecture = \"arm64\"` at the top of the file",
    },
    Foreign {
        tables: TOP_AND_APP,
        words: &["gpu", "storage", "ephemeral"],
        label: "Terrace has no such setting",
        help: "the app's machines and containers keep nothing; what has to last belongs in the database",
    },
    Foreign {
        tables: TOP_AND_APP,
        words: &["ssh", "bastion"],
        label: "never needed",
        help: "`exec` in `[app]` says whether people may open a shell beside the app; no port is open for it",
    },
    Foreign {
        tables: TOP,
        words: &["vpc", "subnets", "security_groups", "placement", "cidr_block", "vpc_cidr", "address_space"],
        label: "Terrace lays the network",
        help: "its addresses are `cidr` in `[network]`, its way out is `[egress]`; who may talk to whom follows from the tiers",
    },
    Foreign {
        tables: APP,
        words: &["network", "vpc", "subnets", "security_groups", "placement"],
        label: "Terrace lays the network",
        help: "its addresses are `cidr` in `[network]`, its way out is `[egress]`; who may talk to whom follows from the tiers",
    },
    Foreign {
        tables: &["network"],
        words: &["cidr_block", "vpc_cidr", "block", "range", "address_space"],
        label: "Terrace calls it `cidr`",
        help: "write `cidr = \"10.0.0.0/16\"` in `[network]`",
    },
    Foreign {
        tables: &["network"],
        words: &["vpc", "vpc_id", "placement", "connect", "security_groups"],
        label: "Terrace lays the network",
        help: "its addresses are `cidr`; the app's way out is `app = \"nat\"` or `app = \"none\"` in `[egress]`",
    },
    Foreign {
        tables: &["", "app", "logs"],
        words: &["retention", "retention_days", "retention_in_days", "log_retention", "logging"],
        label: "Terrace calls it `days`",
        help: "write `days = 30` in `[logs]`",
    },
    Foreign {
        tables: TOP_AND_APP,
        words: &["sidecars", "taskdef_overrides", "cluster_overrides", "observability", "deployment"],
        label: "Terrace has no such setting",
        help: "logs, alarms and the deployment circuit breaker are always set up",
    },
    Foreign {
        tables: &["", "app", "web"],
        words: &["instance_type", "instance", "machine_type", "size", "vm_size", "ec2"],
        label: "Terrace calls it `machine`",
        help: "write `machine = \"t3.small\"` in `[web]` or `[app]` for shape `ec2`; in `fargate`, `[app]` has `cpu` and `memory`",
    },
    Foreign {
        tables: &["app", "web"],
        words: &["user_data", "userdata", "provision", "packages", "init"],
        label: "Terrace calls it `setup`",
        help: "write `setup = \"dnf install -y …\"`, further steps when the machines' image is made",
    },
    Foreign {
        tables: &["alerts"],
        words: &["mail", "to", "address", "sns", "topic"],
        label: "Terrace calls it `email`",
        help: "write `email = \"ops@example.com\"`",
    },
    Foreign {
        tables: &["budget"],
        words: &["amount", "limit", "limit_amount", "usd", "dollars", "month"],
        label: "Terrace calls it `monthly`",
        help: "write `monthly = 200`, whole US dollars a month",
    },
    Foreign {
        tables: TOP_AND_APP,
        words: &["env_file", "dotenv"],
        label: "Terrace reads no such file",
        help: "write plain settings in `[app.variables]` and name secret ones in `[app.secrets]`",
    },
    Foreign {
        tables: APP,
        words: &["location", "dockerfile", "docker", "context"],
        label: "Terrace calls it `image`",
        help: "write `image = \"Dockerfile\"` in `[app]`",
    },
    Foreign {
        tables: TOP,
        words: &["count"],
        label: "this key belongs in `[app]`",
        help: "write `app.count`; `web.count` is that of the web tier's machines",
    },
    Foreign {
        tables: COUNT,
        words: &["range"],
        label: "Terrace has `min` and `max`",
        help: "Copilot's `range: 2-6` is `count = { min = 2, max = 6 }`",
    },
    Foreign {
        tables: COUNT,
        words: &["cpu_percentage", "cpu_percent", "target_cpu"],
        label: "Terrace calls it `cpu`",
        help: "write `count = { min = 2, max = 6, cpu = 60 }`",
    },
    Foreign {
        tables: COUNT,
        words: &[
            "memory_percentage",
            "requests",
            "response_time",
            "queue_delay",
            "cooldown",
            "spot",
            "spread",
        ],
        label: "Terrace scales on CPU use",
        help: "write `count = { min = 2, max = 6, cpu = 60 }`",
    },
    Foreign {
        tables: &["", "app", "data", "releases"],
        words: &[
            "migration",
            "migrations",
            "migrate_command",
            "migration_command",
            "release_command",
            "pre_deploy",
            "predeploy",
            "pre_deploy_command",
        ],
        label: "Terrace calls it `migrate`",
        help: "write `migrate = \"…\"` in `[data]`, the command that runs once for each release before it serves",
    },
    Foreign {
        tables: ANY,
        words: &["account_id", "aws_account", "aws_account_id", "accounts"],
        label: "Terrace calls it `account`",
        help: "write `account = \"123456789012\"` at the top of the file or in an environment",
    },
    Foreign {
        tables: TOP,
        words: &["deploy", "deployments", "release", "rollback"],
        label: "Terrace calls it `releases`",
        help: "`[releases]` takes `keep`, how many releases are kept; `migrate` in `[data]` runs before each",
    },
    Foreign {
        tables: &["releases"],
        words: &["count", "max", "history", "retain", "keep_releases", "limit", "versions"],
        label: "Terrace calls it `keep`",
        help: "write `keep = 10`, the one in force among them",
    },
    // Compose files and common sense.
    Foreign {
        tables: TOP_AND_APP,
        words: &["environment", "env", "envs", "vars", "variable", "config", "settings"],
        label: "Terrace calls it `variables`",
        help: "write plain settings in `[app.variables]` and name secret ones in `[app.secrets]`",
    },
    Foreign {
        tables: TOP,
        words: &["services", "service", "backend", "api", "application", "server"],
        label: "Terrace calls it `app`",
        help: "describe the service behind the page in `[app]`",
    },
    Foreign {
        tables: TOP,
        words: &["frontend", "client", "ui", "page", "site", "static", "presentation"],
        label: "Terrace calls it `web`",
        help: "describe the page in `[web]`",
    },
    Foreign {
        tables: TOP_AND_APP,
        words: &["database", "db", "rds", "aurora", "postgres", "mysql", "postgresql"],
        label: "Terrace calls it `data`",
        help: "describe the database in `[data]`, with `engine = \"postgres\"` or `engine = \"mysql\"`",
    },
    Foreign {
        tables: APP,
        words: &["command", "cmd", "start", "entrypoint", "exec_start", "script"],
        label: "Terrace calls it `run`",
        help: "write `run = \"…\"`, the command that starts the app",
    },
    Foreign {
        tables: APP,
        words: &["replicas", "instances", "scale", "scaling", "desired_count", "capacity", "autoscaling"],
        label: "Terrace calls it `count`",
        help: "write `count = 2` or `count = { min = 2, max = 6, cpu = 60 }`",
    },
    Foreign {
        tables: COUNT,
        words: &["desired", "minimum", "least", "minimum_capacity", "min_size"],
        label: "Terrace calls it `min`",
        help: "write `count = { min = 2, max = 6 }`",
    },
    Foreign {
        tables: COUNT,
        words: &["maximum", "most", "maximum_capacity", "max_size"],
        label: "Terrace calls it `max`",
        help: "write `count = { min = 2, max = 6 }`",
    },
    Foreign {
        tables: APP,
        words: &["ports", "expose", "listen", "target_port", "container_port"],
        label: "Terrace calls it `port`",
        help: "write `port = 8000`, one number",
    },
    Foreign {
        tables: APP,
        words: &["path", "routes", "route", "prefix", "rule_path", "additional_rules"],
        label: "Terrace calls it `paths`",
        help: "write `paths = [\"/api/*\"]`; the app's folder is `root`",
    },
    Foreign {
        tables: &["app", "web"],
        words: &["dir", "directory", "folder", "workdir", "working_dir", "cwd", "source", "src"],
        label: "Terrace calls it `root`",
        help: "write `root = \"…\"`, the folder from this file",
    },
    Foreign {
        tables: &["web"],
        words: &["path"],
        label: "Terrace has `root` and `dist`",
        help: "`root` is the page's folder, `dist` the folder of the built files in it",
    },
    Foreign {
        tables: &["web"],
        words: &["out", "output", "outdir", "out_dir", "output_dir", "publish", "public", "static"],
        label: "Terrace calls it `dist`",
        help: "write `dist = \"dist\"`, the folder of the built files, from `root`",
    },
    Foreign {
        tables: &["web"],
        words: &["fallback", "single_page", "rewrite", "rewrites", "history"],
        label: "Terrace calls it `spa`",
        help: "unknown paths serve `index.html` unless `spa = false`",
    },
    Foreign {
        tables: &["web"],
        words: &["run", "start", "command", "port"],
        label: "the page is built, then served as files",
        help: "`build` says how it is built and `dist` where the files are; what has to run belongs in `[app]`",
    },
    Foreign {
        tables: TOP,
        words: &["az", "azs", "availability_zones"],
        label: "Terrace calls it `zones`",
        help: "write `zones = 2`, `zones = 3` or, to choose them, `zones = [\"a\", \"b\"]`",
    },
    Foreign {
        tables: &["data"],
        words: &["type", "kind", "database", "db"],
        label: "Terrace calls it `engine`",
        help: "write `engine = \"postgres\"` or `engine = \"mysql\"`",
    },
    Foreign {
        tables: &["data"],
        words: &["multi_az", "multiaz", "ha", "replica", "replicas", "high_availability"],
        label: "Terrace calls it `standby`",
        help: "write `standby = true` for a second database in another zone",
    },
    Foreign {
        tables: &["data"],
        words: &["password", "user", "username", "name", "host", "port", "url", "master_password"],
        label: "Terrace sets it",
        help: "the app finds it in `DATABASE_URL` and `DB_HOST`, `DB_PORT`, `DB_NAME`, `DB_USER`, `DB_PASSWORD`",
    },
    Foreign {
        tables: &["data"],
        words: &["instance", "instance_class", "instance_type", "size", "machine"],
        label: "Terrace calls it `class`",
        help: "write `class = \"db.t4g.medium\"`",
    },
    Foreign {
        tables: &["data"],
        words: &["cpu", "memory", "ram"],
        label: "a part of `class`",
        help: "write `class = \"db.t4g.medium\"`, which has both",
    },
    Foreign {
        tables: &["web"],
        words: &["cpu", "memory", "ram"],
        label: "a part of `machine`",
        help: "write `machine = \"t3.small\"`, which has both; a CPU target is a part of `count`",
    },
    Foreign {
        tables: &["data"],
        words: &["allocated_storage", "disk", "disk_size", "volume_size"],
        label: "Terrace calls it `storage`",
        help: "write `storage = 100`, in GiB, for shape `ec2`; in `fargate` it grows by itself",
    },
    Foreign {
        tables: &["data"],
        words: &["retention", "backup_retention", "backup_retention_period", "backup", "snapshots"],
        label: "Terrace calls it `backups`",
        help: "write `backups = 7`, in days",
    },
    Foreign {
        tables: &["data"],
        words: &["deletion_protection", "protected", "prevent_destroy"],
        label: "Terrace calls it `protect`",
        help: "write `protect = true`",
    },
    Foreign {
        tables: &["egress"],
        words: &["data", "database", "db"],
        label: "the data tier never has a way out",
        help: "take this line out",
    },
];

/// What to say of a word in a table, if it is a known foreign one.
pub(crate) fn hint(table: &str, word: &str) -> Option<Hint> {
    let plain = word.to_ascii_lowercase().replace('-', "_");
    if table.is_empty() && (plain == "cpu" || plain == "memory") {
        return Some(Hint {
            label: "the size of a container belongs in `[app]`".to_owned(),
            help: "write `cpu = 256` and `memory = 512` in `[app]`; a CPU target is a part of `count`"
                .to_owned(),
        });
    }
    FOREIGN
        .iter()
        .find(|f| f.words.contains(&plain.as_str()) && f.tables.iter().any(|t| *t == "*" || *t == table))
        .map(|f| Hint { label: f.label.to_owned(), help: f.help.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::describe::{Fields, Kind};
    use crate::keys;

    fn fields_of(path: &str) -> &'static Fields {
        let mut fields: &'static Fields = &keys::MANIFEST;
        for part in path.split('.').filter(|part| !part.is_empty()) {
            let (Kind::Table(below) | Kind::WholeOrTable(_, below)) = &fields.find(part).unwrap().kind else {
                panic!("{path} is no table");
            };
            fields = below;
        }
        fields
    }

    #[test]
    fn no_foreign_word_is_one_of_ours_where_it_is_looked_for() {
        for foreign in FOREIGN {
            for table in foreign.tables.iter().filter(|table| **table != "*") {
                for word in foreign.words {
                    assert!(fields_of(table).find(word).is_none(), "`{word}` is a key of `[{table}]`");
                }
            }
        }
    }
}
