//! ElastiCache clusters, replication groups and subnet groups. Amazon ElastiCache API Reference, 2015-02-02.

use super::Items;
use super::fields::Fields;
use crate::asking::Account;
use terrace_account::Xml;
use terrace_account::service::ELASTICACHE;

const VERSION: &str = "2015-02-02";
const TOKEN: (&str, &str) = ("Marker", "Marker");

async fn all(account: &Account, action: &str, list: &str) -> Vec<Xml> {
    let pages = account.pages(ELASTICACHE, VERSION, action, &[], TOKEN).await;
    pages.iter().filter_map(|page| page.find(list)).flat_map(|list| list.children().to_vec()).collect()
}

pub(super) async fn read(account: &Account) -> Items {
    let (clusters, replicated, groups) = tokio::join!(
        all(account, "DescribeCacheClusters", "CacheClusters"),
        all(account, "DescribeReplicationGroups", "ReplicationGroups"),
        all(account, "DescribeCacheSubnetGroups", "CacheSubnetGroups"),
    );
    let mut items: Items = clusters.iter().map(cluster).collect();
    // A replication group's network is told by its members only.
    items.extend(replicated.iter().map(|one| {
        let member = one.words("MemberClusters");
        let of = clusters
            .iter()
            .find(|cluster| cluster.word("CacheClusterId").is_some_and(|id| member.iter().any(|m| m == id)));
        let fields = Fields::new()
            .words(
                one,
                &[("arn", "ARN"), ("replication_group_id", "ReplicationGroupId"), ("kms_key_id", "KmsKeyId")],
            )
            .truths(
                one,
                &[
                    ("at_rest_encryption_enabled", "AtRestEncryptionEnabled"),
                    ("transit_encryption_enabled", "TransitEncryptionEnabled"),
                ],
            )
            .numbers(one, &[("snapshot_retention_limit", "SnapshotRetentionLimit")]);
        let fields = of.map_or_else(Fields::new, network).joined(fields);
        fields.item("aws_elasticache_replication_group", one.word("ReplicationGroupId").unwrap_or_default())
    }));
    items.extend(groups.iter().map(|one| {
        let subnets = one.list("Subnets").filter_map(|subnet| subnet.word("SubnetIdentifier"));
        Fields::new()
            .words(one, &[("arn", "ARN"), ("name", "CacheSubnetGroupName"), ("vpc_id", "VpcId")])
            .texts("subnet_ids", subnets.map(str::to_owned).collect())
            .item("aws_elasticache_subnet_group", one.word("CacheSubnetGroupName").unwrap_or_default())
    }));
    items
}

fn network(one: &Xml) -> Fields {
    let groups = one.list("SecurityGroups").filter_map(|group| group.word("SecurityGroupId"));
    let end = one.get("ConfigurationEndpoint").or_else(|| one.find("Endpoint"));
    Fields::new()
        .words(one, &[("engine", "Engine")])
        .texts("security_group_ids", groups.map(str::to_owned).collect())
        .number("port", end.and_then(|end| end.word("Port")?.parse().ok()))
        .named("subnet_group_name", "aws_elasticache_subnet_group", one.word("CacheSubnetGroupName"), "name")
}

fn cluster(one: &Xml) -> (terrace_aws::inventory::ItemId, terrace_aws::Record) {
    network(one)
        .words(one, &[("arn", "ARN"), ("cluster_id", "CacheClusterId"), ("node_type", "CacheNodeType")])
        .truths(one, &[("transit_encryption_enabled", "TransitEncryptionEnabled")])
        .named(
            "replication_group_id",
            "aws_elasticache_replication_group",
            one.word("ReplicationGroupId"),
            "id",
        )
        .item("aws_elasticache_cluster", one.word("CacheClusterId").unwrap_or_default())
}
