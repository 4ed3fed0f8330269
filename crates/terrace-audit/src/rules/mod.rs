//! The rules, one file each.

mod access;
mod answer;
mod data_backups;
mod data_deletion;
mod data_tls;
mod data_zones;
mod default_group;
mod function_url_open;
mod key_rotation;
mod linked;
mod logs_missing;
mod metadata_v1;
mod old_tls;
mod one_zone;
mod permissions;
mod plaintext_edge;
mod public_address;
mod public_database;
mod reach;
mod secrets;
mod shared_images;
mod unencrypted_storage;
mod volumes;

pub(crate) use reach::services;

use crate::Rule;

/// Every rule, in the order in which a report names them.
pub const ALL: &[&Rule] = &[
    &reach::exposed::RULE,
    &reach::tier_skipped::RULE,
    &reach::cdn_bypassed::RULE,
    &reach::data_way_out::RULE,
    &reach::admin_ports::RULE,
    &access::secret_readers::RULE,
    &reach::path_broken::RULE,
    &secrets::in_plain::RULE,
    &secrets::in_state::RULE,
    &permissions::bucket_open::RULE,
    &permissions::bucket_around_cdn::RULE,
    &permissions::policies_open::RULE,
    &permissions::trust_open::RULE,
    &permissions::confused_deputy::RULE,
    &permissions::roles_too_wide::RULE,
    &permissions::role_passing::RULE,
    &permissions::role_escalation::RULE,
    &public_database::RULE,
    &public_address::RULE,
    &function_url_open::RULE,
    &shared_images::RULE,
    &plaintext_edge::RULE,
    &old_tls::RULE,
    &data_tls::RULE,
    &unencrypted_storage::RULE,
    &metadata_v1::RULE,
    &key_rotation::RULE,
    &default_group::RULE,
    &data_backups::RULE,
    &data_deletion::RULE,
    &data_zones::RULE,
    &one_zone::RULE,
    &logs_missing::RULE,
    &reach::dead_rules::RULE,
];

/// The rule of a name.
pub fn find(name: &str) -> Option<&'static Rule> {
    ALL.iter().copied().find(|rule| rule.name.as_str() == name)
}
