//! A static build as an OCI image (image-spec v1.1): executables, files, certificates and time zones come in as values, and
//! layers, configuration, manifest and index go out as bytes.
//!
//! Nothing is read from a machine: the caller says where an executable, a PEM bundle ([`Certificates`]) and a zoneinfo tree
//! ([`TimeZones`]) come from. What is in an image besides: `/etc/passwd`, `/etc/group`, a home and a `/tmp`. No shell.
//!
//! ```
//! # fn image(elf: Vec<u8>, pem: Vec<u8>) -> Result<terrace_image::Image, terrace_image::ImageError> {
//! use terrace_image::{Architecture, Certificates, Executable, ImagePath, Label, Labels, Recipe};
//!
//! let program = Executable::new(elf, Architecture::Arm64)?;
//! Recipe::new(ImagePath::new("/app/items-api")?, program)
//!     .certificates(Certificates::new(pem)?)
//!     .variable("LOG_LEVEL", "info")?
//!     .labels(Labels::default().with(Label::Revision, "0123abc"))
//!     .image()
//! # }
//! ```
//!
//! [`Image::open`] reads an image that another tool has made, and [`Image::over`] puts more on top of one.
//!
//! GUARANTEE: equal values give equal bytes on every machine. No clock, no order of a hash, no user of the host comes in; the
//! compressor is one crate at one level, and a golden digest in the tests tells when a new version of it packs otherwise.

mod blob;
mod certificates;
mod digest;
mod document;
mod error;
mod executable;
mod gzip;
mod image;
mod label;
mod layer;
mod layout;
mod opened;
mod over;
mod path;
mod platform;
mod recipe;
mod timestamp;
mod tree;
mod zones;

pub use blob::{Blob, Descriptor, MediaType};
pub use certificates::Certificates;
pub use digest::{Digest, DigestError};
pub use error::ImageError;
pub use executable::Executable;
pub use image::{Image, Index};
pub use label::{Label, Labels};
pub use layer::{Compression, Layer};
pub use layout::{LAYOUT_INDEX, layout};
pub use over::Start;
pub use path::{ImagePath, PathError};
pub use platform::{Architecture, ArchitectureError};
pub use recipe::{Recipe, User};
pub use timestamp::Timestamp;
pub use tree::{Mode, Node, Owner, Tree};
pub use zones::TimeZones;
