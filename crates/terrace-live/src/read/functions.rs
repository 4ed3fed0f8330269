//! Lambda functions with their network, role and policy. AWS Lambda API Reference, 2015-03-31.

use std::collections::BTreeMap;

use serde_json::Value as Printed;
use terrace_aws::inventory::UnknownName;
use terrace_aws::{Reference, Value};

use super::Items;
use super::fields::{Fields, Source as _, objects, strings};
use crate::asking::Account;
use terrace_account::service::LAMBDA;
use terrace_account::{Call, encoded};

const BASE: &str = "/2015-03-31/functions";

pub(super) async fn read(account: &Account) -> Items {
    let (mut items, mut next) = (Items::new(), None::<String>);
    for _ in 0..1000 {
        let query = next.as_deref().map(|next| format!("Marker={}", encoded(next))).unwrap_or_default();
        // moto knows the collection with a slash at the end, and so does AWS.
        let path = format!("{BASE}/");
        let Some(page) = account.tell(&Call::path(LAMBDA, "ListFunctions", &path, &query)).await else {
            break;
        };
        for one in objects(&page, "Functions") {
            let name = one.word_of("FunctionName").unwrap_or_default();
            let path = format!("{BASE}/{}/policy", encoded(&name));
            let answer = account.look(&Call::path(LAMBDA, "GetPolicy", &path, "")).await;
            let policy = answer.and_then(|answer| answer.word_of("Policy"));
            items.push(function(one, &name, policy.as_deref()));
        }
        let more = page.word_of("NextMarker");
        if more.is_none() || more == next {
            break;
        }
        next = more;
    }
    items
}

fn function(
    one: &Printed,
    name: &str,
    policy: Option<&str>,
) -> (terrace_aws::inventory::ItemId, terrace_aws::Record) {
    let network =
        one.get("VpcConfig").filter(|network| !strings(network, "SubnetIds").is_empty()).map(|network| {
            Fields::new()
                .texts("subnet_ids", strings(network, "SubnetIds"))
                .texts("security_group_ids", strings(network, "SecurityGroupIds"))
                .words(network, &[("vpc_id", "VpcId")])
        });
    // Which variables there are says enough: the values are as often secrets.
    let variables = one.pointer("/Environment/Variables").and_then(Printed::as_object).map(|all| {
        let hidden = |key: &String| {
            let told = UnknownName::new(format!("{name}: the variable {key}"));
            (key.clone(), Value::Opaque(vec![Reference::unknown(told)]))
        };
        let map: BTreeMap<String, Value> = all.keys().map(hidden).collect();
        Fields::new().set("variables", Value::Map(map))
    });
    Fields::new()
        .words(
            one,
            &[
                ("arn", "FunctionArn"),
                ("function_name", "FunctionName"),
                ("role", "Role"),
                ("runtime", "Runtime"),
                ("kms_key_arn", "KMSKeyArn"),
            ],
        )
        .blocks("vpc_config", network.into_iter().collect())
        .blocks("environment", variables.into_iter().collect())
        .policy("policy", policy)
        .item("aws_lambda_function", name)
}
