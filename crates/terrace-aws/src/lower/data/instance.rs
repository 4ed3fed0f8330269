//! The database of shape `ec2`: an instance of RDS, with its standby in another zone.

use super::{
    BACKUP_WINDOW, Choices, Data, Ground, INSIGHTS_DAYS, MAINTENANCE_WINDOW, MONITORING_INTERVAL, Server,
    after, attribute, last_snapshot, managed_secret, parameters, server_place,
};
use crate::catalog::database::CA_CERTIFICATE;
use crate::catalog::limits;
use crate::lower::Draft;
use crate::lower::guards::Guards;
use crate::lower::secrets::Secrets;
use crate::resource::{DatabaseInstance, DatabaseParameterGroup, DatabaseStorage};
use crate::{Concern, Ref, Text};

pub(super) fn lower(
    draft: &mut Draft<'_>,
    choices: Choices,
    ground: &Ground,
    guards: &Guards,
    secrets: &Secrets,
) -> Data {
    let group = group(draft, &choices);
    let instance = instance(draft, &choices, ground, &group, guards, secrets);
    Data {
        host: attribute(&instance, "address"),
        port: choices.engine.port(),
        reader: None,
        name: choices.name.clone(),
        secret: managed_secret(&instance),
        servers: vec![(String::new(), Server::Instance(instance))],
        choices,
    }
}

fn group(draft: &mut Draft<'_>, choices: &Choices) -> Ref<DatabaseParameterGroup> {
    let part = format!("data-{}", choices.version.family.replace('.', "-"));
    let (name, tags) = (draft.naming.of(&part, limits::DATABASE_GROUP), draft.name_tag(&part));
    draft
        .place(Concern::Data, &["main"])
        .why("Connections without TLS are refused. Slow statements are logged, never all of them: some hold secrets.")
        .before_destroy()
        .put(DatabaseParameterGroup {
            name: Text::from(name),
            family: Text::from(choices.version.family.as_str()),
            description: Text::from("TLS only, and what is logged"),
            parameter: parameters(choices),
            tags,
        })
}

fn instance(
    draft: &mut Draft<'_>,
    choices: &Choices,
    ground: &Ground,
    group: &Ref<DatabaseParameterGroup>,
    guards: &Guards,
    secrets: &Secrets,
) -> Ref<DatabaseInstance> {
    let topology = draft.topology;
    let (asked, production) = (&topology.database, topology.production);
    let service = choices.service;
    let tags = draft.name_tag("data");
    let last = last_snapshot(draft, secrets);
    let insights = choices.insights;
    let mut place = server_place(draft, choices);
    if !insights {
        place = place.why("Performance Insights needs a larger class.");
    }
    after(place, &ground.before).put(DatabaseInstance {
        identifier: Text::from(choices.identifier.as_str()),
        engine: Text::from(service.engine_name(choices.engine)),
        engine_version: Text::from(choices.version.engine_version.as_str()),
        // Only ever happens when the manifest asks for another version.
        allow_major_version_upgrade: true,
        auto_minor_version_upgrade: !choices.pinned,
        instance_class: Text::from(choices.class.as_str()),
        multi_az: asked.standby,
        storage_type: DatabaseStorage::Gp3,
        allocated_storage: choices.storage.0,
        max_allocated_storage: choices.storage.1,
        storage_encrypted: true,
        kms_key_id: Some(secrets.key_arn()),
        db_name: Text::from(choices.name.as_str()),
        port: choices.engine.port(),
        username: Text::from(choices.user.as_str()),
        manage_master_user_password: true,
        master_user_secret_kms_key_id: Some(secrets.key_arn()),
        db_subnet_group_name: ground.subnets.attribute(),
        vpc_security_group_ids: vec![guards.data.clone()],
        publicly_accessible: false,
        ca_cert_identifier: Some(Text::from(CA_CERTIFICATE)),
        parameter_group_name: group.attribute(),
        backup_retention_period: u32::from(asked.backup_days.get()),
        backup_window: Text::from(BACKUP_WINDOW),
        maintenance_window: Text::from(MAINTENANCE_WINDOW),
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
        monitoring_interval: MONITORING_INTERVAL,
        monitoring_role_arn: Some(ground.monitoring.attribute()),
        performance_insights_enabled: insights,
        performance_insights_kms_key_id: insights.then(|| secrets.key_arn()),
        performance_insights_retention_period: insights.then_some(INSIGHTS_DAYS),
        apply_immediately: !production,
        tags,
    })
}
