//! The roles of machines: what each tier may do, and nothing else.

use terrace_topology::PartyName;

use super::super::foundation::{self, Foundation};
use super::super::{Draft, arns, storage};
use crate::catalog::limits;
use crate::resource::{Bucket, InstanceProfile, KmsKey, LogGroup, Role, RolePolicy};
use crate::{Arn, Concern, Name, PolicyDocument, Ref, Statement, Text};

/// The role of a party's machines, and the profile by which they carry it.
pub(super) fn profile(
    draft: &mut Draft<'_>,
    concern: Concern,
    part: &str,
    about: &str,
    statements: Vec<Statement>,
) -> Ref<InstanceProfile> {
    let (name, tags) = (draft.naming.of(part, limits::IAM_ROLE), draft.name_tag(part));
    let role = draft.place(concern, &[part]).put(Role {
        name: Text::from(name.clone()),
        description: Text::from(about),
        assume_role_policy: PolicyDocument::trusting("ec2.amazonaws.com"),
        tags: tags.clone(),
    });
    let policy = draft
        .place(concern, &[part])
        .why("Written out rather than AmazonSSMManagedInstanceCore, which may read every parameter of the account.")
        .put(RolePolicy {
            name: Text::from(name.clone()),
            role: role.attribute::<Name>(),
            policy: PolicyDocument::Statements(statements),
        });
    draft.place(concern, &[part]).after(policy.address()).put(InstanceProfile {
        name: Text::from(name),
        role: role.attribute::<Name>(),
        tags,
    })
}

/// Sessions, by which people come in, as Session Manager's own page lists them ("Create a custom IAM role"). None of
/// these takes a resource.
pub(super) fn sessions() -> Statement {
    Statement::allow(
        "Sessions",
        [
            "ssm:UpdateInstanceInformation",
            "ssmmessages:CreateControlChannel",
            "ssmmessages:CreateDataChannel",
            "ssmmessages:OpenControlChannel",
            "ssmmessages:OpenDataChannel",
        ],
    )
    .on([Text::from("*")])
}

/// Its own log and no other.
pub(super) fn logs(group: &Ref<LogGroup>) -> Statement {
    Statement::allow("OwnLog", ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"])
        .on([Text::from(group.attribute::<Arn>()).then(":*")])
}

/// The web tier's parameters; it has no secrets.
pub(super) fn parameters(draft: &Draft<'_>, party: &PartyName) -> Statement {
    let path = draft.naming.path(party.as_str());
    let path = path.trim_matches('/');
    Statement::allow("OwnParameters", ["ssm:GetParametersByPath"]).on([
        arns::regional(draft, "ssm", &format!("parameter/{path}")),
        arns::regional(draft, "ssm", &format!("parameter/{path}/*")),
    ])
}

/// What machines fetch when they start, if their image holds no release.
pub(super) fn artifacts(draft: &Draft<'_>) -> Option<Statement> {
    let apart = draft.foundation == Foundation::Apart;
    apart.then(|| Statement::allow("Releases", ["s3:GetObject"]).on([foundation::artifacts_arn(draft)]))
}

/// What a machine that builds images does: it is led by Systems Manager, fetches AWS's own programs and the release,
/// and leaves its log (Image Builder User Guide, "Prerequisites"; the managed policies EC2InstanceProfileForImageBuilder
/// and AmazonSSMManagedInstanceCore, without what reads parameters).
pub(super) fn builder(
    draft: &Draft<'_>,
    artifacts: Option<&Ref<Bucket>>,
    key: &Ref<KmsKey>,
) -> Vec<Statement> {
    let region = &draft.topology.region;
    let partition = arns::partition(draft);
    let all = || [Text::from("*")];
    let mut may = vec![
        sessions(),
        Statement::allow(
            "LedBySystemsManager",
            [
                "ec2messages:AcknowledgeMessage",
                "ec2messages:DeleteMessage",
                "ec2messages:FailMessage",
                "ec2messages:GetEndpoint",
                "ec2messages:GetMessages",
                "ec2messages:SendReply",
                "ssm:DescribeAssociation",
                "ssm:DescribeDocument",
                "ssm:GetDocument",
                "ssm:GetManifest",
                "ssm:ListAssociations",
                "ssm:ListInstanceAssociations",
                "ssm:PutInventory",
                "ssm:UpdateAssociationStatus",
                "ssm:UpdateInstanceAssociationStatus",
            ],
        )
        .on(all()),
        Statement::allow("Components", ["imagebuilder:GetComponent"]).on([arns::regional(
            draft,
            "imagebuilder",
            "component/*",
        )]),
        Statement::allow("ComponentsAreEncrypted", ["kms:Decrypt"])
            .on(all())
            .when(
                "ForAnyValue:StringEquals",
                "kms:EncryptionContextKeys",
                [Text::from("aws:imagebuilder:arn")],
            )
            .when("ForAnyValue:StringEquals", "aws:CalledVia", [Text::from("imagebuilder.amazonaws.com")]),
        Statement::allow("ProgramsOfImageBuilder", ["s3:GetObject"])
            .on([Text::from(format!("arn:{}:s3:::ec2imagebuilder*", partition.as_str()))]),
    ];
    may.extend(artifacts.into_iter().flat_map(|artifacts| {
        [
            Statement::allow("Releases", ["s3:GetObject"]).on([storage::objects(artifacts, "releases/")]),
            Statement::allow("LogsOfBuilds", ["s3:PutObject"]).on([storage::objects(artifacts, "builds/")]),
            Statement::allow("ArtifactsAreEncrypted", ["kms:Decrypt", "kms:GenerateDataKey"])
                .on([Text::from(key.attribute::<Arn>())])
                .when(
                    "StringEquals",
                    "kms:ViaService",
                    [Text::from(format!("s3.{region}.{}", partition.dns_suffix()))],
                ),
        ]
    }));
    may.push(
        Statement::allow(
            "LogOfImageBuilder",
            ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
        )
        .on([arns::regional(draft, "logs", "log-group:/aws/imagebuilder/*")]),
    );
    may
}
