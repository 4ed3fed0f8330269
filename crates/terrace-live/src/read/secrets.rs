//! Secrets and parameters: their names, keys and policies; never a value.

use serde_json::{Value as Printed, json};

use terrace_aws::Record;
use terrace_aws::inventory::ItemId;

use super::Items;
use super::fields::{Fields, Source as _, objects};
use crate::asking::Account;
use crate::many::all;
use terrace_account::Call;
use terrace_account::service::{SECRETS, SSM, partition};

const MANAGER: (&str, &str) = ("secretsmanager", "1.1");
const STORE: (&str, &str) = ("AmazonSSM", "1.1");
const TOKEN: (&str, &str) = ("NextToken", "NextToken");

pub(super) async fn read(account: &Account, owner: &str) -> Items {
    let (none, fifty) = (json!({}), json!({"MaxResults": 50}));
    let (secrets, parameters) = tokio::join!(
        account.sheets(SECRETS, MANAGER, "ListSecrets", &none, TOKEN),
        account.sheets(SSM, STORE, "DescribeParameters", &fifty, TOKEN),
    );
    let (mut items, mut asked) = (Items::new(), Vec::new());
    for one in secrets.iter().flat_map(|page| objects(page, "SecretList")) {
        let (arn, name) = (one.word_of("ARN").unwrap_or_default(), one.word_of("Name").unwrap_or_default());
        let fields = Fields::new()
            .words(
                one,
                &[
                    ("arn", "ARN"),
                    ("name", "Name"),
                    ("description", "Description"),
                    ("kms_key_id", "KmsKeyId"),
                    ("owning_service", "OwningService"),
                ],
            )
            .truths(one, &[("rotation_enabled", "RotationEnabled")])
            .tags(tags(one));
        items.push(fields.item("aws_secretsmanager_secret", name.clone()));
        asked.push(policy(account, arn, name));
    }
    items.extend(all(asked).await.into_iter().flatten());
    for one in parameters.iter().flat_map(|page| objects(page, "Parameters")) {
        let name = one.word_of("Name").unwrap_or_default();
        let slash = if name.starts_with('/') { "" } else { "/" };
        let (part, region) = (partition(&account.region), &account.region);
        let arn = one
            .word_of("ARN")
            .unwrap_or_else(|| format!("arn:{part}:ssm:{region}:{owner}:parameter{slash}{name}"));
        let fields = Fields::new()
            .words(
                one,
                &[("name", "Name"), ("type", "Type"), ("description", "Description"), ("key_id", "KeyId")],
            )
            .text("arn", Some(arn));
        items.push(fields.item("aws_ssm_parameter", name));
    }
    items
}

async fn policy(account: &Account, arn: String, name: String) -> Option<(ItemId, Record)> {
    let call = Call::json(SECRETS, MANAGER, "GetResourcePolicy", json!({"SecretId": arn}));
    let policy = account.look(&call).await?.word_of("ResourcePolicy")?;
    let fields = Fields::new().text("secret_arn", Some(arn)).policy("policy", Some(&policy));
    Some(fields.item("aws_secretsmanager_secret_policy", name))
}

fn tags(one: &Printed) -> std::collections::BTreeMap<String, String> {
    objects(one, "Tags").filter_map(|tag| Some((tag.word_of("Key")?, tag.word_of("Value")?))).collect()
}
