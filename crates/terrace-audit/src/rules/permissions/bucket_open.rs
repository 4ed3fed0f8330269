//! Buckets that strangers read or write.

use terrace_aws::inventory::{Inventory, Item, Told, UnknownName, View};
use terrace_aws::{PrincipalKind, Scope, Statement};

use super::openness;
use super::papers::{self, Paper};
use crate::rules::answer::Answer;
use crate::rules::linked;
use crate::{Evidence, Finding, Findings, Rule, RuleName, Severity, Subject};

/// The rule.
pub(in crate::rules) const RULE: Rule = Rule {
    name: RuleName::new("bucket-open"),
    property: "no bucket is read or written by strangers",
    severity: Severity::Critical,
    what: "Looks at buckets with their policies, access lists, website settings and public access blocks, and the account's. Finds \
           those that anyone reads or writes, that another account does (of medium weight), and that are served as a \
           website. A policy for anyone behind a public access block is cleared. Without a block item, buckets made since April \
           2023 are shut to the public by AWS: then nothing is found unless an item loosens that.",
    why: "Buckets that are open are found by whoever looks for them, within hours; what is written into one is served as yours.",
    example: r#"resource "aws_s3_bucket" "files" {
  bucket = "files"
}

resource "aws_s3_bucket_public_access_block" "files" {
  bucket                  = aws_s3_bucket.files.id
  block_public_policy     = false
  restrict_public_buckets = false
}

resource "aws_s3_bucket_policy" "files" {
  bucket = aws_s3_bucket.files.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "${aws_s3_bucket.files.arn}/*" }]
  })
}"#,
    fix: r#"resource "aws_s3_bucket" "files" {
  bucket = "files"
}

resource "aws_s3_bucket_public_access_block" "files" {
  bucket                  = aws_s3_bucket.files.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}"#,
    sources: &[
        "Amazon S3 User Guide, \"Blocking public access to your Amazon S3 storage\"",
        "Amazon S3 User Guide, \"Controlling ownership of objects and disabling ACLs for your bucket\"",
    ],
    check,
};

/// Accounts by which load balancers of older regions write their logs ("Enable access logs for your load balancer").
const OF_AWS: [&str; 22] = [
    "127311923021",
    "033677994240",
    "027434742980",
    "797873946194",
    "098369216593",
    "754344448648",
    "589379963580",
    "718504428378",
    "383597477331",
    "600734575887",
    "114774131450",
    "783225319266",
    "582318560864",
    "985666609251",
    "054676820928",
    "156460612806",
    "652711504416",
    "635631232127",
    "009996457667",
    "897822967062",
    "076674570225",
    "507241528517",
];

const WRITES: [&str; 4] = ["s3:putobject", "s3:deleteobject", "s3:putbucketpolicy", "s3:putobjectacl"];

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let inventory = subject.inventory;
    for bucket in inventory.all("aws_s3_bucket") {
        findings.examine();
        for paper in policies(inventory, bucket) {
            policy(subject, bucket, &paper, findings);
        }
        lists(inventory, bucket, findings);
        website(inventory, bucket, findings);
    }
    // A policy of a bucket that is not in the design counts as well.
    for paper in papers::all(inventory, papers::BUCKETS) {
        let of_design =
            inventory.all("aws_s3_bucket").any(|bucket| linked::names(paper.item.view(), "bucket", bucket));
        if paper.item.type_name() == "aws_s3_bucket_policy" && !of_design {
            findings.examine();
            policy(subject, paper.item, &paper, findings);
        }
    }
}

/// The policies of a bucket.
pub(super) fn policies<'a>(inventory: &'a Inventory, bucket: &'a Item) -> Vec<Paper<'a>> {
    let own = Paper::of(bucket, "policy");
    let beside = linked::belonging(inventory, "aws_s3_bucket_policy", "bucket", bucket);
    own.into_iter().chain(beside.filter_map(|item| Paper::of(item, "policy"))).collect()
}

/// Whether the public is kept out of a bucket, by these settings of its block or the account's.
pub(super) fn shut(inventory: &Inventory, bucket: &Item, settings: &[&str]) -> Answer {
    let by = |item: &Item| {
        let each = settings.iter().map(|setting| Answer::truth(item.view().bool(setting), false));
        each.fold(Answer::Bad, Answer::or)
    };
    let account = inventory.all("aws_s3_account_public_access_block").map(by).fold(Answer::Bad, Answer::or);
    let mut own =
        linked::belonging(inventory, "aws_s3_bucket_public_access_block", "bucket", bucket).peekable();
    // AWS shuts a bucket that nobody has loosened (since April 2023).
    let own = if own.peek().is_none() { Answer::Good } else { own.map(by).fold(Answer::Bad, Answer::or) };
    account.or(own)
}

fn policy(subject: &Subject<'_>, bucket: &Item, paper: &Paper<'_>, findings: &mut Findings) {
    if let Some(on) = paper.untold() {
        Answer::open(on.iter().cloned())
            .or(shut(subject.inventory, bucket, &["restrict_public_buckets", "block_public_policy"]))
            .say(findings, || {
                finding(paper.item, paper.path, format!("strangers reach `{}` by its policy", bucket.id()))
                    .weighing(Severity::Low)
            });
    }
    for (at, statement) in paper.allowing() {
        let called = papers::called(at, statement);
        let closed = openness::closed(statement);
        if !closed.is_good() {
            let shut = shut(subject.inventory, bucket, &["restrict_public_buckets", "block_public_policy"]);
            if shut.is_good() {
                let what = Evidence::of(paper.item, paper.path, format!("{called} allows anyone"));
                findings.clear(
                    what,
                    format!("the public access block of `{}` keeps the public out", bucket.id()),
                );
            }
            closed.or(shut).say(findings, || {
                let does = if openness::speaks_of(statement, &WRITES) { "write" } else { "read" };
                finding(paper.item, paper.path, format!("{called} lets anyone {does} `{}`", bucket.id()))
            });
        }
        for (number, answer) in strangers(statement, subject) {
            answer.say(findings, || {
                let message = format!("{called} lets the account {number} into `{}`", bucket.id());
                finding(paper.item, paper.path, message).weighing(Severity::Medium)
            });
        }
    }
}

fn finding(item: &Item, path: &str, message: String) -> Finding {
    let fix = format!(
        "name in `{}` who is let in, and shut the bucket by an `aws_s3_bucket_public_access_block`",
        item.id()
    );
    Finding::about(item, path, message, fix).weighing(RULE.severity)
}

/// Accounts that are named by number and are not this one.
fn strangers(statement: &Statement, subject: &Subject<'_>) -> Vec<(String, Answer)> {
    let Some(Scope::Only(all)) = &statement.principals else { return Vec::new() };
    let names = all.get(&PrincipalKind::Aws).into_iter().flatten().filter_map(|name| name.literal());
    let numbers = names.map(|name| name.split(':').nth(4).unwrap_or(name));
    let numbers = numbers.filter(|number| number.len() == 12 && number.chars().all(|c| c.is_ascii_digit()));
    let numbers = numbers.filter(|number| !OF_AWS.contains(number));
    let answer = |number: &str| match subject.estate.estate.account.literal() {
        Some(own) => Answer::when(own == number),
        None => Answer::open([UnknownName::new("the number of this account")]),
    };
    numbers.map(|number| (number.to_owned(), answer(number))).collect()
}

/// Access lists: in the bucket, or an item of their own; they count only where objects' owners may be others.
fn lists(inventory: &Inventory, bucket: &Item, findings: &mut Findings) {
    let own = linked::belonging(inventory, "aws_s3_bucket_acl", "bucket", bucket);
    for item in own.chain([bucket]) {
        let public = |word: String| {
            !matches!(word.as_str(), "public-read" | "public-read-write" | "authenticated-read")
        };
        let canned = Answer::of(item.view().literal("acl"), Answer::Good, public);
        let granted = grants(item.view());
        let answer = canned.and(granted);
        if answer.is_good() {
            continue;
        }
        let shut = shut(inventory, bucket, &["ignore_public_acls", "block_public_acls"]);
        if shut.is_good() {
            findings.clear(
                Evidence::of(item, "acl", "lets anyone in"),
                format!("the public access block of `{}` ignores such lists", bucket.id()),
            );
        }
        let disabled = linked::belonging(inventory, "aws_s3_bucket_ownership_controls", "bucket", bucket)
            .any(|item| {
                let rule = item.view().block("rule").known();
                rule.is_some_and(|rule| {
                    rule.literal("object_ownership").known().is_some_and(|word| word == "BucketOwnerEnforced")
                })
            });
        answer.or(shut).or(Answer::when(disabled)).say(findings, || {
            let message = format!("the access list of `{}` lets anyone in", bucket.id());
            let fix = format!("remove `acl` from `{}`", item.id());
            Finding::about(item, "acl", message, fix).weighing(RULE.severity)
        });
    }
}

fn grants(view: View<'_>) -> Answer {
    let Told::Is(policies) = view.blocks("access_control_policy") else { return Answer::Good };
    let grants = policies.into_iter().flat_map(|policy| policy.blocks("grant").known().unwrap_or_default());
    let public = grants.into_iter().any(|grant| {
        let grantee = grant.block("grantee").known();
        let uri = grantee.and_then(|grantee| grantee.literal("uri").known());
        uri.is_some_and(|uri| uri.ends_with("/AllUsers") || uri.ends_with("/AuthenticatedUsers"))
    });
    Answer::when(!public)
}

fn website(inventory: &Inventory, bucket: &Item, findings: &mut Findings) {
    let beside = linked::belonging(inventory, "aws_s3_bucket_website_configuration", "bucket", bucket).next();
    let item = match (beside, bucket.view().get("website")) {
        (Some(item), _) => item,
        (None, Some(_)) => bucket,
        (None, None) => return,
    };
    // Nobody sees a website whose bucket is shut.
    if shut(inventory, bucket, &["restrict_public_buckets", "block_public_policy"]).is_good() {
        findings.clear(
            Evidence::of(item, "website", "is served as a website"),
            format!("the public access block of `{}` keeps the public out", bucket.id()),
        );
        return;
    }
    let message = format!("`{}` is served as a website, over plain HTTP", bucket.id());
    let fix =
        format!("remove `{}` and serve the bucket by CloudFront with an origin access control", item.id());
    findings.push(Finding::about(item, "", message, fix).weighing(Severity::High));
}
