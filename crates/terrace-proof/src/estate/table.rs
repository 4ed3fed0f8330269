//! By which actions somebody runs code as a role: one table for roles that are passed, one for what carries them.
//!
//! Each row is one way; all of its actions are needed. After the services' pages in the Service Authorization Reference
//! ("Actions, resources, and condition keys for …", dependent actions) and IAM User Guide, "Grant a user permissions to
//! pass a role to an AWS service".

use super::model::CarrierKind;

/// What an action is asked on, where it takes a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum On {
    /// Something that whoever asks makes or chooses; the pattern of its ARN after the account.
    Chosen(&'static str),
    /// What carries the role.
    Carrier,
    /// The document by which Systems Manager runs a shell.
    Shell,
    /// No resource.
    All,
}

use On::{All, Carrier, Chosen, Shell};

/// Actions that are needed together.
pub(super) type Way = &'static [(&'static str, On)];

/// A service to which roles are passed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Service {
    /// Its principal.
    pub(super) name: &'static str,
    /// What stands in the ARN of what acts with the role.
    pub(super) arn: &'static str,
    /// Each suffices, together with `iam:PassRole`.
    pub(super) ways: &'static [Way],
}

/// Where a role that is passed runs somebody's own code, or does what somebody writes down.
pub(super) const PASSES: &[Service] = &[
    Service {
        name: "ecs-tasks.amazonaws.com",
        arn: "ecs",
        ways: &[
            &[("ecs:RegisterTaskDefinition", All), ("ecs:RunTask", Chosen("ecs:task-definition/any:1"))],
            &[("ecs:RegisterTaskDefinition", All), ("ecs:StartTask", Chosen("ecs:task-definition/any:1"))],
            &[("ecs:RegisterTaskDefinition", All), ("ecs:CreateService", Chosen("ecs:service/any/any"))],
            &[("ecs:RegisterTaskDefinition", All), ("ecs:UpdateService", Chosen("ecs:service/any/any"))],
            // With the role of another definition put in its place.
            &[("ecs:RunTask", Chosen("ecs:task-definition/any:1"))],
            &[
                ("batch:RegisterJobDefinition", Chosen("batch:job-definition/any")),
                ("batch:SubmitJob", Chosen("batch:job-definition/any")),
            ],
        ],
    },
    Service {
        name: "ec2.amazonaws.com",
        arn: "ec2",
        ways: &[
            &[
                ("ec2:RunInstances", Chosen("ec2:instance/any")),
                ("ec2:RunInstances", Chosen("ec2:image/any")),
                ("ec2:RunInstances", Chosen("ec2:subnet/any")),
            ],
            &[("ec2:AssociateIamInstanceProfile", Chosen("ec2:instance/any"))],
            &[("ec2:ReplaceIamInstanceProfileAssociation", Chosen("ec2:instance/any"))],
            &[
                ("ec2:CreateLaunchTemplate", Chosen("ec2:launch-template/any")),
                ("autoscaling:CreateAutoScalingGroup", Chosen("autoscaling:autoScalingGroup:any:any")),
            ],
            &[
                ("ec2:CreateLaunchTemplateVersion", Chosen("ec2:launch-template/any")),
                ("autoscaling:UpdateAutoScalingGroup", Chosen("autoscaling:autoScalingGroup:any:any")),
            ],
            &[
                ("autoscaling:CreateLaunchConfiguration", Chosen("autoscaling:launchConfiguration:any:any")),
                ("autoscaling:CreateAutoScalingGroup", Chosen("autoscaling:autoScalingGroup:any:any")),
            ],
            &[("elasticmapreduce:RunJobFlow", All)],
        ],
    },
    Service {
        name: "lambda.amazonaws.com",
        arn: "lambda",
        ways: &[
            &[
                ("lambda:CreateFunction", Chosen("lambda:function:any")),
                ("lambda:InvokeFunction", Chosen("lambda:function:any")),
            ],
            &[
                ("lambda:CreateFunction", Chosen("lambda:function:any")),
                ("lambda:CreateEventSourceMapping", All),
            ],
            &[
                ("lambda:CreateFunction", Chosen("lambda:function:any")),
                ("lambda:AddPermission", Chosen("lambda:function:any")),
            ],
            &[
                ("lambda:UpdateFunctionConfiguration", Chosen("lambda:function:any")),
                ("lambda:UpdateFunctionCode", Chosen("lambda:function:any")),
            ],
        ],
    },
    Service {
        name: "cloudformation.amazonaws.com",
        arn: "cloudformation",
        ways: &[
            &[("cloudformation:CreateStack", Chosen("cloudformation:stack/any/any"))],
            &[("cloudformation:UpdateStack", Chosen("cloudformation:stack/any/any"))],
            &[
                ("cloudformation:CreateChangeSet", Chosen("cloudformation:stack/any/any")),
                ("cloudformation:ExecuteChangeSet", Chosen("cloudformation:stack/any/any")),
            ],
        ],
    },
    Service {
        name: "ssm.amazonaws.com",
        arn: "ssm",
        ways: &[
            &[("ssm:StartAutomationExecution", Chosen("ssm:automation-definition/any:1"))],
            &[("ssm:CreateAssociation", Chosen("ssm:document/any"))],
        ],
    },
    Service {
        name: "codebuild.amazonaws.com",
        arn: "codebuild",
        ways: &[
            &[
                ("codebuild:CreateProject", Chosen("codebuild:project/any")),
                ("codebuild:StartBuild", Chosen("codebuild:project/any")),
            ],
            &[
                ("codebuild:UpdateProject", Chosen("codebuild:project/any")),
                ("codebuild:StartBuild", Chosen("codebuild:project/any")),
            ],
        ],
    },
    Service {
        name: "glue.amazonaws.com",
        arn: "glue",
        ways: &[
            &[("glue:CreateDevEndpoint", All)],
            &[("glue:CreateJob", Chosen("glue:job/any")), ("glue:StartJobRun", Chosen("glue:job/any"))],
            &[("glue:UpdateJob", Chosen("glue:job/any")), ("glue:StartJobRun", Chosen("glue:job/any"))],
            &[
                ("glue:CreateSession", Chosen("glue:session/any")),
                ("glue:RunStatement", Chosen("glue:session/any")),
            ],
        ],
    },
    Service {
        name: "sagemaker.amazonaws.com",
        arn: "sagemaker",
        ways: &[
            &[
                ("sagemaker:CreateNotebookInstance", Chosen("sagemaker:notebook-instance/any")),
                ("sagemaker:CreatePresignedNotebookInstanceUrl", Chosen("sagemaker:notebook-instance/any")),
            ],
            &[("sagemaker:CreateTrainingJob", Chosen("sagemaker:training-job/any"))],
            &[("sagemaker:CreateProcessingJob", Chosen("sagemaker:processing-job/any"))],
        ],
    },
    Service {
        name: "states.amazonaws.com",
        arn: "states",
        ways: &[
            &[
                ("states:CreateStateMachine", Chosen("states:stateMachine:any")),
                ("states:StartExecution", Chosen("states:stateMachine:any")),
            ],
            &[
                ("states:UpdateStateMachine", Chosen("states:stateMachine:any")),
                ("states:StartExecution", Chosen("states:stateMachine:any")),
            ],
        ],
    },
    Service {
        name: "pods.eks.amazonaws.com",
        arn: "eks",
        ways: &[&[("eks:CreatePodIdentityAssociation", Chosen("eks:cluster/any"))]],
    },
    Service {
        name: "tasks.apprunner.amazonaws.com",
        arn: "apprunner",
        ways: &[&[("apprunner:CreateService", Chosen("apprunner:service/any/any"))]],
    },
    Service {
        name: "datapipeline.amazonaws.com",
        arn: "datapipeline",
        ways: &[&[
            ("datapipeline:CreatePipeline", All),
            ("datapipeline:PutPipelineDefinition", All),
            ("datapipeline:ActivatePipeline", All),
        ]],
    },
];

/// How commands are run on what carries a role already.
pub(super) const fn runs(kind: CarrierKind) -> &'static [Way] {
    match kind {
        CarrierKind::Machine => &[
            &[("ssm:SendCommand", Carrier), ("ssm:SendCommand", Shell)],
            &[("ssm:StartSession", Carrier)],
            &[("ec2-instance-connect:SendSSHPublicKey", Carrier)],
            &[
                ("ec2:ModifyInstanceAttribute", Carrier),
                ("ec2:StopInstances", Carrier),
                ("ec2:StartInstances", Carrier),
            ],
        ],
        CarrierKind::Latest => &[&[("ec2:CreateLaunchTemplateVersion", Carrier)]],
        CarrierKind::Task => &[&[("ecs:ExecuteCommand", Carrier)]],
        CarrierKind::Function => {
            &[&[("lambda:UpdateFunctionCode", Carrier)], &[("lambda:UpdateFunctionConfiguration", Carrier)]]
        }
        CarrierKind::Build => &[&[("codebuild:StartBuild", Carrier)]],
        CarrierKind::Stack => &[
            &[("cloudformation:UpdateStack", Carrier)],
            &[("cloudformation:CreateChangeSet", Carrier), ("cloudformation:ExecuteChangeSet", Carrier)],
        ],
    }
}
