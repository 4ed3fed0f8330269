//! One signed call to AWS: whose credentials, which signature, how often, and what came of it.
//!
//! [`Account`] finds region and credentials as the AWS command line does (environment, profiles, SSO, roles, containers),
//! signs with the SDK's signer, and sends with its HTTP client, through a proxy if the environment names one. [`Call`] says
//! what is asked, in any of the three forms that services have; the answer is an [`Xml`] tree, JSON or text. What AWS
//! refuses is a [`Refusal`], which says whether there is no such thing, whether a permission is missing ([`Denial`]: which
//! one, to what), or whether the credentials have expired. [`Account::sign`] signs a request that somebody else sends. [`objects`] is S3: contents that are
//! streamed, conditions, what is listed and deleted.
//!
//! GUARANTEE: every answer is bounded, passing refusals are asked again a few times, longer apart each time, and neither
//! credentials nor what a call was answered stand in any text that this crate makes, except what AWS says of a refusal.

mod account;
mod call;
mod content;
mod digest;
pub mod objects;
mod pages;
mod patience;
mod refusal;
mod request;
mod sending;
pub mod service;
mod settings;
mod xml;

pub use account::{Account, Identity};
pub use call::{Call, encoded};
pub use content::Content;
pub use digest::{NoSha256, Sha256};
pub use pages::Pages;
pub use patience::Patience;
pub use refusal::{Denial, Refusal};
pub use sending::{Answer, Told};
pub use service::{Service, partition};
pub use settings::{AccountError, Keys, Settings};
pub use xml::Xml;
