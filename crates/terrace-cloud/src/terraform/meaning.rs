//! What Terraform's and AWS's words mean to whoever deploys, and what to do about it: data, with where the words are from.

/// What it comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Meaning {
    /// Somebody else works on the state.
    Locked,
    /// The credentials were good once.
    Expired,
    /// AWS does not know the credentials, or there are none.
    Unknown,
    /// A permission is missing.
    Denied,
    /// AWS allows no more of these.
    Quota,
    /// AWS has no machines left, there and now.
    Capacity,
    /// Something of that name is there already.
    Taken,
    /// Something of that name is being deleted, and the name is free again only later.
    Lingering,
    /// The plan is of another state.
    Stale,
    /// The new state could not be saved.
    Unsaved,
    /// The state was written by a newer Terraform or provider.
    Newer,
    /// The state is not the one that Terraform knows.
    Edited,
    /// Terraform wants to be initialised again.
    Unprepared,
    /// The provider cannot be had.
    NoProvider,
    /// The bucket of states is not there.
    NoBucket,
    /// It is protected against being deleted.
    Protected,
    /// It is not empty, so that it cannot be deleted.
    NotEmpty,
    /// Something else needs it still.
    InUse,
    /// AWS is asked too often.
    Throttled,
    /// Nobody answers.
    Unreachable,
    /// The provider broke down.
    Crashed,
    /// It was cut off because the run was stopped.
    Cut,
    /// Nothing that has a word.
    Other,
}

/// What a message shows its meaning by.
enum Sign {
    /// A word by itself: an error code.
    Code(&'static str),
    /// A word that ends so.
    Ends(&'static str),
    /// This text, in whatever case.
    Says(&'static str),
}
use Sign::{Code, Ends, Says};

/// The first row with a sign that is there counts. Codes: "Errors" of each action in the service's API reference, "Common
/// errors", and "Error codes for the Amazon EC2 API"; sentences: as printed by Terraform 1.11 and its provider 5.100.
const TABLE: &[(Meaning, &[Sign])] = &[
    (Meaning::Locked, &[Says("error acquiring the state lock")]),
    (Meaning::Stale, &[Says("saved plan is stale"), Says("saved plan does not match the given state")]),
    (
        Meaning::Unsaved,
        &[
            Says("failed to save state"),
            Says("failed to persist state to backend"),
            Says("error releasing the state lock"),
        ],
    ),
    (
        Meaning::Newer,
        &[
            Says("unsupported terraform state format"),
            Says("resource instance managed by newer provider version"),
            Says("which is newer than current"),
        ],
    ),
    (
        Meaning::Edited,
        &[
            Says("state data in s3 does not have the expected content"),
            Says("cannot import state with lineage"),
            Says("unsupported state file format"),
            Says("remote state already exists and has a different lineage"),
            Says("cannot overwrite existing state with serial"),
        ],
    ),
    (
        Meaning::Unprepared,
        &[
            Says("backend initialization required"),
            Says("backend configuration changed"),
            Says("inconsistent dependency lock file"),
            Says("required plugins are not installed"),
            Says("module not installed"),
            Says("missing required provider"),
            Says("there is no package for"),
        ],
    ),
    (
        Meaning::NoProvider,
        &[
            Says("failed to query available provider packages"),
            Says("failed to install provider"),
            Says("could not retrieve the list of available versions"),
        ],
    ),
    (
        Meaning::NoBucket,
        &[Says("failed to get existing workspaces: s3 bucket"), Says("no existing workspaces")],
    ),
    (
        Meaning::Expired,
        &[
            Code("ExpiredToken"),
            Code("ExpiredTokenException"),
            Code("ExpiredCredentials"),
            Code("RequestExpired"),
            Code("TokenRefreshRequired"),
            Says("security token included in the request is expired"),
            Says("provided token has expired"),
        ],
    ),
    (
        Meaning::Unknown,
        &[
            Code("InvalidClientTokenId"),
            Code("UnrecognizedClientException"),
            Code("InvalidAccessKeyId"),
            Code("AuthFailure"),
            Code("MissingAuthenticationToken"),
            Code("SignatureDoesNotMatch"),
            Says("no valid credential sources found"),
            Says("failed to refresh cached credentials"),
        ],
    ),
    (
        Meaning::Lingering,
        &[Says("already scheduled for deletion"), Code("OperationAborted"), Code("QueueDeletedRecently")],
    ),
    (
        Meaning::Capacity,
        &[
            Code("InsufficientInstanceCapacity"),
            Code("InsufficientDBInstanceCapacity"),
            Code("InsufficientDBClusterCapacityFault"),
            Code("InsufficientFreeAddressesInSubnet"),
            Code("UnsupportedAvailabilityZone"),
        ],
    ),
    (
        Meaning::Quota,
        &[
            Ends("LimitExceeded"),
            Ends("LimitExceededException"),
            Ends("LimitExceededFault"),
            Ends("QuotaExceeded"),
            Ends("QuotaExceededFault"),
            Ends("QuotaExceededException"),
            Code("TooManyBuckets"),
            Code("TooManyLoadBalancers"),
            Code("TooManyTargetGroups"),
            Code("TooManyListeners"),
            Code("TooManyRules"),
            Code("TooManyCertificates"),
            Ends("TooManyDistributions"),
            Code("TooManyVpcOrigins"),
            Code("TooManyFunctions"),
            Code("TooManyOriginAccessControls"),
            Code("TooManyResponseHeadersPolicies"),
            Code("InstanceQuotaExceeded"),
        ],
    ),
    (
        Meaning::Taken,
        &[
            Code("EntityAlreadyExists"),
            Code("EntityAlreadyExistsException"),
            Code("BucketAlreadyExists"),
            Code("BucketAlreadyOwnedByYou"),
            Ends("AlreadyExists"),
            Ends("AlreadyExistsException"),
            Ends("AlreadyExistsFault"),
            Code("AlreadyExistsException"),
            Code("ResourceExistsException"),
            Code("DuplicateLoadBalancerName"),
            Code("DuplicateTargetGroupName"),
            Code("DuplicateListener"),
            Code("InvalidGroup.Duplicate"),
            Code("InvalidLaunchTemplateName.AlreadyExistsException"),
            Code("CNAMEAlreadyExists"),
            Says("already exists"),
        ],
    ),
    (
        Meaning::Protected,
        &[
            Says("deletion protection is enabled"),
            Says("deletion protection enabled"),
            Says("cannot delete protected"),
            Says("instance cannot be destroyed"),
        ],
    ),
    (
        Meaning::NotEmpty,
        &[Code("BucketNotEmpty"), Code("RepositoryNotEmptyException"), Says("repository is not empty")],
    ),
    (
        Meaning::InUse,
        &[
            Code("DependencyViolation"),
            Code("DeleteConflict"),
            Code("ResourceInUse"),
            Code("ResourceInUseException"),
            Code("InvalidIPAddress.InUse"),
        ],
    ),
    (
        Meaning::Denied,
        &[
            Says("is not authorized to perform"),
            Code("AccessDenied"),
            Code("AccessDeniedException"),
            Code("UnauthorizedOperation"),
            Code("AuthorizationError"),
            Code("AuthorizationErrorException"),
            Says("statuscode: 403"),
        ],
    ),
    (
        Meaning::Throttled,
        &[
            Code("Throttling"),
            Code("ThrottlingException"),
            Code("ThrottledException"),
            Code("RequestLimitExceeded"),
            Code("TooManyRequestsException"),
            Code("SlowDown"),
            Says("rate exceeded"),
        ],
    ),
    (
        Meaning::Unreachable,
        &[
            Says("connection refused"),
            Says("no such host"),
            Says("i/o timeout"),
            Says("tls handshake timeout"),
            Says("network is unreachable"),
            Says("connection reset by peer"),
            Says("request send failed"),
        ],
    ),
    (
        Meaning::Crashed,
        &[Says("plugin did not respond"), Says("request cancelled"), Says("terraform crashed")],
    ),
    (Meaning::Cut, &[Says("execution halted"), Says("operation canceled")]),
];

/// Codes that end as those of quotas do and mean that AWS is asked too often.
const HASTE: &[&str] = &["RequestLimitExceeded"];

impl Meaning {
    /// What a message means; the code that shows it, if one does.
    pub(super) fn of(message: &str) -> (Self, Option<&str>) {
        let lower = message.to_lowercase();
        let words: Vec<&str> = message
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '.')
            .map(|word| word.trim_matches('.'))
            .filter(|word| !word.is_empty())
            .collect();
        for (meaning, signs) in TABLE {
            for sign in *signs {
                let code = |fits: &dyn Fn(&str) -> bool| words.iter().copied().find(|word| fits(word));
                let shown = match sign {
                    Says(text) if lower.contains(text) => Some(None),
                    Says(_) => None,
                    Code(wanted) => code(&|word| word == *wanted).map(Some),
                    Ends(end) => code(&|word| word.ends_with(end) && !HASTE.contains(&word)).map(Some),
                };
                if let Some(shown) = shown {
                    return (*meaning, shown);
                }
            }
        }
        (Self::Other, None)
    }

    /// In plain words; none for what has none.
    pub const fn words(self) -> Option<&'static str> {
        Some(match self {
            Self::Locked => "somebody else is at work on this system",
            Self::Expired => "the AWS credentials have expired",
            Self::Unknown => "AWS does not accept these credentials",
            Self::Denied => "a permission is missing",
            Self::Quota => "the account is allowed no more of these",
            Self::Capacity => "AWS has no room left for this, there and now",
            Self::Taken => "there is already something of that name that this system's state does not know",
            Self::Lingering => "something of that name is still being deleted, and the name is not free yet",
            Self::Stale => "the system changed after the plan was made",
            Self::Unsaved => "what was done could not be written down in the state",
            Self::Newer => "the state was written by a newer version",
            Self::Edited => "the state was edited, or is another system's",
            Self::Unprepared => "Terraform is not prepared for this folder",
            Self::NoProvider => "Terraform cannot get the AWS provider",
            Self::NoBucket => "the bucket of states is not there",
            Self::Protected => "it is protected against being deleted",
            Self::NotEmpty => "it is not empty, so that AWS does not delete it",
            Self::InUse => "something else still uses it",
            Self::Throttled => "AWS was asked too often at once",
            Self::Unreachable => "nobody answers",
            Self::Crashed => "the AWS provider broke down",
            Self::Cut => "it was cut off when the run was stopped",
            Self::Other => return None,
        })
    }

    /// What to do; none where only the message can tell.
    pub const fn next(self) -> Option<&'static str> {
        Some(match self {
            Self::Locked => "wait for them, or end their lock if they are gone",
            Self::Expired => {
                "renew them (`aws sso login`, or as you got them) and run the same command again: it goes on from here"
            }
            Self::Unknown => "set others (`aws configure`, AWS_PROFILE) and run the same command again",
            Self::Denied => {
                "give it to the role that deploys and run the same command again: it goes on from here"
            }
            Self::Quota => {
                "ask for a higher quota (Service Quotas in the console) or remove what is not used, then run the same command again"
            }
            Self::Capacity => "choose another size or another zone, or try again later",
            Self::Taken => {
                "if it is from a run that was cut off, delete it; if it is somebody else's, give the system another name; then run the same command again"
            }
            Self::Lingering => "wait until it is gone, or give the system another name",
            Self::Stale => "run the same command again: it plans anew",
            Self::Unsaved => "run the same command again on this machine: it saves the state first",
            Self::Newer => "install that version or a newer one (Terraform, or its AWS provider)",
            Self::Edited => "bring back the version before from the bucket of states, which keeps them all",
            Self::Unprepared => "run the same command again",
            Self::NoProvider => {
                "is there a network, is a proxy needed (HTTPS_PROXY), does a mirror hold it (TF_CLI_CONFIG_FILE)?"
            }
            Self::NoBucket => "run `terrace deploy`, which makes it",
            Self::Protected => "switch the protection off with a deployment first",
            Self::NotEmpty => "empty it, then run the same command again",
            Self::InUse => "find what uses it in the console and remove that first",
            Self::Throttled | Self::Unreachable | Self::Crashed | Self::Cut => {
                "run the same command again: it goes on from here"
            }
            Self::Other => return None,
        })
    }
}
