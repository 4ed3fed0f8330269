//! S3 buckets and who may read them. Amazon S3 API Reference, 2006-03-01.

use super::Items;
use super::fields::Fields;
use crate::asking::Account;
use crate::many::all;
use terrace_account::service::{S3, partition};
use terrace_account::{Call, Xml, encoded};

pub(super) async fn read(account: &Account) -> Items {
    let (mut buckets, mut next) = (Vec::new(), None::<String>);
    for _ in 0..1000 {
        let from = next.as_deref().map(|next| format!("continuation-token={}&", encoded(next)));
        // A page's size makes AWS tell each bucket's region as well.
        let query = format!("{}max-buckets=1000", from.unwrap_or_default());
        let call = Call::path(S3, "ListAllMyBuckets", "/", &query);
        let Some(page) = account.ask(&call).await else { break };
        let region = |one: &Xml| one.word("BucketRegion").unwrap_or(&account.region).to_owned();
        buckets
            .extend(page.list("Buckets").filter_map(|one| Some((one.word("Name")?.to_owned(), region(one)))));
        let more = page.word("ContinuationToken").map(str::to_owned);
        if more.is_none() || more == next {
            break;
        }
        next = more;
    }
    let each = buckets.iter().map(|(name, region)| bucket(account, name, region));
    all(each.collect()).await.into_iter().flatten().collect()
}

async fn bucket(account: &Account, name: &str, region: &str) -> Items {
    let path = format!("/{}", encoded(name));
    let calls = [
        ("GetBucketPolicy", "policy="),
        ("GetBucketPublicAccessBlock", "publicAccessBlock="),
        ("GetEncryptionConfiguration", "encryption="),
        ("GetBucketVersioning", "versioning="),
        ("GetBucketOwnershipControls", "ownershipControls="),
    ];
    let [policy, block, encryption, versioning, ownership] =
        calls.map(|(action, query)| Call::path(S3, action, &path, query).within(region));
    let (policy, block, encryption, versioning, ownership) = tokio::join!(
        account.text(&policy),
        account.seek(&block),
        account.seek(&encryption),
        account.seek(&versioning),
        account.seek(&ownership),
    );
    let part = partition(region);
    let fields = Fields::new()
        .text("bucket", Some(name))
        .text("arn", Some(format!("arn:{part}:s3:::{name}")))
        .text("bucket_regional_domain_name", Some(format!("{name}.s3.{region}.amazonaws.com")))
        .text("bucket_domain_name", Some(format!("{name}.s3.amazonaws.com")));
    let mut items = vec![fields.item("aws_s3_bucket", name)];
    if let Some(policy) = policy {
        items.push(of(name).policy("policy", Some(&policy)).item("aws_s3_bucket_policy", name));
    }
    beside(name, [block, encryption, versioning, ownership], &mut items);
    items
}

fn of(name: &str) -> Fields {
    Fields::new().named("bucket", "aws_s3_bucket", Some(name), "id")
}

/// What is set beside a bucket.
fn beside(name: &str, found: [Option<Xml>; 4], items: &mut Items) {
    let [block, encryption, versioning, ownership] = found;
    if let Some(block) = block {
        let fields = of(name).truths(
            &block,
            &[
                ("block_public_acls", "BlockPublicAcls"),
                ("block_public_policy", "BlockPublicPolicy"),
                ("ignore_public_acls", "IgnorePublicAcls"),
                ("restrict_public_buckets", "RestrictPublicBuckets"),
            ],
        );
        items.push(fields.item("aws_s3_bucket_public_access_block", name));
    }
    if let Some(rule) = encryption.as_ref().and_then(|all| all.get("Rule")) {
        let default = rule.get("ApplyServerSideEncryptionByDefault").map(|default| {
            Fields::new()
                .words(default, &[("sse_algorithm", "SSEAlgorithm"), ("kms_master_key_id", "KMSMasterKeyID")])
        });
        let rule = Fields::new()
            .blocks("apply_server_side_encryption_by_default", default.into_iter().collect())
            .truths(rule, &[("bucket_key_enabled", "BucketKeyEnabled")]);
        let fields = of(name).block("rule", rule);
        items.push(fields.item("aws_s3_bucket_server_side_encryption_configuration", name));
    }
    if let Some(status) = versioning.as_ref().and_then(|all| all.word("Status")) {
        let block = Fields::new().text("status", Some(status));
        items.push(of(name).block("versioning_configuration", block).item("aws_s3_bucket_versioning", name));
    }
    if let Some(word) = ownership.as_ref().and_then(|all| all.find("ObjectOwnership")).map(Xml::own) {
        let rule = Fields::new().text("object_ownership", Some(word));
        items.push(of(name).block("rule", rule).item("aws_s3_bucket_ownership_controls", name));
    }
}
