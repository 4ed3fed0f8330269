//! The database of shape `fargate`: a cluster of Aurora, one server that writes and one in another zone that reads
//! and takes over.

use super::{
    BACKUP_WINDOW, Choices, Data, Ground, INSIGHTS_DAYS, MAINTENANCE_WINDOW, MONITORING_INTERVAL, Server,
    after, attribute, last_snapshot, managed_secret, parameters, server_place,
};
use crate::catalog::database::CA_CERTIFICATE;
use crate::catalog::limits;
use crate::lower::guards::Guards;
use crate::lower::secrets::Secrets;
use crate::lower::{Draft, facts};
use crate::resource::{ClusterInstance, ClusterParameterGroup, DatabaseCluster};
use crate::{Concern, Ref, Text};

pub(super) fn lower(
    draft: &mut Draft<'_>,
    choices: Choices,
    ground: &Ground,
    guards: &Guards,
    secrets: &Secrets,
) -> Data {
    let standby = draft.topology.database.standby;
    let group = group(draft, &choices);
    let cluster = cluster(draft, &choices, ground, &group, guards, secrets);
    let count = if standby { 2 } else { 1 };
    let servers = (0..count).map(|at| server(draft, &choices, ground, &cluster, secrets, at)).collect();
    Data {
        host: attribute(&cluster, "endpoint"),
        port: choices.engine.port(),
        reader: standby.then(|| attribute(&cluster, "reader_endpoint")),
        name: choices.name.clone(),
        secret: managed_secret(&cluster),
        servers,
        choices,
    }
}

fn group(draft: &mut Draft<'_>, choices: &Choices) -> Ref<ClusterParameterGroup> {
    let part = format!("data-{}", choices.version.family.replace('.', "-"));
    let (name, tags) = (draft.naming.of(&part, limits::DATABASE_GROUP), draft.name_tag(&part));
    draft
        .place(Concern::Data, &["main"])
        .why("Connections without TLS are refused. Slow statements are logged, never all of them: some hold secrets.")
        .before_destroy()
        .put(ClusterParameterGroup {
            name: Text::from(name),
            family: Text::from(choices.version.family.as_str()),
            description: Text::from("TLS only, and what is logged"),
            parameter: parameters(choices),
            tags,
        })
}

fn cluster(
    draft: &mut Draft<'_>,
    choices: &Choices,
    ground: &Ground,
    group: &Ref<ClusterParameterGroup>,
    guards: &Guards,
    secrets: &Secrets,
) -> Ref<DatabaseCluster> {
    let topology = draft.topology;
    let (asked, production) = (&topology.database, topology.production);
    let service = choices.service;
    let tags = draft.name_tag("data");
    let last = last_snapshot(draft, secrets);
    let place = server_place(draft, choices);
    after(place, &ground.before).put(DatabaseCluster {
        cluster_identifier: Text::from(choices.identifier.as_str()),
        engine: Text::from(service.engine_name(choices.engine)),
        engine_version: Text::from(choices.version.engine_version.as_str()),
        // Only ever happens when the manifest asks for another version.
        allow_major_version_upgrade: true,
        storage_encrypted: true,
        kms_key_id: Some(secrets.key_arn()),
        database_name: Text::from(choices.name.as_str()),
        port: choices.engine.port(),
        master_username: Text::from(choices.user.as_str()),
        manage_master_user_password: true,
        master_user_secret_kms_key_id: Some(secrets.key_arn()),
        db_subnet_group_name: ground.subnets.attribute(),
        vpc_security_group_ids: vec![guards.data.clone()],
        db_cluster_parameter_group_name: group.attribute(),
        backup_retention_period: u32::from(asked.backup_days.get()),
        preferred_backup_window: Text::from(BACKUP_WINDOW),
        preferred_maintenance_window: Text::from(MAINTENANCE_WINDOW),
        copy_tags_to_snapshot: true,
        delete_automated_backups: !production,
        deletion_protection: asked.protected,
        skip_final_snapshot: !production,
        final_snapshot_identifier: production.then_some(last),
        enabled_cloudwatch_logs_exports: service
            .log_exports(choices.engine)
            .iter()
            .map(|one| Text::from(*one))
            .collect(),
        apply_immediately: !production,
        tags,
    })
}

/// One server; the first begins as the writer.
fn server(
    draft: &mut Draft<'_>,
    choices: &Choices,
    ground: &Ground,
    cluster: &Ref<DatabaseCluster>,
    secrets: &Secrets,
    at: u8,
) -> (String, Server) {
    let production = draft.topology.production;
    let letter = facts::letter(draft.topology, usize::from(at));
    let part = format!("data-{letter}");
    let (name, tags) = (draft.naming.of(&part, limits::DATABASE_IDENTIFIER), draft.name_tag(&part));
    let insights = choices.insights;
    let zone = format!("{}{letter}", draft.topology.region);
    let mut place = draft.place(Concern::Data, &[&letter]);
    if at == 0 {
        place = place
            .why("The version is the cluster's, a whole one: an upgrade that AWS made by itself would be");
        place = place.why("undone by the next run, so newer ones come with the manifest or with Terrace.");
    } else {
        place = place.why("Reads, in another zone, and takes over when the writer fails.");
    }
    let made = place.put(ClusterInstance {
        identifier: Text::from(name),
        cluster_identifier: cluster.attribute(),
        engine: cluster.attribute(),
        instance_class: Text::from(choices.class.as_str()),
        availability_zone: Text::from(zone),
        promotion_tier: u32::from(at),
        auto_minor_version_upgrade: !choices.pinned,
        db_subnet_group_name: ground.subnets.attribute(),
        publicly_accessible: false,
        ca_cert_identifier: Some(Text::from(CA_CERTIFICATE)),
        preferred_maintenance_window: Text::from(MAINTENANCE_WINDOW),
        copy_tags_to_snapshot: true,
        monitoring_interval: MONITORING_INTERVAL,
        monitoring_role_arn: Some(ground.monitoring.attribute()),
        performance_insights_enabled: insights,
        performance_insights_kms_key_id: insights.then(|| secrets.key_arn()),
        performance_insights_retention_period: insights.then_some(INSIGHTS_DAYS),
        apply_immediately: !production,
        tags,
    });
    (letter, Server::OfCluster(made))
}
