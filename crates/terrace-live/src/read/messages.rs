//! Queues and topics with their policies. Amazon SQS and SNS API References.

use serde_json::json;

use super::Items;
use super::fields::{Fields, Source as _, strings};
use super::machines::last;
use crate::asking::Account;
use terrace_account::service::{SNS, SQS};
use terrace_account::{Call, Xml};

const QUEUES: (&str, &str) = ("AmazonSQS", "1.0");
const TOPICS: &str = "2010-03-31";

pub(super) async fn read(account: &Account) -> Items {
    let full = json!({"MaxResults": 1000});
    let (queues, topics) = tokio::join!(
        account.sheets(SQS, QUEUES, "ListQueues", &full, ("NextToken", "NextToken")),
        account.pages(SNS, TOPICS, "ListTopics", &[], ("NextToken", "NextToken")),
    );
    let mut items = Items::new();
    for address in queues.iter().flat_map(|page| strings(page, "QueueUrls")) {
        let fields = json!({"QueueUrl": address, "AttributeNames": ["All"]});
        let answer = account.tell(&Call::json(SQS, QUEUES, "GetQueueAttributes", fields)).await;
        let answer = answer.unwrap_or_default();
        let own = answer.get("Attributes").cloned().unwrap_or_default();
        let name = last(&address).unwrap_or_default();
        let fields = Fields::new()
            .text("name", Some(name))
            .text("url", Some(address.as_str()))
            .words(&own, &[("arn", "QueueArn"), ("kms_master_key_id", "KmsMasterKeyId")])
            .truths(&own, &[("sqs_managed_sse_enabled", "SqsManagedSseEnabled")])
            .policy("policy", own.word_of("Policy").as_deref());
        items.push(fields.item("aws_sqs_queue", name));
    }
    let topics =
        topics.iter().filter_map(|page| page.find("Topics")).flat_map(|list| list.children().to_vec());
    let topics: Vec<Xml> = topics.collect();
    for arn in topics.iter().filter_map(|one| one.word("TopicArn")) {
        let call = Call::query(SNS, TOPICS, "GetTopicAttributes").with("TopicArn", arn);
        let answer = account.ask(&call).await.unwrap_or_default();
        let entries = answer.find("Attributes").map(|all| all.children().to_vec()).unwrap_or_default();
        let own = |name: &str| {
            let entry = entries.iter().find(|entry| entry.word("key") == Some(name));
            entry.and_then(|entry| entry.word("value")).map(str::to_owned)
        };
        let name = arn.rsplit(':').next().unwrap_or_default();
        let fields = Fields::new()
            .text("arn", Some(arn))
            .text("name", Some(name))
            .text("kms_master_key_id", own("KmsMasterKeyId"))
            .policy("policy", own("Policy").as_deref());
        items.push(fields.item("aws_sns_topic", name));
    }
    items
}
