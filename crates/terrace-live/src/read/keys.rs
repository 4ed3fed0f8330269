//! KMS keys with their policies, grants and aliases. AWS KMS API Reference.

use serde_json::{Value as Printed, json};

use super::Items;
use super::fields::{Fields, Source as _, objects, strings};
use crate::asking::Account;
use crate::many::all;
use terrace_account::Call;
use terrace_account::service::KMS;

const TARGET: (&str, &str) = ("TrentService", "1.1");
const TOKEN: (&str, &str) = ("NextMarker", "Marker");

pub(super) async fn read(account: &Account) -> Items {
    let none = json!({});
    let (keys, aliases) = tokio::join!(
        account.sheets(KMS, TARGET, "ListKeys", &none, TOKEN),
        account.sheets(KMS, TARGET, "ListAliases", &none, TOKEN),
    );
    let (mut items, mut asked) = (Items::new(), Vec::new());
    for one in keys.iter().flat_map(|page| objects(page, "Keys")) {
        let Some(id) = one.word_of("KeyId") else { continue };
        asked.push(key(account, id));
    }
    items.extend(all(asked).await.into_iter().flatten());
    for one in aliases.iter().flat_map(|page| objects(page, "Aliases")) {
        let name = one.word_of("AliasName").unwrap_or_default();
        let fields = Fields::new().words(one, &[("arn", "AliasArn"), ("name", "AliasName")]).named(
            "target_key_id",
            "aws_kms_key",
            one.word_of("TargetKeyId").as_deref(),
            "key_id",
        );
        items.push(fields.item("aws_kms_alias", name));
    }
    items
}

async fn key(account: &Account, id: String) -> Items {
    let id = id.as_str();
    let mut items = Items::new();
    let ask = |action: &'static str, fields: Printed| Call::json(KMS, TARGET, action, fields);
    let named = json!({"KeyId": id});
    let (about, policy, rotation) = (
        ask("DescribeKey", named.clone()),
        ask("GetKeyPolicy", json!({"KeyId": id, "PolicyName": "default"})),
        ask("GetKeyRotationStatus", named.clone()),
    );
    let (about, policy, grants) = tokio::join!(
        account.tell(&about),
        account.look(&policy),
        account.sheets(KMS, TARGET, "ListGrants", &named, TOKEN),
    );
    let about = about.and_then(|about| about.get("KeyMetadata").cloned()).unwrap_or_default();
    if about.word_of("KeyState").is_some_and(|state| state == "PendingDeletion") {
        return items;
    }
    // Only keys that the account owns may be asked.
    let turning = match about.word_of("KeyManager").as_deref() {
        Some("AWS") => None,
        _ => account.look(&rotation).await,
    };
    let policy = policy.and_then(|policy| policy.word_of("Policy"));
    let turning = turning.and_then(|turning| turning.get("KeyRotationEnabled")?.as_bool());
    let fields = Fields::new()
        .text("key_id", Some(id))
        .text("id", Some(id))
        .words(
            &about,
            &[
                ("arn", "Arn"),
                ("description", "Description"),
                ("key_usage", "KeyUsage"),
                ("key_manager", "KeyManager"),
            ],
        )
        .policy("policy", policy.as_deref())
        .truth("enable_key_rotation", turning);
    items.push(fields.item("aws_kms_key", id));
    for one in grants.iter().flat_map(|page| objects(page, "Grants")) {
        let grant = one.word_of("GrantId").unwrap_or_default();
        let context = |name: &str| {
            let all = one.get("Constraints").and_then(|all| all.get(name)).and_then(Printed::as_object);
            let pairs = all.into_iter().flatten();
            let pairs = pairs.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())));
            let map = pairs.map(|(key, value)| (key, terrace_aws::Value::Text(value.into())));
            map.collect::<std::collections::BTreeMap<_, _>>()
        };
        let (equals, subset) = (context("EncryptionContextEquals"), context("EncryptionContextSubset"));
        let mut constraints = Fields::new();
        for (name, map) in [("encryption_context_equals", equals), ("encryption_context_subset", subset)] {
            if !map.is_empty() {
                constraints = constraints.set(name, terrace_aws::Value::Map(map));
            }
        }
        let fields = Fields::new()
            .named("key_id", "aws_kms_key", Some(id), "key_id")
            .words(
                one,
                &[
                    ("grant_id", "GrantId"),
                    ("grantee_principal", "GranteePrincipal"),
                    ("retiring_principal", "RetiringPrincipal"),
                ],
            )
            .texts("operations", strings(one, "Operations"));
        let fields = if constraints.is_empty() { fields } else { fields.block("constraints", constraints) };
        items.push(fields.item("aws_kms_grant", grant));
    }
    items
}
