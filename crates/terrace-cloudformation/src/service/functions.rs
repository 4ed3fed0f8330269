//! Lambda and API Gateway.

use crate::model::{Field, How, Model, TAGS, model};

/// Variables that a function is given.
pub(super) const ENVIRONMENT: Field =
    Field("Environment", "environment", How::Blocks(&[Field("Variables", "variables", How::Map)]));
/// Where something is attached to a network.
pub(super) const NETWORK: How = How::Blocks(&[
    Field("SecurityGroupIds", "security_group_ids", How::List),
    Field("SubnetIds", "subnet_ids", How::List),
]);

pub(super) const MODELS: &[Model] = &[
    model(
        "AWS::Lambda::Function",
        "aws_lambda_function",
        "function_name",
        &[
            TAGS,
            Field("Code", "", How::Lift(&[])),
            ENVIRONMENT,
            Field("VpcConfig", "vpc_config", NETWORK),
            Field("FileSystemConfigs", "file_system_config", How::Blocks(&[])),
        ],
    ),
    model("AWS::Lambda::Permission", "aws_lambda_permission", "id", &[]),
    model("AWS::Lambda::Version", "aws_lambda_version", "arn", &[]).attributes(&[("Version", "version")]),
    model("AWS::Lambda::Alias", "aws_lambda_alias", "arn", &[]),
    model(
        "AWS::Lambda::Url",
        "aws_lambda_function_url",
        "function_arn",
        &[
            Field("TargetFunctionArn", "function_name", How::Same),
            Field("AuthType", "authorization_type", How::Same),
        ],
    ),
    model("AWS::Lambda::EventSourceMapping", "aws_lambda_event_source_mapping", "id", &[]),
    model("AWS::Lambda::LayerVersion", "aws_lambda_layer_version", "arn", &[]),
    model(
        "AWS::ApiGateway::RestApi",
        "aws_api_gateway_rest_api",
        "id",
        &[TAGS, Field("Policy", "policy", How::Json), Field("Body", "body", How::Json)],
    )
    .attributes(&[("RestApiId", "id")]),
    model("AWS::ApiGateway::Resource", "aws_api_gateway_resource", "id", &[])
        .attributes(&[("ResourceId", "id")]),
    model(
        "AWS::ApiGateway::Method",
        "aws_api_gateway_method",
        "id",
        &[
            Field("AuthorizationType", "authorization", How::Same),
            Field("RequestParameters", "request_parameters", How::Map),
        ],
    ),
    model("AWS::ApiGateway::Deployment", "aws_api_gateway_deployment", "id", &[]),
    model(
        "AWS::ApiGateway::Stage",
        "aws_api_gateway_stage",
        "stage_name",
        &[TAGS, Field("Variables", "variables", How::Map)],
    ),
    model("AWS::ApiGateway::Authorizer", "aws_api_gateway_authorizer", "id", &[]),
    model("AWS::ApiGateway::VpcLink", "aws_api_gateway_vpc_link", "id", &[]),
    model("AWS::ApiGateway::Account", "aws_api_gateway_account", "id", &[]),
    model("AWS::ApiGateway::DomainName", "aws_api_gateway_domain_name", "domain_name", &[TAGS]),
    model("AWS::ApiGateway::BasePathMapping", "aws_api_gateway_base_path_mapping", "id", &[]),
    model(
        "AWS::ApiGatewayV2::Api",
        "aws_apigatewayv2_api",
        "id",
        &[Field("Tags", "tags", How::Map), Field("Body", "body", How::Json)],
    )
    .attributes(&[("ApiId", "id")]),
    model("AWS::ApiGatewayV2::Route", "aws_apigatewayv2_route", "id", &[]),
    model("AWS::ApiGatewayV2::Integration", "aws_apigatewayv2_integration", "id", &[]),
    model("AWS::ApiGatewayV2::Authorizer", "aws_apigatewayv2_authorizer", "id", &[]),
    model(
        "AWS::ApiGatewayV2::Stage",
        "aws_apigatewayv2_stage",
        "name",
        &[Field("StageName", "name", How::Same)],
    ),
    model("AWS::ApiGatewayV2::Deployment", "aws_apigatewayv2_deployment", "id", &[]),
    model(
        "AWS::ApiGatewayV2::VpcLink",
        "aws_apigatewayv2_vpc_link",
        "id",
        &[
            Field("SecurityGroupIds", "security_group_ids", How::List),
            Field("SubnetIds", "subnet_ids", How::List),
            Field("Tags", "tags", How::Map),
        ],
    ),
    model("AWS::ApiGatewayV2::DomainName", "aws_apigatewayv2_domain_name", "domain_name", &[]),
    model("AWS::ApiGatewayV2::ApiMapping", "aws_apigatewayv2_api_mapping", "id", &[]),
];
