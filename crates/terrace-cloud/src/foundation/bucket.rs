//! The bucket, one for an account and a region: found, made, made whole.
//!
//! A tag tells that it is ours and how far it is made: the first thing that a new bucket gets and, with another value, the
//! last; so one call finds a whole one.
//! "CreateBucket", "GetBucketTagging", Amazon S3 API Reference.

use terrace_account::objects::{Bucket, Method};
use terrace_account::{Account, Refusal, Xml, partition};

use crate::foundation::part::{Names, PARTS, Part, document};
use crate::foundation::{Event, FoundationError, Piece, Place};

/// The tag's key.
const TAG: &str = "terrace:foundation";
/// The tag's value while it is being made.
const MAKING: &str = "making";
/// The tag's value when it is whole; a greater one when a later Terrace needs more of it.
const WHOLE: u32 = 1;

/// The bucket of states and releases, and where it is.
#[derive(Clone, Debug)]
pub struct Foundation {
    pub(crate) bucket: Bucket,
    place: Place,
    /// It is asked without TLS: an emulator on this machine.
    plain: bool,
}

/// How closely a bucket is looked at that says it is whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Care {
    /// It is believed: one call.
    Quick,
    /// Each part of it is read, and set again if somebody has changed it.
    Whole,
}

/// What a look at the bucket tells.
enum Found {
    Nothing,
    /// There, with these tags.
    Tagged(Vec<(String, String)>),
}

impl Foundation {
    /// Finds it; none if there is no such bucket, or it is not whole yet.
    ///
    /// # Errors
    /// If it is not ours or elsewhere, or AWS refuses.
    pub async fn find(account: &Account, place: &Place) -> Result<Option<Self>, FoundationError> {
        let this = Self::of(account, place)?;
        Ok(match this.look().await? {
            Found::Tagged(tags) if this.is_whole(&tags)? => Some(this),
            _ => None,
        })
    }

    /// Finds it, or makes it whole.
    ///
    /// # Errors
    /// If it is not ours or elsewhere, or AWS refuses. Run again, it goes on.
    pub async fn ensure(
        account: &Account,
        place: &Place,
        care: Care,
        events: impl Fn(Event),
    ) -> Result<Self, FoundationError> {
        let this = Self::of(account, place)?;
        let piece = Piece::Bucket(this.bucket.name().to_string());
        let mut others = Vec::new();
        match this.look().await? {
            Found::Nothing => {
                events(Event::Making(piece.clone()));
                this.make().await?;
                this.tag(MAKING, &others).await?;
            }
            Found::Tagged(tags) => {
                let ours = tags.iter().any(|(key, _)| key == TAG);
                if this.is_whole(&tags)? && care == Care::Quick {
                    events(Event::There(piece));
                    return Ok(this);
                }
                if !ours {
                    this.adoptable(&tags).await?;
                    this.tag(MAKING, &others).await?;
                }
                others = tags.into_iter().filter(|(key, _)| key != TAG).collect();
                events(Event::There(piece.clone()));
            }
        }
        // Where there is no TLS, the rule that asks for it would lock us out ourselves.
        for part in PARTS.iter().filter(|part| !(part.query == "policy" && this.plain)) {
            this.set(part, &events).await?;
        }
        this.tag(&WHOLE.to_string(), &others).await?;
        events(Event::Made(piece));
        Ok(this)
    }

    fn of(account: &Account, place: &Place) -> Result<Self, FoundationError> {
        let bucket = Bucket::new(account, place.bucket()?);
        let bucket = bucket.within(&place.region).owned_by(place.account.as_str());
        let plain = account.endpoint().is_some_and(|endpoint| endpoint.starts_with("http://"));
        Ok(Self { bucket, place: place.clone(), plain })
    }

    /// The bucket, which S3 refuses if it is another account's.
    pub fn bucket(&self) -> &Bucket {
        &self.bucket
    }

    /// Where it is.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Whether the tags say that it is whole.
    fn is_whole(&self, tags: &[(String, String)]) -> Result<bool, FoundationError> {
        let Some((_, value)) = tags.iter().find(|(key, _)| key == TAG) else { return Ok(false) };
        match value.parse::<u32>() {
            Ok(made) if made > WHOLE => Err(FoundationError::Newer {
                bucket: self.bucket.name().to_string(),
                found: value.clone(),
                known: WHOLE,
            }),
            made => Ok(made == Ok(WHOLE)),
        }
    }

    async fn look(&self) -> Result<Found, FoundationError> {
        let refusal = match self.bucket.ask(Method::Get, "tagging", &[], "").await {
            Ok(answer) => {
                let tags = Xml::parse(&answer.text()).unwrap_or_default();
                let word = |tag: &Xml, name: &str| tag.word(name).unwrap_or_default().to_owned();
                let tags = tags.list("TagSet").map(|tag| (word(tag, "Key"), word(tag, "Value")));
                return Ok(Found::Tagged(tags.collect()));
            }
            Err(refusal) => refusal,
        };
        match refusal.code() {
            "NoSuchBucket" => Ok(Found::Nothing),
            "NoSuchTagSet" => Ok(Found::Tagged(Vec::new())),
            _ => Err(self.refused("reading the tags of", refusal)),
        }
    }

    /// What a refusal means that concerns the bucket as a whole.
    fn refused(&self, doing: &str, refusal: Refusal) -> FoundationError {
        let bucket = self.bucket.name().to_string();
        if let Some(found) = refusal.region().filter(|found| *found != self.place.region) {
            let (found, expected) = (found.to_owned(), self.place.region.clone());
            return FoundationError::Elsewhere { bucket, found, expected };
        }
        // A permission that is missing names itself; S3 says no more than this to strangers.
        let strange = refusal.is_denied() && refusal.denial().is_none();
        if strange || refusal.code() == "BucketAlreadyExists" {
            return FoundationError::NotOurs { bucket, account: self.place.account.to_string() };
        }
        FoundationError::refused(format!("{doing} the bucket {bucket}"))(refusal)
    }

    async fn make(&self) -> Result<(), FoundationError> {
        let region = &self.place.region;
        let text = match region.as_str() {
            "us-east-1" => String::new(),
            _ => document(
                "CreateBucketConfiguration",
                &format!("<LocationConstraint>{region}</LocationConstraint>"),
            ),
        };
        match self.bucket.ask(Method::Put, "", &[], &text).await {
            // By a run that was cut off, or by another that began at the same time.
            Err(refusal) if refusal.code() == "BucketAlreadyOwnedByYou" => Ok(()),
            Err(refusal) => Err(self.refused("making", refusal)),
            Ok(_) => Ok(()),
        }
    }

    /// A bucket of ours that was not tagged yet is bare: no tags, and nothing in it.
    async fn adoptable(&self, tags: &[(String, String)]) -> Result<(), FoundationError> {
        let bucket = self.bucket.name();
        let query = "max-keys=1&versions";
        let answer = self.bucket.ask(Method::Get, query, &[], "").await;
        let answer = answer.map_err(|refusal| self.refused("listing", refusal))?;
        let inside = Xml::parse(&answer.text()).unwrap_or_default();
        let bare = inside.find("Version").is_none() && inside.find("DeleteMarker").is_none();
        if tags.is_empty() && bare {
            return Ok(());
        }
        let tag = format!("{TAG} = {MAKING}");
        Err(FoundationError::Stranger {
            what: format!("the bucket {bucket}"),
            tag: tag.clone(),
            adopt: format!(
                "aws s3api put-bucket-tagging --bucket {bucket} --tagging 'TagSet=[{{Key={TAG},Value={MAKING}}}]'"
            ),
        })
    }

    async fn tag(&self, value: &str, others: &[(String, String)]) -> Result<(), FoundationError> {
        let ours = (TAG.to_owned(), value.to_owned());
        let tags = std::iter::once(&ours).chain(others).map(|(key, value)| {
            format!("<Tag><Key>{}</Key><Value>{}</Value></Tag>", escaped(key), escaped(value))
        });
        let text = document("Tagging", &format!("<TagSet>{}</TagSet>", tags.collect::<String>()));
        let answer =
            self.bucket.ask(Method::Put, "tagging", &[("content-type", "application/xml")], &text).await;
        answer.map(drop).map_err(|refusal| self.refused("tagging", refusal))
    }

    async fn set(&self, part: &Part, events: &impl Fn(Event)) -> Result<(), FoundationError> {
        let bucket = self.bucket.name();
        let names = Names { bucket: bucket.to_string(), partition: partition(&self.place.region) };
        let found = match self.bucket.ask(Method::Get, part.query, &[], "").await {
            Ok(answer) => Some(answer.text()),
            Err(refusal) if !part.none.is_empty() && refusal.code() == part.none => None,
            Err(refusal) => return Err(self.refused(&format!("reading the {} of", part.called), refusal)),
        };
        let found = found.as_ref().map(|text| text.as_str());
        let piece = Piece::Part(part.called);
        if found.is_some_and(|text| (part.right)(text, &names)) {
            events(Event::There(piece));
            return Ok(());
        }
        let Some(text) = (part.text)(&names, found) else {
            events(Event::Left(piece, "somebody has set rules of their own"));
            return Ok(());
        };
        events(Event::Making(piece.clone()));
        let answer = self.bucket.ask(Method::Put, part.query, &[], &text).await;
        answer.map_err(|refusal| self.refused(&format!("setting the {} of", part.called), refusal))?;
        events(Event::Made(piece));
        Ok(())
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
