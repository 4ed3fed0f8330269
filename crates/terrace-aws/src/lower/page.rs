//! The bucket of the page, or of its hashed assets, and who may read it: one distribution.

use terrace_topology::{Assets, Shape};

use super::Draft;
use super::storage::{self, Wish};
use crate::resource::{Bucket, CdnDistribution};
use crate::{Arn, Concern, Label, PrincipalKind, Ref, Statement, Text};

/// For how many days former files are kept: a release of the page can be taken back for as long.
const FORMER_DAYS: u32 = 30;

/// What the bucket holds: the whole page, or only files whose names change with their content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    Page,
    Assets,
}

impl Holds {
    /// What of the page is in a bucket, if anything is.
    pub(crate) fn of(draft: &Draft<'_>) -> Option<Self> {
        match (draft.topology.shape, draft.topology.web.assets) {
            (Shape::Containers, _) => Some(Self::Page),
            (Shape::Machines, Assets::Cdn) => Some(Self::Assets),
            (Shape::Machines, Assets::Machines) => None,
        }
    }

    pub(crate) const fn part(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Assets => "assets",
        }
    }
}

/// The bucket, readable by that distribution and nobody else.
pub(crate) fn bucket(
    draft: &mut Draft<'_>,
    holds: Holds,
    distribution: &Ref<CdnDistribution>,
) -> Ref<Bucket> {
    let bucket = storage::bucket(holds.part());
    let source = [Text::from(distribution.attribute::<Arn>())];
    let statements = vec![
        Statement::allow("OwnDistribution", ["s3:GetObject"])
            .to(PrincipalKind::Service, "cloudfront.amazonaws.com")
            .on([storage::objects(&bucket, "")])
            .when("StringEquals", "aws:SourceArn", source.clone()),
        // Without it S3 says 403 of a file that is not there, and not 404.
        Statement::allow("OwnDistributionSeesWhatIsMissing", ["s3:ListBucket"])
            .to(PrincipalKind::Service, "cloudfront.amazonaws.com")
            .on([Text::from(bucket.attribute::<Arn>())])
            .when("StringEquals", "aws:SourceArn", source),
    ];
    let why = match holds {
        Holds::Page => vec![
            "The built page. Private: only the distribution reads it. It may list the bucket too, so that S3 says 404",
            "of a missing file and not 403; no query string ever reaches S3, so nobody else sees a list.",
        ],
        Holds::Assets => vec![
            "Files whose names change with their content; the web tier serves the rest. Private: only the",
            "distribution reads it.",
        ],
    };
    let wish = Wish {
        part: holds.part(),
        concern: Concern::Web,
        why,
        key: None,
        expires: None,
        former: FORMER_DAYS,
        statements,
    };
    storage::private(draft, wish).bucket
}

/// The distribution, before it is there: bucket and distribution refer to each other.
pub(crate) fn distribution() -> Ref<CdnDistribution> {
    Ref::new(Label::from_words(&["main"]))
}

/// What is done with paths of the page before the bucket is asked, as a function of CloudFront.
///
/// It sees requests for the page alone, never an API's: an answer of 404 from the API stays what it is, which
/// custom error responses, being for the whole distribution, would replace.
///
/// Unlike the edge on machines it cannot look whether there is a file: what ends like the name of one is one.
pub(crate) const fn function(single_page: bool) -> &'static str {
    if single_page { SINGLE_PAGE } else { FOLDERS }
}

const SINGLE_PAGE: &str = r"// What does not end like a file (.js, .png) is a place within the page: index.html, which finds it itself.
// A file that is missing stays missing.
function handler(event) {
  var request = event.request;
  var isFile = /\.[0-9]*[A-Za-z][0-9A-Za-z]*$/.test(request.uri);
  if (!isFile && !request.uri.startsWith('/.well-known/')) {
    request.uri = '/index.html';
  }
  return request;
}
";

const FOLDERS: &str = r"// What does not end like a file (.js, .png) is a folder: it is served by the index.html in it, as web servers do.
function handler(event) {
  var request = event.request;
  var isFile = /\.[0-9]*[A-Za-z][0-9A-Za-z]*$/.test(request.uri);
  if (request.uri.endsWith('/')) {
    request.uri += 'index.html';
  } else if (!isFile && !request.uri.startsWith('/.well-known/')) {
    request.uri += '/index.html';
  }
  return request;
}
";
