//! Whatever AWS puts into subnets by itself: databases, caches, functions and others, by a table.
//!
//! Sources: the provider's pages of these types; ports are the defaults that AWS's pages of the services give.

use terrace_aws::inventory::{Item, ItemId, Told, View};
use terrace_proof::space::{PortSpan, Traffic, Transport};
use terrace_proof::world::{Fact, SiteId, SubnetId, When};

use super::ask;
use super::lifted::SiteKind;
use super::lifting::Lifting;
use super::placing::{Given, Guarding, Placement};

/// Where the subnets are written.
enum Where {
    /// In an argument.
    Argument(&'static str),
    /// In an argument of a nested block, beside the groups.
    Block(&'static str, &'static str),
    /// In a subnet group that an argument names.
    Via(&'static str, &'static [&'static str]),
}

/// What it listens on.
enum Ports {
    /// One port of TCP.
    Known(u16),
    /// The argument, else this.
    Argument(&'static str, u16),
    /// The argument, else what the engine takes.
    Engine,
    /// Nothing: it only opens connections.
    Nothing,
    /// That is not told.
    Any,
}

struct Row {
    type_name: &'static [&'static str],
    kind: SiteKind,
    at: Where,
    groups: &'static [&'static str],
    public: Option<&'static str>,
    ports: Ports,
    /// What it is without subnets: outside of any network (true), or in the default VPC.
    outside: bool,
}

const fn row(
    type_name: &'static [&'static str],
    kind: SiteKind,
    at: Where,
    groups: &'static [&'static str],
    ports: Ports,
) -> Row {
    Row { type_name, kind, at, groups, public: None, ports, outside: false }
}

const VPC_GROUPS: &[&str] = &["vpc_security_group_ids"];
const GROUP_IDS: &[&str] = &["security_group_ids"];
const DB_GROUPS: &[&str] = &["aws_db_subnet_group"];

#[rustfmt::skip]
const ROWS: &[Row] = &[
    Row { public: Some("publicly_accessible"), ..row(&["aws_db_instance"], SiteKind::Database, Where::Via("db_subnet_group_name", DB_GROUPS), VPC_GROUPS, Ports::Engine) },
    Row { public: Some("publicly_accessible"), ..row(&["aws_rds_cluster"], SiteKind::Database, Where::Via("db_subnet_group_name", DB_GROUPS), VPC_GROUPS, Ports::Engine) },
    row(&["aws_docdb_cluster"], SiteKind::Database, Where::Via("db_subnet_group_name", &["aws_docdb_subnet_group", "aws_db_subnet_group"]), VPC_GROUPS, Ports::Argument("port", 27017)),
    row(&["aws_neptune_cluster"], SiteKind::Database, Where::Via("neptune_subnet_group_name", &["aws_neptune_subnet_group"]), VPC_GROUPS, Ports::Argument("port", 8182)),
    Row { public: Some("publicly_accessible"), ..row(&["aws_redshift_cluster"], SiteKind::Database, Where::Via("cluster_subnet_group_name", &["aws_redshift_subnet_group"]), VPC_GROUPS, Ports::Argument("port", 5439)) },
    Row { public: Some("publicly_accessible"), ..row(&["aws_redshiftserverless_workgroup"], SiteKind::Database, Where::Argument("subnet_ids"), GROUP_IDS, Ports::Argument("port", 5439)) },
    Row { public: Some("publicly_accessible"), ..row(&["aws_dms_replication_instance"], SiteKind::Other, Where::Via("replication_subnet_group_id", &["aws_dms_replication_subnet_group"]), VPC_GROUPS, Ports::Nothing) },
    row(&["aws_elasticache_cluster"], SiteKind::Cache, Where::Via("subnet_group_name", &["aws_elasticache_subnet_group"]), GROUP_IDS, Ports::Engine),
    row(&["aws_elasticache_replication_group"], SiteKind::Cache, Where::Via("subnet_group_name", &["aws_elasticache_subnet_group"]), GROUP_IDS, Ports::Argument("port", 6379)),
    row(&["aws_elasticache_serverless_cache"], SiteKind::Cache, Where::Argument("subnet_ids"), GROUP_IDS, Ports::Engine),
    row(&["aws_memorydb_cluster"], SiteKind::Cache, Where::Via("subnet_group_name", &["aws_memorydb_subnet_group"]), GROUP_IDS, Ports::Argument("port", 6379)),
    row(&["aws_dax_cluster"], SiteKind::Cache, Where::Via("subnet_group_name", &["aws_dax_subnet_group"]), GROUP_IDS, Ports::Known(8111)),
    Row { outside: true, ..row(&["aws_opensearch_domain", "aws_elasticsearch_domain"], SiteKind::Database, Where::Block("vpc_options", "subnet_ids"), GROUP_IDS, Ports::Known(443)) },
    row(&["aws_efs_mount_target"], SiteKind::Database, Where::Argument("subnet_id"), &["security_groups"], Ports::Known(2049)),
    row(&["aws_fsx_lustre_file_system", "aws_fsx_ontap_file_system", "aws_fsx_openzfs_file_system", "aws_fsx_windows_file_system"], SiteKind::Database, Where::Argument("subnet_ids"), GROUP_IDS, Ports::Any),
    Row { public: Some("publicly_accessible"), ..row(&["aws_mq_broker"], SiteKind::Database, Where::Argument("subnet_ids"), &["security_groups"], Ports::Any) },
    row(&["aws_msk_cluster"], SiteKind::Database, Where::Block("broker_node_group_info", "client_subnets"), &["security_groups"], Ports::Any),
    row(&["aws_msk_serverless_cluster"], SiteKind::Database, Where::Block("vpc_config", "subnet_ids"), GROUP_IDS, Ports::Known(9098)),
    Row { outside: true, ..row(&["aws_lambda_function"], SiteKind::Function, Where::Block("vpc_config", "subnet_ids"), GROUP_IDS, Ports::Nothing) },
    Row { outside: true, ..row(&["aws_codebuild_project"], SiteKind::Other, Where::Block("vpc_config", "subnets"), GROUP_IDS, Ports::Nothing) },
    row(&["aws_apprunner_vpc_connector"], SiteKind::Other, Where::Argument("subnets"), &["security_groups"], Ports::Nothing),
    row(&["aws_apigatewayv2_vpc_link"], SiteKind::Other, Where::Argument("subnet_ids"), GROUP_IDS, Ports::Nothing),
    row(&["aws_eks_cluster"], SiteKind::Other, Where::Block("vpc_config", "subnet_ids"), GROUP_IDS, Ports::Known(443)),
    Row { outside: true, ..row(&["aws_sagemaker_notebook_instance"], SiteKind::Other, Where::Argument("subnet_id"), &["security_groups"], Ports::Any) },
    row(&["aws_batch_compute_environment"], SiteKind::Machines, Where::Block("compute_resources", "subnets"), GROUP_IDS, Ports::Any),
    row(&["aws_imagebuilder_infrastructure_configuration"], SiteKind::Other, Where::Argument("subnet_id"), GROUP_IDS, Ports::Nothing),
    row(&["aws_db_proxy"], SiteKind::DatabaseProxy, Where::Argument("vpc_subnet_ids"), VPC_GROUPS, Ports::Any),
    row(&["aws_ec2_instance_connect_endpoint"], SiteKind::Endpoint, Where::Argument("subnet_id"), GROUP_IDS, Ports::Nothing),
];

/// Whether something of this type is placed by the table.
pub(super) fn is_store(type_name: &str) -> bool {
    ROWS.iter().any(|row| row.type_name.contains(&type_name))
}

/// The port that an engine takes where none is given.
pub(super) fn engine_port(engine: &str) -> Option<u16> {
    let starts = |word: &str| engine.starts_with(word);
    Some(match engine {
        _ if engine.contains("postgres") => 5432,
        _ if engine.contains("mysql") || starts("mariadb") || engine == "aurora" => 3306,
        _ if starts("oracle") || starts("custom-oracle") => 1521,
        _ if starts("sqlserver") || starts("custom-sqlserver") => 1433,
        _ if starts("db2") => 50000,
        _ if starts("docdb") => 27017,
        _ if starts("neptune") => 8182,
        "redis" | "valkey" => 6379,
        "memcached" => 11211,
        _ => return None,
    })
}

pub(super) fn tcp(port: u16) -> Traffic {
    Traffic::Ports(Transport::Tcp, PortSpan::new(port, port).unwrap_or(PortSpan::ALL))
}

impl<'a> Lifting<'a> {
    pub(super) fn stores(&mut self) {
        for row in ROWS {
            for item in self.all(row.type_name) {
                self.store(item, row);
            }
        }
        for item in self.all(&[
            "aws_rds_cluster_instance",
            "aws_docdb_cluster_instance",
            "aws_neptune_cluster_instance",
        ]) {
            self.member(item);
        }
        for item in self.all(&["aws_elasticache_cluster"]) {
            self.node(item);
        }
    }

    fn store(&mut self, item: &'a Item, row: &Row) {
        let view = item.view();
        let is_node = !ask::text(view, "replication_group_id").is_nothing();
        if is_node && item.type_name() == "aws_elasticache_cluster" {
            return;
        }
        let blocks = match row.at {
            Where::Block(block, _) => ask::blocks(view, block),
            Where::Argument(_) | Where::Via(..) => vec![view],
        };
        let Some(inner) = blocks.first().copied() else {
            if !row.outside {
                self.unmodelled(item.id(), "a resource without the block that says where it stands");
            }
            return;
        };
        let guarding = self.guarding(inner, row.groups);
        let subnets = match row.at {
            Where::Argument(argument) | Where::Block(_, argument) => {
                self.subnets_named(inner, argument, &guarding)
            }
            Where::Via(argument, types) => {
                let mut all = Vec::new();
                for group in self.named(view, argument, types) {
                    all.extend(self.subnets_of_group(&group, &guarding));
                }
                all
            }
        };
        if subnets.is_empty() && row.outside {
            return;
        }
        let source = self.source_of(item);
        let subnets = match (subnets.is_empty(), source) {
            (false, _) => subnets,
            (true, Some(source)) => self.subnets_of_site(source),
            (true, None) => self.anywhere_default(),
        };
        let listens = self.listens(view, &row.ports).or_else(|| self.listens_of(source?));
        let site = self.add_site(item.id(), row.kind, listens);
        let when = self.presence(item);
        let public = match row.public {
            None => Given::No,
            Some(argument) => self.publicly(item, argument),
        };
        let six = matches!(
            ask::word(view, "network_type").as_deref(),
            Some("DUAL" | "dual_stack" | "IPV6" | "ipv6")
        );
        let six = if six { Given::Yes(When::Always) } else { Given::No };
        self.place(site, &Placement::new(subnets, guarding, when).public(public).six(six));
    }

    /// The database that a replica is one of.
    fn source_of(&mut self, item: &'a Item) -> Option<SiteId> {
        const DATABASES: &[&str] = &["aws_db_instance", "aws_rds_cluster"];
        for argument in ["replicate_source_db", "replication_source_identifier"] {
            if let Some(source) = self.one(item.view(), argument, DATABASES) {
                return self.sites.get(&source.is).copied();
            }
        }
        None
    }

    fn subnets_of_site(&self, site: SiteId) -> Vec<Fact<SubnetId>> {
        let at = usize::try_from(site.0).unwrap_or(usize::MAX);
        let subnets = self.out.sites.get(at).map(|name| name.subnets.clone()).unwrap_or_default();
        subnets.into_iter().map(Fact::sure).collect()
    }

    fn listens_of(&self, site: SiteId) -> Option<Vec<Traffic>> {
        self.out.world.sites.get(usize::try_from(site.0).ok()?)?.listens.clone()
    }

    fn subnets_of_group(&mut self, group: &Fact<ItemId>, guarding: &Guarding) -> Vec<Fact<SubnetId>> {
        match self.item(&group.is).filter(|item| {
            !item.view().references("subnet_ids").is_empty() || !item.view().texts("subnet_ids").is_nothing()
        }) {
            Some(item) => {
                let when = group.when.clone();
                let mut all = self.subnets_named(item.view(), "subnet_ids", guarding);
                all.iter_mut().for_each(|subnet| subnet.when = subnet.when.and(&when));
                all
            }
            None => {
                let hint = self.network_guarded(guarding);
                let name = ItemId::new("aws_subnet", group.is.name());
                vec![Fact { is: self.subnet(&name, hint), when: group.when.clone() }]
            }
        }
    }

    fn publicly(&mut self, item: &Item, argument: &str) -> Given {
        match ask::bool(item.view(), argument) {
            // A cluster's instances say it.
            Told::Nothing if item.type_name() == "aws_rds_cluster" => Given::No,
            // The provider's version 6 changed the default.
            Told::Nothing if item.type_name() == "aws_redshift_cluster" => Given::Yes(When::on(
                self.unknown("the version of the AWS provider (before 6, nothing means public)"),
            )),
            Told::Nothing => {
                self.assume(format!("{}: {argument} is not given, taken as false", item.id()));
                Given::No
            }
            told => self.truth(told, false).into(),
        }
    }

    fn listens(&mut self, view: View<'_>, ports: &Ports) -> Option<Vec<Traffic>> {
        let port = match ports {
            Ports::Known(port) => *port,
            Ports::Nothing => return Some(Vec::new()),
            Ports::Any => return None,
            Ports::Argument(argument, default) => match ask::int(view, argument) {
                Told::Is(port) => u16::try_from(port).ok()?,
                Told::Nothing => *default,
                Told::Unknown(_) => return None,
            },
            Ports::Engine => match ask::int(view, "port") {
                Told::Is(port) => u16::try_from(port).ok()?,
                Told::Nothing => engine_port(&ask::word(view, "engine")?)?,
                Told::Unknown(_) => return None,
            },
        };
        Some(vec![tcp(port)])
    }

    /// A cache's node that is written by itself: the same site as its group.
    fn node(&mut self, item: &'a Item) {
        let groups = self.one(item.view(), "replication_group_id", &["aws_elasticache_replication_group"]);
        if let Some(site) = groups.and_then(|group| self.sites.get(&group.is).copied()) {
            self.also(site, item.id());
        }
    }

    /// A cluster's instance: the same site; it may be public by itself.
    fn member(&mut self, item: &'a Item) {
        const CLUSTERS: &[&str] = &["aws_rds_cluster", "aws_docdb_cluster", "aws_neptune_cluster"];
        let Some(cluster) = self.one(item.view(), "cluster_identifier", CLUSTERS) else { return };
        let Some(site) = self.sites.get(&cluster.is).copied() else { return };
        self.also(site, item.id());
        if let Some(when) = self.truth(ask::bool(item.view(), "publicly_accessible"), false) {
            let when = when.and(&cluster.when).and(&self.presence(item));
            for interface in self.out.world.interfaces.iter_mut().filter(|i| i.site == site) {
                if interface.public != Some(When::Always) {
                    interface.public = Some(when.clone());
                }
            }
        }
    }
}
