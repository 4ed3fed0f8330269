//! The version of a launch template that a release has.
//!
//! A version is never changed, and a group goes from one to another and back in one step: what is in force is so told by AWS
//! itself, whatever becomes of Terrace. `terrace:release` on the machine says which artifact it fetches.
//!
//! "CreateLaunchTemplateVersion" and "DescribeLaunchTemplateVersions", Amazon EC2 API Reference.

use terrace_account::service::EC2;
use terrace_account::{Account, Call, Refusal, Sha256, Xml};

use crate::release::record::Digest;

/// Of the interface.
pub(crate) const MACHINES: &str = "2016-11-15";
/// The tag that names a machine's release.
pub const TAG: &str = "terrace:release";
/// Whose tag it is; volumes have it as well.
const TAGGED: &str = "instance";
/// As many former versions are looked through for one that fits: a rollback finds its own.
const FORMER: u64 = 50;

/// A version of a launch template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Version {
    pub(crate) number: u64,
    data: Xml,
}

impl Version {
    fn of(xml: &Xml) -> Option<Self> {
        let number = xml.word("versionNumber")?.parse().ok()?;
        Some(Self { number, data: xml.get("launchTemplateData").cloned().unwrap_or_default() })
    }

    /// Those from a number on, or that one alone.
    pub(crate) async fn read(
        account: &Account,
        template: &str,
        from: &str,
        alone: bool,
    ) -> Result<Vec<Self>, Refusal> {
        let call = Call::query(EC2, MACHINES, "DescribeLaunchTemplateVersions");
        let call = call.with("LaunchTemplateId", template);
        let call = call.with(if alone { "LaunchTemplateVersion.1" } else { "MinVersion" }, from);
        let pages = account.pages(&call, ("nextToken", "NextToken")).await.whole()?;
        let items = pages.iter().flat_map(|page| page.list("launchTemplateVersionSet"));
        Ok(items.filter_map(Self::of).collect())
    }

    /// The artifact that its machines fetch, if it says.
    pub(crate) fn release(&self) -> Option<Digest> {
        let specifications = self.data.list("tagSpecificationSet");
        let mut own = specifications.filter(|one| one.word("resourceType") == Some(TAGGED));
        let tag = own.find_map(|one| one.list("tagSet").find(|tag| tag.word("key") == Some(TAG)))?;
        tag.word("value")?.parse::<Sha256>().ok().map(Digest::from)
    }

    /// Its image.
    fn image(&self) -> &str {
        self.data.word("imageId").unwrap_or_default()
    }

    /// Whether it is another in nothing but the release.
    fn is_like(&self, other: &Self) -> bool {
        let rest = |one: &Self| -> Vec<Xml> {
            let children = one.data.children().iter();
            children.filter(|child| child.name() != "tagSpecificationSet").cloned().collect()
        };
        rest(self) == rest(other)
    }

    /// The version like this one for an artifact: one that is there, or a new one; and whether it is new. None if EC2 does not
    /// say which it made.
    pub(crate) async fn with(
        &self,
        account: &Account,
        template: &str,
        digest: Digest,
    ) -> Result<Option<(Self, bool)>, Refusal> {
        let oldest = self.number.saturating_sub(FORMER).max(1);
        let there = Self::read(account, template, &oldest.to_string(), false).await?;
        let fits = |one: &Self| one.release() == Some(digest) && one.is_like(self);
        if let Some(found) = there.into_iter().rev().find(fits) {
            return Ok(Some((found, false)));
        }
        let (hex, image) = (digest.sha256().hex(), self.image());
        // The same question within a day is the same version, however often it is asked.
        let token = Sha256::of(format!("{template} {} {hex} {image}", self.number).as_bytes());
        let mut call = Call::query(EC2, MACHINES, "CreateLaunchTemplateVersion")
            .with("LaunchTemplateId", template)
            .with("SourceVersion", &self.number.to_string())
            .with("ClientToken", &token.hex())
            .with("LaunchTemplateData.ImageId", image);
        for (name, value) in self.tagged("LaunchTemplateData.TagSpecification", &[(TAG, &hex)]) {
            call = call.with(&name, &value);
        }
        let answer = account.xml(&call).await?;
        Ok(answer.find("launchTemplateVersion").and_then(Self::of).map(|made| (made, true)))
    }

    /// The fields, by the name of their list, that say its tags again with others in the place of its own: what is given
    /// replaces the whole list.
    pub(crate) fn tagged(&self, list: &str, others: &[(&str, &str)]) -> Vec<(String, String)> {
        let mut kinds: Vec<(String, Vec<(String, String)>)> = Vec::new();
        let stays = |(key, _): &(String, String)| !others.iter().any(|(other, _)| key == other);
        for one in self.data.list("tagSpecificationSet") {
            let pair = |tag: &Xml| {
                let word = |name| tag.word(name).unwrap_or_default().to_owned();
                (word("key"), word("value"))
            };
            let kind = one.word("resourceType").unwrap_or_default().to_owned();
            kinds.push((kind, one.list("tagSet").map(pair).filter(stays).collect()));
        }
        if !kinds.iter().any(|(kind, _)| kind == TAGGED) {
            kinds.push((TAGGED.to_owned(), Vec::new()));
        }
        let mut fields = Vec::new();
        for (nth, (kind, mut tags)) in kinds.into_iter().enumerate() {
            let name = format!("{list}.{}", nth + 1);
            fields.push((format!("{name}.ResourceType"), kind));
            tags.extend(others.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
            for (nth, (key, value)) in tags.into_iter().enumerate() {
                fields.push((format!("{name}.Tag.{}.Key", nth + 1), key));
                fields.push((format!("{name}.Tag.{}.Value", nth + 1), value));
            }
        }
        fields
    }
}
