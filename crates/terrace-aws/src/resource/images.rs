//! Images of machines, baked ahead by EC2 Image Builder, and what they are baked from.

use crate::define::{block, resource, words};
use crate::{Arn, Block, Blocks, Name, Ref, Text};

use super::{Bucket, InstanceProfile, MetadataTokens, SecurityGroup, Subnet, Tags, VolumeType};

words! {
    /// What an image runs.
    ImagePlatform {
        Linux = "Linux",
        Windows = "Windows",
    }
}

block! {
    /// The value of a parameter of a component.
    ComponentParameter {
        name: Text,
        value: Text,
    }

    /// A component of a recipe, in the order in which they run.
    RecipeComponent {
        component_arn: Text,
        parameter: Blocks<ComponentParameter>,
    }

    /// A volume of an image.
    RecipeVolume {
        volume_type: VolumeType,
        volume_size: u32,
        encrypted: bool,
        delete_on_termination: bool,
    }

    /// A volume by the name that the machine sees.
    RecipeDevice {
        device_name: Text,
        ebs: Block<RecipeVolume>,
    }

    /// How the metadata service of a building machine is reached.
    BuilderMetadata {
        http_tokens: MetadataTokens,
        http_put_response_hop_limit: u32,
    }

    /// Where a bucket takes the logs of builds.
    BuilderS3Logs {
        s3_bucket_name: Ref<Bucket>,
        s3_key_prefix: Text,
    }

    /// Where the logs of builds go.
    BuilderLogging {
        s3_logs: Block<BuilderS3Logs>,
    }

    /// What a finished image is called.
    AmiDistribution {
        name: Text,
        description: Option<Text>,
        ami_tags: Tags,
    }

    /// A region that an image is given to.
    ImageRegion {
        region: Text,
        ami_distribution_configuration: Block<AmiDistribution>,
    }

    /// Whether a finished image is started once more and tested.
    ImageTests {
        image_tests_enabled: bool,
        timeout_minutes: u32,
    }

    /// When a pipeline runs by itself.
    PipelineSchedule {
        schedule_expression: Text,
        pipeline_execution_start_condition: Text,
    }

    /// What an image is looked for by.
    ImageFilter {
        name: Text,
        values: Vec<Text>,
    }
}

resource! {
    /// Steps that an image is made by.
    ImageComponent(Managed "aws_imagebuilder_component") {
        name: Text,
        description: Text,
        platform: ImagePlatform,
        version: Text,
        data: Text,
        tags: Tags,
    }

    /// What an image is made of.
    ImageRecipe(Managed "aws_imagebuilder_image_recipe") {
        name: Text,
        description: Text,
        version: Text,
        parent_image: Text,
        component: Blocks<RecipeComponent>,
        block_device_mapping: Blocks<RecipeDevice>,
        tags: Tags,
    }

    /// On what images are built.
    BuildInfrastructure(Managed "aws_imagebuilder_infrastructure_configuration") {
        name: Text,
        description: Text,
        instance_profile_name: Ref<InstanceProfile, Name>,
        instance_types: Vec<Text>,
        subnet_id: Ref<Subnet>,
        security_group_ids: Vec<Ref<SecurityGroup>>,
        terminate_instance_on_failure: bool,
        instance_metadata_options: Block<BuilderMetadata>,
        logging: Option<Block<BuilderLogging>>,
        resource_tags: Tags,
        tags: Tags,
    }

    /// Where finished images go, and what they are called.
    ImageDistribution(Managed "aws_imagebuilder_distribution_configuration") {
        name: Text,
        description: Text,
        distribution: Blocks<ImageRegion>,
        tags: Tags,
    }

    /// An image, built where the graph is applied.
    MachineImage(Managed "aws_imagebuilder_image") {
        image_recipe_arn: Ref<ImageRecipe, Arn>,
        infrastructure_configuration_arn: Ref<BuildInfrastructure, Arn>,
        distribution_configuration_arn: Ref<ImageDistribution, Arn>,
        image_tests_configuration: Option<Block<ImageTests>>,
        tags: Tags,
    }

    /// What builds an image again.
    ImagePipeline(Managed "aws_imagebuilder_image_pipeline") {
        name: Text,
        description: Text,
        image_recipe_arn: Ref<ImageRecipe, Arn>,
        infrastructure_configuration_arn: Ref<BuildInfrastructure, Arn>,
        distribution_configuration_arn: Ref<ImageDistribution, Arn>,
        image_tests_configuration: Option<Block<ImageTests>>,
        schedule: Option<Block<PipelineSchedule>>,
        tags: Tags,
    }

    /// The image that machines are started from.
    FoundImage(Data "aws_ami") {
        owners: Vec<Text>,
        most_recent: Option<bool>,
        filter: Blocks<ImageFilter>,
    }

    /// A file in a bucket.
    BucketObject(Managed "aws_s3_object") {
        bucket: Ref<Bucket>,
        key: Text,
        source: Option<Text>,
        content: Option<Text>,
        content_type: Option<Text>,
        tags: Tags,
    }
}
