//! The codes of what AWS would refuse, and of what it would take but nobody would want.

use terrace_diag::Code;

/// A version of a database that AWS does not make.
pub const DATABASE_VERSION: Code = Code::new("aws-database-version");
/// A class of database servers that there is not, or not there.
pub const DATABASE_CLASS: Code = Code::new("aws-database-class");
/// Backups of a database that AWS does not keep so.
pub const DATABASE_BACKUPS: Code = Code::new("aws-database-backups");
/// A setting that has no effect in this shape.
pub const NO_EFFECT: Code = Code::new("aws-no-effect");
/// A name that AWS keeps for itself.
pub const RESERVED_NAME: Code = Code::new("aws-reserved-name");
/// A setting's value that Parameter Store does not take.
pub const PARAMETER_VALUE: Code = Code::new("aws-parameter-value");
/// Plain settings that come to more than a task definition holds.
pub const SETTINGS_SIZE: Code = Code::new("aws-settings-size");
/// A name of its own in no zone of the DNS that records can be made in.
pub const DOMAIN_ZONE: Code = Code::new("aws-domain-zone");
/// A name of its own that is too long for a certificate.
pub const DOMAIN_LENGTH: Code = Code::new("aws-domain-length");
/// Paths that are too long for load balancers, or too many for a distribution.
pub const PATHS: Code = Code::new("aws-paths");
/// A name that load balancers cannot have.
pub const BALANCER_NAME: Code = Code::new("aws-balancer-name");
/// Requests from the internet that nothing encrypts; a warning.
pub const PLAIN_HTTP: Code = Code::new("aws-plain-http");
/// A kind of machine that does not exist, is built for something else, or is not in the region.
pub const MACHINE: Code = Code::new("aws-machine");
/// What a service needs on its machines is not known, or is not there.
pub const RUNTIME: Code = Code::new("aws-runtime");
/// A container where there are machines.
pub const IMAGE: Code = Code::new("aws-image");
/// A command that no image can be made with.
pub const SETUP: Code = Code::new("aws-setup");
/// A region that there is not.
pub const REGION: Code = Code::new("aws-region");
/// A region with accounts of its own.
pub const PARTITION: Code = Code::new("aws-partition");
/// Zones that the region does not have.
pub const ZONES: Code = Code::new("aws-zones");
/// A region in which CloudFront reaches no private load balancer.
pub const VPC_ORIGINS: Code = Code::new("aws-vpc-origins");
/// Alarms of a system with real users that go to nobody; a warning.
pub const NOBODY_TOLD: Code = Code::new("aws-nobody-told");
