"""Which refusals a service knows: those of its model, and those that the models do not list.

Common errors: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/CommonErrors.html and its like of each service;
"Error codes for the Amazon EC2 API" (EC2 User Guide's API reference); "Error responses" of the Amazon S3 API Reference.
The models of EC2 and S3 list next to none, so theirs are here as far as anything asks for them.
"""

COMMON = {
    "AccessDeniedException": 400,
    "ExpiredTokenException": 400,
    "IncompleteSignature": 400,
    "InternalFailure": 500,
    "InvalidSignatureException": 400,
    "MissingAuthenticationToken": 403,
    "NotAuthorized": 400,
    "OptInRequired": 403,
    "RequestExpired": 400,
    "ServiceUnavailable": 503,
    "ThrottlingException": 400,
    "UnrecognizedClientException": 400,
    "UnknownOperationException": 400,
    "ValidationException": 400,
}
QUERY = {
    "AccessDenied": 403,
    "ExpiredToken": 403,
    "IncompleteSignature": 400,
    "InternalFailure": 500,
    "InvalidClientTokenId": 403,
    "InvalidParameterValue": 400,
    "MissingAuthenticationToken": 403,
    "OptInRequired": 403,
    "RequestExpired": 400,
    "ServiceUnavailable": 503,
    "SignatureDoesNotMatch": 403,
    "Throttling": 400,
    "ValidationError": 400,
}
EC2 = {
    "AuthFailure": 401,
    "Blocked": 403,
    "ExpiredToken": 400,
    "IdempotentParameterMismatch": 400,
    "InsufficientInstanceCapacity": 500,
    "InternalError": 500,
    "InvalidInstanceID.NotFound": 400,
    "InvalidLaunchTemplateId.NotFound": 400,
    "InvalidLaunchTemplateId.VersionNotFound": 400,
    "InvalidLaunchTemplateName.NotFoundException": 400,
    "InvalidParameterValue": 400,
    "NatGatewayNotFound": 400,
    "RequestExpired": 400,
    "RequestLimitExceeded": 503,
    "ServiceUnavailable": 503,
    "Unavailable": 503,
    "UnauthorizedOperation": 403,
}
S3 = {
    "AccessDenied": 403,
    "AuthorizationHeaderMalformed": 400,
    "BucketAlreadyExists": 409,
    "BucketAlreadyOwnedByYou": 409,
    "ConditionalRequestConflict": 409,
    "ExpiredToken": 400,
    "IllegalLocationConstraintException": 400,
    "InternalError": 500,
    "InvalidAccessKeyId": 403,
    "MalformedXML": 400,
    "NoSuchBucket": 404,
    "NoSuchBucketPolicy": 404,
    "NoSuchKey": 404,
    "NoSuchLifecycleConfiguration": 404,
    "NoSuchPublicAccessBlockConfiguration": 404,
    "NoSuchTagSet": 404,
    "NoSuchVersion": 404,
    "OperationAborted": 409,
    "OwnershipControlsNotFoundError": 404,
    "PermanentRedirect": 301,
    "PreconditionFailed": 412,
    "RequestTimeout": 400,
    "RequestTimeTooSkewed": 403,
    "ServerSideEncryptionConfigurationNotFoundError": 404,
    "ServiceUnavailable": 503,
    "SignatureDoesNotMatch": 403,
    "SlowDown": 503,
}
# Of a service, beside its model.
MORE = {
    "ec2": EC2,
    "s3": S3,
    # "Common errors" of the Auto Scaling API reference; AccessDenied is what IAM refuses with.
    "autoscaling": {"ValidationError": 400},
    # Told in the documentation of `InvalidationBatch`, and in no list.
    "cloudfront": {"InvalidationBatchAlreadyExists": 400},
}


def known(service, operation, protocol):
    """Code and status of each refusal of an operation; no status where any is right."""
    common = {} if service.name in ("ec2", "s3") else COMMON if "json" in protocol else QUERY
    all_known = dict(common) | MORE.get(service.name, {})
    for reference in operation.get("errors", ()):
        shape = service.shapes[reference["shape"]]
        about = shape.get("error", {})
        code = about.get("code", reference["shape"])
        default = 500 if shape.get("fault") else 400
        all_known[code] = about.get("httpStatusCode", default)
    return all_known
