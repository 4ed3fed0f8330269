//! Reading something by one's own permissions, and opening it to oneself.
//!
//! A secret wants `secretsmanager:GetSecretValue` and `kms:Decrypt` of its key through the service; a parameter one of
//! four actions, and its key if it is a SecureString; an object of a bucket `s3:GetObject` or `s3:GetObjectVersion`, and
//! the bucket's key. (Secrets Manager User Guide, "Secret encryption and decryption"; Systems Manager User Guide,
//! "Restricting access to parameters"; Amazon S3 User Guide, "Using server-side encryption with AWS KMS keys".)

use std::collections::BTreeMap;

use terrace_aws::{Part, PolicyDocument, Scope, Text};

use super::ask::{Actor, Answer, Desk, Grown};
use super::edges::open_question;
use super::model::{Holding, HoldingKind, Key, KeyUse};
use super::reader::{Deed, instance, shown};
use crate::access::{Context, Known, Resource, Truth, Unknown};

/// How many objects of a bucket are tried.
const OBJECTS: usize = 32;

/// How something is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Read {
    pub(super) deed: Deed,
    pub(super) answer: Answer,
}

/// A context with the tags of what is asked for.
pub(super) fn tagged(context: Context, tags: &BTreeMap<String, Text>, own: Option<&str>) -> Context {
    tags.iter().fold(context, |context, (key, value)| {
        let context = context.value(&format!("aws:ResourceTag/{key}"), value.clone());
        match own {
            Some(own) => context.value(&format!("{own}/{key}"), value.clone()),
            None => context,
        }
    })
}

impl Desk<'_> {
    /// The surest way in which the actor itself reads what is kept.
    pub(super) fn reads(&self, actor: &Actor, holding: &Holding) -> Read {
        let mut best = Read { deed: Deed::Reads(""), answer: Answer::no() };
        for (action, resource, context) in self.readings(Some(actor), holding) {
            let mut answer = self.may(actor, action, &resource, context, &holding.policies);
            if answer.is_no() {
                continue;
            }
            if matches!(actor, Actor::Anyone) {
                answer = answer.and(shut(holding));
            }
            let answer = answer.and(self.decrypts(actor, holding));
            best = surer(best, Deed::Reads(action), answer);
        }
        if best.answer.truth == Truth::Yes {
            return best;
        }
        self.opens(actor, holding)
            .into_iter()
            .fold(best, |best, (action, answer)| surer(best, Deed::Opens(action), answer))
    }

    /// Each action that reads it, on which resource, under which circumstances.
    pub(super) fn readings(
        &self,
        actor: Option<&Actor>,
        holding: &Holding,
    ) -> Vec<(&'static str, Resource, Context)> {
        let account = || self.estate.account.clone();
        let on = |arn: &Text| Resource::exactly(arn, account());
        let open = |own| tagged(Context::open(), &holding.tags, own);
        match &holding.kind {
            HoldingKind::Secret { .. } => {
                let context = open(Some("secretsmanager:ResourceTag"))
                    .value("secretsmanager:SecretId", holding.arn.clone())
                    .value("secretsmanager:VersionStage", "AWSCURRENT")
                    .with("secretsmanager:VersionId", Known::Absent);
                vec![("secretsmanager:GetSecretValue", on(&holding.arn), context)]
            }
            HoldingKind::Parameter { name } => {
                let mut all: Vec<_> = ["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParameterHistory"]
                    .map(|action| (action, on(&holding.arn), open(Some("ssm:resourceTag"))))
                    .into();
                for (path, recursive) in paths(name) {
                    let arn = Text::from(format!("arn:{}:ssm:", self.estate.partition))
                        .then(holding.region.clone())
                        .then(":")
                        .then(account())
                        .then(":parameter")
                        .then(path);
                    let context = Context::open().value("ssm:Recursive", recursive);
                    all.push(("ssm:GetParametersByPath", on(&arn), context));
                }
                all
            }
            HoldingKind::Bucket { .. } => {
                let mut objects: Vec<Resource> = self.objects(actor, holding).iter().map(on).collect();
                objects.push(Resource::matching(&holding.arn.clone().then("/*"), account()));
                let each = |action| objects.iter().map(move |one| (action, one.clone(), open(None)));
                each("s3:GetObject").chain(each("s3:GetObjectVersion")).collect()
            }
        }
    }

    /// Objects of a bucket, one for each pattern of the policies that have a say: whoever reads any object is a reader.
    fn objects(&self, actor: Option<&Actor>, holding: &Holding) -> Vec<Text> {
        let own = match actor {
            Some(Actor::Own(id, _)) => self.estate.principal(*id).map(|one| one.identity.as_slice()),
            _ => None,
        };
        let writings = own.unwrap_or_default().iter().chain(&holding.policies);
        let within = format!("{}/", shown(&holding.arn));
        let mut found = vec![holding.arn.clone().then("/any")];
        for writing in writings.filter_map(|id| self.estate.writing(*id)) {
            let PolicyDocument::Statements(all) = &writing.document else { continue };
            let texts = all.iter().filter_map(|statement| match &statement.resources {
                Some(Scope::Only(texts) | Scope::AllBut(texts)) => Some(texts),
                None => None,
            });
            for text in texts.flatten().map(instance).filter(|text| shown(text).starts_with(&within)) {
                if found.len() < OBJECTS && !found.contains(&text) {
                    found.push(text);
                }
            }
        }
        found
    }

    /// Whether the actor may decrypt what is kept, through the service that keeps it.
    fn decrypts(&self, actor: &Actor, holding: &Holding) -> Answer {
        match &holding.key {
            KeyUse::None => Answer::yes(),
            // The policy of AWS's key admits every identity of the account by way of the service, and nobody else's.
            KeyUse::Aws => match actor {
                Actor::Own(..) => Answer::yes(),
                _ => Answer::no(),
            },
            KeyUse::Own(at) => match self.estate.keys.get(*at) {
                Some(key) => self.decrypts_by(actor, holding, key),
                None => Answer::no(),
            },
            // Its policy may admit anyone by itself, so that the actor's own policies say nothing of it.
            KeyUse::Foreign(arn) => Answer::yes().given(&[Unknown::Policy(shown(arn))].into()),
            KeyUse::Unknown(on) => Answer::yes().given(on),
        }
    }

    fn decrypts_by(&self, actor: &Actor, holding: &Holding, key: &Key) -> Answer {
        let arn = Resource::exactly(&key.arn, self.estate.account.clone());
        let context = tagged(self.through(holding), &key.tags, None);
        self.may(actor, "kms:Decrypt", &arn, context, &key.policies)
    }

    /// The keys that a request to KMS has when a service makes it for somebody who reads.
    pub(super) fn through(&self, holding: &Holding) -> Context {
        let (service, names) = match &holding.kind {
            HoldingKind::Secret { .. } => ("secretsmanager", &["SecretARN", "SecretVersionId"][..]),
            HoldingKind::Parameter { .. } => ("ssm", &["PARAMETER_ARN"][..]),
            HoldingKind::Bucket { .. } => ("s3", &["aws:s3:arn"][..]),
        };
        let suffix = if self.estate.partition == "aws-cn" { ".amazonaws.com.cn" } else { ".amazonaws.com" };
        let via = Text::from(format!("{service}.")).then(holding.region.clone()).then(suffix);
        let context = Context::open()
            .value("kms:ViaService", via)
            .value("kms:CallerAccount", self.estate.account.clone())
            .value("kms:EncryptionAlgorithm", "SYMMETRIC_DEFAULT")
            .with(
                "kms:EncryptionContextKeys",
                Known::Many(names.iter().map(|name| Text::from(*name)).collect()),
            );
        match names.first() {
            Some(name) => context.value(&format!("kms:EncryptionContext:{name}"), holding.arn.clone()),
            None => context,
        }
    }

    /// Ways in which the actor lets itself read: by another policy of what is kept, or of its key.
    fn opens(&self, actor: &Actor, holding: &Holding) -> Vec<(&'static str, Answer)> {
        let Actor::Own(..) = actor else { return Vec::new() };
        let account = || self.estate.account.clone();
        let on = Resource::exactly(&holding.arn, account());
        let tags = || tagged(Context::open(), &holding.tags, None);
        // A denial that stands in a policy can be taken out of it with the same action; one of the actor's own cannot.
        let open = |action: &'static str| self.may(actor, action, &on, tags(), &holding.policies);
        let read = || {
            self.readings(Some(actor), holding).into_iter().fold(
                Answer::no(),
                |best, (action, resource, context)| {
                    best.or(self.may(actor, action, &resource, context, &holding.policies))
                },
            )
        };
        let mut ways = Vec::new();
        if self.is_denied(actor, holding) {
            return ways;
        }
        let opened = match &holding.kind {
            HoldingKind::Secret { .. } => Some("secretsmanager:PutResourcePolicy"),
            HoldingKind::Bucket { .. } => Some("s3:PutBucketPolicy"),
            HoldingKind::Parameter { .. } => None,
        };
        if let Some(action) = opened {
            let answer = open(action);
            if !answer.is_no() {
                ways.push((action, answer.and(self.decrypts(actor, holding))));
            }
        }
        if let KeyUse::Own(at) = &holding.key
            && let Some(key) = self.estate.keys.get(*at)
        {
            let on = Resource::exactly(&key.arn, account());
            for action in ["kms:PutKeyPolicy", "kms:CreateGrant"] {
                let context = tagged(Context::open(), &key.tags, None)
                    .value("kms:CallerAccount", account())
                    .with("kms:ViaService", Known::Absent)
                    .value("kms:BypassPolicyLockoutSafetyCheck", "false")
                    .value("kms:GrantIsForAWSResource", "false")
                    .with("kms:GrantOperations", Known::Many(vec!["Decrypt".into()]));
                let answer = self.may(actor, action, &on, context, &key.policies);
                if answer.is_no() {
                    continue;
                }
                ways.push((action, answer.clone().and(read())));
                if let Some(second) = opened {
                    ways.push((action, answer.and(open(second))));
                }
            }
        }
        ways
    }

    /// Whether the actor's own policies deny each way of reading, whatever else allows it.
    fn is_denied(&self, actor: &Actor, holding: &Holding) -> bool {
        let Actor::Own(id, _) = actor else { return false };
        let any = Actor::Own(*id, Grown::Free);
        self.readings(Some(actor), holding)
            .into_iter()
            .all(|(action, resource, context)| self.may(&any, action, &resource, context, &[]).is_no())
    }
}

/// Whether a bucket is open to the public if its policy says so.
pub(super) fn shut(holding: &Holding) -> Answer {
    match &holding.kind {
        HoldingKind::Bucket { shut: Some(true) } => Answer::no(),
        HoldingKind::Bucket { shut: None } => {
            let name = format!("whether public access to {} is blocked", holding.id);
            Answer::yes().given(&[open_question(name)].into())
        }
        _ => Answer::yes(),
    }
}

fn surer(best: Read, deed: Deed, answer: Answer) -> Read {
    let better = best.answer.is_no() || (answer.truth == Truth::Yes && best.answer.truth != Truth::Yes);
    if !answer.is_no() && better { Read { deed, answer } } else { best }
}

/// The paths above a parameter, nearest first, and whether it is found there by looking below them as well.
fn paths(name: &Text) -> Vec<(Text, &'static str)> {
    let mut all = Vec::new();
    let parts = name.parts();
    for (at, part) in parts.iter().enumerate() {
        let Part::Literal(literal) = part else { continue };
        let before = parts.iter().take(at).fold(Text::new(), |text, part| match part {
            Part::Literal(literal) => text.then(literal.as_str()),
            Part::Reference(reference) => text.then(reference.clone()),
            Part::Opaque(references) => text.then(Text::opaque(references.clone())),
        });
        for (slash, _) in literal.match_indices('/') {
            let path = before.clone().then(literal.get(..slash).unwrap_or_default());
            // The path of all parameters is `/`.
            all.push(if path == Text::new() { Text::from("/") } else { path });
        }
    }
    let last = all.len().saturating_sub(1);
    let paths = all.into_iter().enumerate();
    let mut paths: Vec<_> =
        paths.map(|(at, path)| (path, if at == last { "false" } else { "true" })).collect();
    paths.reverse();
    paths
}
