//! Having the distribution forget what it keeps of paths that changed.
//!
//! "CreateInvalidation" and "GetInvalidation", Amazon CloudFront API Reference. The caller reference makes it idempotent: the
//! same reference with the same paths gives the same invalidation again.

use std::collections::BTreeSet;

use terrace_account::service::CLOUDFRONT;
use terrace_account::{Account, Call, Refusal, Xml, encoded};

use super::Event;
use crate::deployed::Distribution;
use crate::release::record::Digest;
use crate::release::{Failure, Pace};

/// More paths than these are told as all of them.
const MOST: usize = 15;
/// As often a call is made again whose connection broke.
const TRIES: usize = 3;

/// The paths of changed files, as an invalidation has them.
pub(crate) fn paths<'a>(changed: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut paths = BTreeSet::new();
    for path in changed {
        let whole = path.split('/').map(encoded).collect::<Vec<_>>().join("/");
        // What is asked for as a folder is served by the index in it.
        if let Some(folder) =
            whole.strip_suffix("index.html").filter(|before| before.is_empty() || before.ends_with('/'))
        {
            paths.insert(format!("/{folder}"));
        }
        paths.insert(format!("/{whole}"));
    }
    if paths.len() > MOST { vec!["/*".to_owned()] } else { paths.into_iter().collect() }
}

/// Begins the invalidation of the paths, and waits until it is done.
pub(crate) async fn invalidated(
    account: &Account,
    distribution: &Distribution,
    (paths, reference): (&[String], &str),
    pace: Pace,
    events: &(dyn Fn(Event) + Send + Sync),
) -> Result<(), Failure> {
    let refused = |refusal: &Refusal| {
        Failure::refused(format!("distribution {distribution} was not told what changed"), refusal)
    };
    let digest = Digest::of(paths.join("\n").as_bytes()).sha256().hex();
    let reference = format!("{reference}-{}", digest.get(..16).unwrap_or_default());
    let place = format!("/2020-05-31/distribution/{distribution}/invalidation");
    let batch = document(paths, &reference);
    let call =
        Call::rest(CLOUDFRONT, "CreateInvalidation", "POST", (&place, "")).sent("application/xml", &batch);
    let (mut cuts, mut asked) = (0, 0);
    let made = loop {
        match account.xml(&call).await {
            Ok(made) => break made,
            Err(refusal) if refusal.is_cut() && cuts < TRIES => cuts += 1,
            Err(refusal) if refusal.code() == "TooManyInvalidationsInProgress" && asked < pace.most => {
                asked += 1;
                pace.wait().await;
            }
            Err(refusal) => return Err(refused(&refusal)),
        }
    };
    events(Event::Invalidating { paths: paths.to_vec() });
    let mut status = word(&made, "Status");
    let id = word(&made, "Id");
    let own = format!("{place}/{id}");
    let look = Call::path(CLOUDFRONT, "GetInvalidation", &own, "");
    while status != "Completed" {
        if asked >= pace.most {
            let why = format!("invalidation {id} is `{status}` still");
            let next =
                "nothing: CloudFront goes on by itself; some visitors may see the page before until then";
            return Err(Failure::found("the distribution takes too long to forget", why, next));
        }
        asked += 1;
        pace.wait().await;
        status = word(&account.xml(&look).await.map_err(|refusal| refused(&refusal))?, "Status");
    }
    events(Event::Invalidated);
    Ok(())
}

fn word(xml: &Xml, name: &str) -> String {
    xml.word(name).unwrap_or_default().to_owned()
}

fn document(paths: &[String], reference: &str) -> String {
    // Paths are encoded, references are names: nothing in them has to be escaped.
    let items: String = paths.iter().map(|path| format!("<Path>{path}</Path>")).collect();
    format!(
        "<InvalidationBatch xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\"><Paths><Quantity>{}</Quantity>\
         <Items>{items}</Items></Paths><CallerReference>{reference}</CallerReference></InvalidationBatch>",
        paths.len()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_encoded_and_folders_are_told_with_their_index() {
        let told = paths(["index.html", "docs/index.html", "a b/ä.png", "myindex.html"].into_iter());
        assert_eq!(
            told,
            ["/", "/a%20b/%C3%A4.png", "/docs/", "/docs/index.html", "/index.html", "/myindex.html"]
        );
        let many: Vec<String> = (0..16).map(|nth| format!("{nth}.png")).collect();
        assert_eq!(paths(many.iter().map(String::as_str)), ["/*"]);
        assert_eq!(paths(many.iter().take(15).map(String::as_str)).len(), 15);
    }
}
