//! Databases: instances of RDS, clusters of Aurora, and what both are set up with.

use terrace_net::Port;

use crate::define::{block, resource, words};
use crate::{Arn, Blocks, ClusterIdentifier, EngineName, Name, Ref, Text};

use super::{KmsKey, Role, SecurityGroup, Subnet, Tags};

words! {
    /// What a database writes to.
    DatabaseStorage {
        Gp3 = "gp3",
        Gp2 = "gp2",
        Io1 = "io1",
        Io2 = "io2",
        AuroraIoOptimized = "aurora-iopt1",
    }
}

block! {
    /// One setting of a database server.
    DatabaseParameter {
        name: Text,
        value: Text,
    }
}

resource! {
    /// Where a database's servers stand.
    DatabaseSubnetGroup(Managed "aws_db_subnet_group") {
        name: Text,
        description: Text,
        subnet_ids: Vec<Ref<Subnet>>,
        tags: Tags,
    }

    /// Settings of an instance.
    DatabaseParameterGroup(Managed "aws_db_parameter_group") {
        name: Text,
        family: Text,
        description: Text,
        parameter: Blocks<DatabaseParameter>,
        tags: Tags,
    }

    /// Settings of a cluster.
    ClusterParameterGroup(Managed "aws_rds_cluster_parameter_group") {
        name: Text,
        family: Text,
        description: Text,
        parameter: Blocks<DatabaseParameter>,
        tags: Tags,
    }

    /// A database server of RDS, with a standby in another zone if it has one.
    DatabaseInstance(Managed "aws_db_instance") {
        identifier: Text,
        engine: Text,
        engine_version: Text,
        allow_major_version_upgrade: bool,
        auto_minor_version_upgrade: bool,
        instance_class: Text,
        multi_az: bool,
        storage_type: DatabaseStorage,
        allocated_storage: u32,
        max_allocated_storage: Option<u32>,
        storage_encrypted: bool,
        kms_key_id: Option<Ref<KmsKey, Arn>>,
        db_name: Text,
        port: Port,
        username: Text,
        manage_master_user_password: bool,
        master_user_secret_kms_key_id: Option<Ref<KmsKey, Arn>>,
        db_subnet_group_name: Ref<DatabaseSubnetGroup, Name>,
        vpc_security_group_ids: Vec<Ref<SecurityGroup>>,
        publicly_accessible: bool,
        ca_cert_identifier: Option<Text>,
        parameter_group_name: Ref<DatabaseParameterGroup, Name>,
        backup_retention_period: u32,
        backup_window: Text,
        maintenance_window: Text,
        copy_tags_to_snapshot: bool,
        delete_automated_backups: bool,
        deletion_protection: bool,
        skip_final_snapshot: bool,
        final_snapshot_identifier: Option<Text>,
        enabled_cloudwatch_logs_exports: Vec<Text>,
        monitoring_interval: u32,
        monitoring_role_arn: Option<Ref<Role, Arn>>,
        performance_insights_enabled: bool,
        performance_insights_kms_key_id: Option<Ref<KmsKey, Arn>>,
        performance_insights_retention_period: Option<u32>,
        apply_immediately: bool,
        tags: Tags,
    }

    /// A cluster of Aurora: the storage, and what all its servers share.
    DatabaseCluster(Managed "aws_rds_cluster") {
        cluster_identifier: Text,
        engine: Text,
        engine_version: Text,
        allow_major_version_upgrade: bool,
        storage_encrypted: bool,
        kms_key_id: Option<Ref<KmsKey, Arn>>,
        database_name: Text,
        port: Port,
        master_username: Text,
        manage_master_user_password: bool,
        master_user_secret_kms_key_id: Option<Ref<KmsKey, Arn>>,
        db_subnet_group_name: Ref<DatabaseSubnetGroup, Name>,
        vpc_security_group_ids: Vec<Ref<SecurityGroup>>,
        db_cluster_parameter_group_name: Ref<ClusterParameterGroup, Name>,
        backup_retention_period: u32,
        preferred_backup_window: Text,
        preferred_maintenance_window: Text,
        copy_tags_to_snapshot: bool,
        delete_automated_backups: bool,
        deletion_protection: bool,
        skip_final_snapshot: bool,
        final_snapshot_identifier: Option<Text>,
        enabled_cloudwatch_logs_exports: Vec<Text>,
        apply_immediately: bool,
        tags: Tags,
    }

    /// A server of a cluster; one of them writes.
    ClusterInstance(Managed "aws_rds_cluster_instance") {
        identifier: Text,
        cluster_identifier: Ref<DatabaseCluster, ClusterIdentifier>,
        engine: Ref<DatabaseCluster, EngineName>,
        instance_class: Text,
        availability_zone: Text,
        promotion_tier: u32,
        auto_minor_version_upgrade: bool,
        db_subnet_group_name: Ref<DatabaseSubnetGroup, Name>,
        publicly_accessible: bool,
        ca_cert_identifier: Option<Text>,
        preferred_maintenance_window: Text,
        copy_tags_to_snapshot: bool,
        monitoring_interval: u32,
        monitoring_role_arn: Option<Ref<Role, Arn>>,
        performance_insights_enabled: bool,
        performance_insights_kms_key_id: Option<Ref<KmsKey, Arn>>,
        performance_insights_retention_period: Option<u32>,
        apply_immediately: bool,
        tags: Tags,
    }
}
