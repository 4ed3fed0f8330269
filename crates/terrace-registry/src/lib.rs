//! Brings images to a registry, and reads what is there, over the OCI distribution protocol (distribution-spec v1.1).
//!
//! [`Registry::push`] asks what the registry has and sends the rest: layers side by side, each whole or in chunks, mounted from
//! another repository where the registry can, resumed where a connection broke. What goes on is told as [`Event`]s.
//!
//! ```no_run
//! # async fn push(image: &terrace_image::Image, password: &str) -> Result<(), Box<dyn std::error::Error>> {
//! use terrace_registry::{Credentials, Endpoint, Push, Registry, Repository, Settings, Tag};
//!
//! let endpoint = Endpoint::new("123456789012.dkr.ecr.eu-central-1.amazonaws.com")?;
//! let registry = Registry::new(endpoint, Credentials::basic("AWS", password), Settings::default())?;
//! let push = Push::image(image).tag(Tag::new("release-12")?);
//! let pushed = registry.push(&Repository::new("shop/items-api")?, &push, |event| drop(event)).await?;
//! assert_eq!(pushed.digest, image.manifest().digest());
//! # Ok(())
//! # }
//! ```
//!
//! GUARANTEE: what is sent twice does no harm; no manifest is put before what it names is there. Credentials go to the registry
//! (or the token service it names, over HTTPS) and nowhere else, whatever a `Location` says; they are in no error and no event,
//! and are wiped when they are let go (their copies in requests under way are not). Every answer is bounded, and none makes it
//! panic.

mod authorisation;
mod challenge;
mod client;
mod credentials;
mod endpoint;
mod error;
mod event;
mod name;
mod patience;
mod payload;
mod pull;
mod push;
mod token;
mod upload;
mod wire;

pub use client::{Registry, Settings};
pub use credentials::Credentials;
pub use endpoint::Endpoint;
pub use error::{Place, RegistryError};
pub use event::Event;
pub use name::{NameError, Reference, Repository, Tag};
pub use push::{Push, Pushed};
