//! Distributions: CreateInvalidation, which the same caller reference makes once, and GetInvalidation.

use terrace_stand_in::Answer;

use super::{Request, World};

/// A distribution.
#[derive(Clone, Debug, Default)]
pub(crate) struct Distribution {
    /// Each is looked at so often before it is completed.
    pub(crate) slow: usize,
    pub(crate) invalidations: Vec<Invalidation>,
}

/// Caller reference, paths, and how often it was looked at.
type Invalidation = (String, Vec<String>, usize);

fn place(request: &Request) -> (&str, Option<&str>) {
    let mut parts = request.path.trim_start_matches("/2020-05-31/distribution/").split("/invalidation");
    let id = parts.next().unwrap();
    (id, parts.next().and_then(|rest| rest.strip_prefix('/')))
}

pub(super) fn name(request: &Request) -> String {
    let action = if request.method == "POST" { "CreateInvalidation" } else { "GetInvalidation" };
    format!("{action} {}", place(request).0)
}

impl World {
    pub(super) fn cloudfront(&mut self, request: &Request) -> Answer {
        let (id, invalidation) = place(request);
        let Some(distribution) = self.distributions.get_mut(id) else {
            return request.error(404, "NoSuchDistribution");
        };
        let slow = distribution.slow;
        if let Some(nth) = invalidation {
            let nth: usize = nth.trim_start_matches('I').parse().unwrap();
            let Some(one) = distribution.invalidations.get_mut(nth) else {
                return request.error(404, "NoSuchInvalidation");
            };
            one.2 += 1;
            return told(200, nth, one, slow);
        }
        let text = request.text();
        let all = |name: &str| -> Vec<String> {
            let tag = format!("<{name}>");
            let parts = text.split(&tag).skip(1);
            parts.map(|part| part.split("</").next().unwrap().to_owned()).collect()
        };
        let (reference, paths) = (all("CallerReference").pop().unwrap(), all("Path"));
        assert_eq!(all("Quantity"), [paths.len().to_string()]);
        let known = distribution.invalidations.iter().position(|(one, ..)| *one == reference);
        match known {
            Some(nth) if distribution.invalidations[nth].1 != paths => {
                request.error(400, "InvalidationBatchAlreadyExists")
            }
            Some(nth) => told(201, nth, &distribution.invalidations[nth], slow),
            None => {
                distribution.invalidations.push((reference, paths, 0));
                let nth = distribution.invalidations.len() - 1;
                told(201, nth, &distribution.invalidations[nth], slow)
            }
        }
    }
}

fn told(status: u16, nth: usize, (reference, paths, looks): &Invalidation, slow: usize) -> Answer {
    let word = if *looks >= slow { "Completed" } else { "InProgress" };
    let items: String = paths.iter().map(|path| format!("<Path>{path}</Path>")).collect();
    let batch = format!(
        "<Paths><Quantity>{}</Quantity><Items>{items}</Items></Paths><CallerReference>{reference}</CallerReference>",
        paths.len()
    );
    let text = format!(
        "<Invalidation><Id>I{nth}</Id><Status>{word}</Status><CreateTime>2026-11-21T22:00:00Z</CreateTime>\
         <InvalidationBatch>{batch}</InvalidationBatch></Invalidation>"
    );
    Answer::of(status, text)
}
