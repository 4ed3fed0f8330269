//! The bucket that releases lie in, and the first of them.
//!
//! A release is a folder: the page, the service, the programs that serve and start them, the certificates of RDS,
//! and the sums of all. `releases/current` names the one that images are made from.

use std::collections::BTreeMap;

use terrace_topology::{Topology, WebServer};

use super::super::{Draft, storage};
use crate::resource::{Bucket, BucketObject, KmsKey};
use crate::{Address, Arn, Concern, Ref, Text};

/// The bucket, and what has to be in it before an image can be made.
pub(super) struct Artifacts {
    pub(super) bucket: Ref<Bucket>,
    pub(super) first: Vec<Option<Address>>,
}

/// What a release of this system consists of; the first lies in the folder `artifacts` beside the export's files.
fn files(topology: &Topology) -> Vec<String> {
    let mut files = vec!["SHA256SUMS".to_owned(), "rds-ca.pem".to_owned(), "terrace-boot".to_owned()];
    if topology.web.server == WebServer::Terrace {
        files.push("terrace-edge".to_owned());
    }
    files.push("page.tar.gz".to_owned());
    files.extend(topology.services.keys().map(|party| format!("{party}.tar.gz")));
    files.sort();
    files
}

pub(super) fn lower(draft: &mut Draft<'_>, key: &Ref<KmsKey>) -> Artifacts {
    let made = storage::private(
        draft,
        storage::Wish {
            part: "artifacts",
            concern: Concern::App,
            why: vec![
                "What images are made from: releases, each in a folder of its own. Images hold a copy, so",
                "machines never read it.",
            ],
            key: Some(key.attribute::<Arn>()),
            expires: None,
            former: 90,
            statements: Vec::new(),
        },
    );
    let mut first = vec![made.policy.address()];
    let mut why =
        Some("The first release, from the folder beside this file; later ones are put there by releases.");
    for file in files(draft.topology) {
        let label = format!("initial_{}", file.replace(['.', '-'], "_"));
        let place = draft.place(Concern::App, &[&label]).ignoring(&["source"]);
        let place = match why.take() {
            Some(why) => place.why(why),
            None => place,
        };
        let object = place.put(BucketObject {
            bucket: made.bucket.clone(),
            key: Text::from(format!("releases/initial/{file}")),
            source: Some(Text::from(format!("artifacts/{file}"))),
            content: None,
            content_type: None,
            tags: BTreeMap::new(),
        });
        first.push(object.address());
    }
    let current = draft
        .place(Concern::App, &["current"])
        .why("The release that images are made from; a release writes its name here.")
        .ignoring(&["content"])
        .put(BucketObject {
            bucket: made.bucket.clone(),
            key: Text::from("releases/current"),
            source: None,
            content: Some(Text::from("initial")),
            content_type: Some(Text::from("text/plain")),
            tags: BTreeMap::new(),
        });
    first.push(current.address());
    Artifacts { bucket: made.bucket, first }
}
