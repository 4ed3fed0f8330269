//! What an image is to hold and how it starts, and the way from there to the image.

use std::collections::{BTreeMap, BTreeSet};

use terrace_net::Port;

use crate::blob::MediaType;
use crate::certificates::{BUNDLE, Certificates};
use crate::document::{Configuration, Execution, History, Manifest, RootFileSystem, set, written};
use crate::error::ImageError;
use crate::executable::Executable;
use crate::image::Image;
use crate::label::Labels;
use crate::layer::{Compression, Directories, Layer};
use crate::path::ImagePath;
use crate::platform::Architecture;
use crate::timestamp::Timestamp;
use crate::tree::{Mode, Node, Owner, Tree};
use crate::zones::TimeZones;

/// Whom the application runs as: a user and a group of one number, never root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    name: String,
    number: u32,
}

impl User {
    /// A user with a name of small letters and a number that is neither root's nor the one that means nobody.
    pub fn new(name: &str, number: u32) -> Result<Self, ImageError> {
        let letters =
            !name.is_empty() && name.len() <= 31 && name.bytes().all(|byte| byte.is_ascii_lowercase());
        if !letters || name == "root" || number == 0 || number == u32::MAX {
            return Err(ImageError::User { found: format!("{} ({number})", name.escape_debug()) });
        }
        Ok(Self { name: name.to_owned(), number })
    }

    fn owner(&self) -> Owner {
        Owner { user: self.number, group: self.number }
    }
}

impl Default for User {
    /// `nonroot`, 65532, as distroless images have it.
    fn default() -> Self {
        Self { name: "nonroot".to_owned(), number: 65532 }
    }
}

/// What an image is to hold and how it starts.
///
/// The layers come in this order, so that a release sends no more than its program: users and `/tmp`, certificates, time zones,
/// files in the order in which they were given, programs likewise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipe {
    architecture: Architecture,
    user: User,
    certificates: Option<Certificates>,
    zones: Option<TimeZones>,
    parts: Vec<(String, Tree)>,
    programs: Vec<(ImagePath, Executable)>,
    entrypoint: Vec<String>,
    arguments: Vec<String>,
    directory: Option<ImagePath>,
    environment: BTreeMap<String, String>,
    ports: BTreeSet<Port>,
    labels: Labels,
    time: Timestamp,
    compression: Compression,
}

impl Recipe {
    /// An image that starts this program, which is at this path.
    pub fn new(path: ImagePath, program: Executable) -> Self {
        Self {
            architecture: program.architecture(),
            user: User::default(),
            certificates: None,
            zones: None,
            parts: Vec::new(),
            entrypoint: vec![path.to_string()],
            programs: vec![(path, program)],
            arguments: Vec::new(),
            directory: None,
            environment: BTreeMap::new(),
            ports: BTreeSet::new(),
            labels: Labels::default(),
            time: Timestamp::default(),
            compression: Compression::default(),
        }
    }

    /// As another user than `nonroot`.
    #[must_use]
    pub fn user(mut self, user: User) -> Self {
        self.user = user;
        self
    }

    /// With certificates to trust.
    #[must_use]
    pub fn certificates(mut self, certificates: Certificates) -> Self {
        self.certificates = Some(certificates);
        self
    }

    /// With time zones.
    #[must_use]
    pub fn time_zones(mut self, zones: TimeZones) -> Self {
        self.zones = Some(zones);
        self
    }

    /// With files in a layer of their own; the title says what they are. An empty tree makes no layer.
    #[must_use]
    pub fn files(mut self, title: &str, files: Tree) -> Self {
        self.parts.push((title.to_owned(), files));
        self
    }

    /// With a second program, below the first, such as one that starts it.
    pub fn program(mut self, path: ImagePath, program: Executable) -> Result<Self, ImageError> {
        if program.architecture() != self.architecture {
            let found = program.architecture().to_string();
            return Err(ImageError::OtherMachine { found, asked: self.architecture });
        }
        self.programs.insert(0, (path, program));
        Ok(self)
    }

    /// Started by this command instead of the program alone; its first word is the path of one of the programs.
    #[must_use]
    pub fn entrypoint<S: Into<String>>(mut self, command: impl IntoIterator<Item = S>) -> Self {
        self.entrypoint = command.into_iter().map(Into::into).collect();
        self
    }

    /// With arguments that whoever runs it may replace (`Cmd`).
    #[must_use]
    pub fn arguments<S: Into<String>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.arguments = arguments.into_iter().map(Into::into).collect();
        self
    }

    /// Started in this directory, which the image gets if it does not have it; else in `/`.
    #[must_use]
    pub fn directory(mut self, path: ImagePath) -> Self {
        self.directory = Some(path);
        self
    }

    /// With a variable in the environment. Whoever pulls the image reads it: never a secret.
    pub fn variable(mut self, name: &str, value: &str) -> Result<Self, ImageError> {
        if name.is_empty() || name.contains(['=', '\0']) || value.contains('\0') {
            return Err(ImageError::Variable { name: name.escape_debug().to_string() });
        }
        self.environment.insert(name.to_owned(), value.to_owned());
        Ok(self)
    }

    /// Listening on this port (TCP). It says so; it opens nothing.
    #[must_use]
    pub fn port(mut self, port: Port) -> Self {
        self.ports.insert(port);
        self
    }

    /// With these labels.
    #[must_use]
    pub fn labels(mut self, labels: Labels) -> Self {
        self.labels = labels;
        self
    }

    /// As if made at this time.
    #[must_use]
    pub fn time(mut self, time: Timestamp) -> Self {
        self.time = time;
        self
    }

    /// Packed in this way.
    #[must_use]
    pub fn compression(mut self, compression: Compression) -> Self {
        self.compression = compression;
        self
    }

    /// The image.
    pub fn image(&self) -> Result<Image, ImageError> {
        self.check_command()?;
        let trees = self.trees()?;
        check_paths(&trees)?;
        let mut directories = Directories::new();
        let mut layers = Vec::with_capacity(trees.len());
        for (title, tree) in trees.iter().filter(|(_, tree)| !tree.is_empty()) {
            layers.push(Layer::pack_over(title, tree, &mut directories, self.time, self.compression)?);
        }
        let config = written(MediaType::Config, &self.configuration(&layers))?;
        let mut annotations = self.labels.as_map().clone();
        annotations.insert(CREATED.to_owned(), self.time.rfc3339());
        let manifest = Manifest {
            schema_version: 2,
            media_type: MediaType::Manifest,
            config: config.descriptor(),
            layers: layers.iter().map(|layer| layer.blob().descriptor()).collect(),
            annotations: &annotations,
        };
        let manifest = written(MediaType::Manifest, &manifest)?;
        Ok(Image { architecture: self.architecture, layers, config, manifest })
    }

    fn check_command(&self) -> Result<(), ImageError> {
        let is_there = |command: &String| self.programs.iter().any(|(path, _)| path.as_str() == command);
        if self.entrypoint.iter().chain(&self.arguments).any(|word| word.contains('\0')) {
            return Err(ImageError::Argument);
        }
        if !self.entrypoint.first().is_some_and(is_there) {
            let programs: Vec<&str> = self.programs.iter().map(|(path, _)| path.as_str()).collect();
            let command = self.entrypoint.first().cloned().unwrap_or_default();
            return Err(ImageError::Entrypoint { command, programs: programs.join(", ") });
        }
        Ok(())
    }

    /// What each layer holds.
    fn trees(&self) -> Result<Vec<(String, Tree)>, ImageError> {
        let mut trees = vec![("users and directories".to_owned(), self.base()?)];
        if let Some(certificates) = &self.certificates {
            trees.push(("certificates".to_owned(), certificates.tree()?));
        }
        if let Some(zones) = &self.zones {
            trees.push(("time zones".to_owned(), zones.tree().clone()));
        }
        trees.extend(self.parts.iter().cloned());
        for (path, program) in &self.programs {
            let title = format!("program {path}");
            trees.push((title, Tree::default().with(path.clone(), Node::program(program.bytes().clone()))?));
        }
        Ok(trees)
    }

    /// Users, a home, a place for files that pass.
    fn base(&self) -> Result<Tree, ImageError> {
        let User { name, number } = &self.user;
        let home = format!("/home/{name}");
        let passwd = format!(
            "root:x:0:0:root:/root:/sbin/nologin\n{name}:x:{number}:{number}:{name}:{home}:/sbin/nologin\n"
        );
        let group = format!("root:x:0:\n{name}:x:{number}:\n");
        let path = |text: &str| ImagePath::new(text);
        let private = Node::Directory { mode: Mode::new(0o700)?, owner: self.user.owner() };
        let mut tree = Tree::default()
            .with(path("/etc/passwd")?, Node::file(passwd))?
            .with(path("/etc/group")?, Node::file(group))?
            .with(path(&home)?, private)?
            .with(path("/tmp")?, Node::Directory { mode: Mode::SHARED, owner: Owner::ROOT })?;
        if let Some(directory) = &self.directory {
            let programs = self.programs.iter().any(|(path, _)| path == directory);
            let given: Vec<&Node> = self.parts.iter().filter_map(|(_, tree)| tree.get(directory)).collect();
            if programs || given.iter().any(|node| !matches!(node, Node::Directory { .. })) {
                return Err(ImageError::WorkingDirectory { path: directory.clone() });
            }
            if given.is_empty() && tree.get(directory).is_none() {
                tree.insert(
                    directory.clone(),
                    Node::Directory { mode: Mode::DIRECTORY, owner: Owner::ROOT },
                )?;
            }
        }
        Ok(tree)
    }

    fn configuration<'a>(&'a self, layers: &'a [Layer]) -> Configuration<'a> {
        let mut environment = self.environment.clone();
        if self.certificates.is_some() {
            environment.entry("SSL_CERT_FILE".to_owned()).or_insert_with(|| BUNDLE.to_owned());
        }
        let created = self.time.rfc3339();
        let history = |layer: &'a Layer| History {
            created: created.clone(),
            created_by: "terrace",
            comment: layer.title(),
        };
        Configuration {
            created: created.clone(),
            architecture: self.architecture.as_str(),
            os: "linux",
            config: Execution {
                user: format!("{0}:{0}", self.user.number),
                exposed_ports: set(&self.ports.iter().map(|port| format!("{port}/tcp")).collect()),
                env: environment.iter().map(|(name, value)| format!("{name}={value}")).collect(),
                entrypoint: &self.entrypoint,
                cmd: &self.arguments,
                working_dir: self.directory.as_ref().map_or("/", ImagePath::as_str).to_owned(),
                labels: self.labels.as_map(),
                stop_signal: "SIGTERM",
            },
            rootfs: RootFileSystem { kind: "layers", diff_ids: layers.iter().map(Layer::diff).collect() },
            history: layers.iter().map(history).collect(),
        }
    }
}

/// The time as an annotation of the image-spec.
const CREATED: &str = "org.opencontainers.image.created";

/// All layers are one tree: a path that two of them have would hide what the lower one holds.
fn check_paths(trees: &[(String, Tree)]) -> Result<(), ImageError> {
    let mut whole = Tree::default();
    for (path, node) in trees.iter().flat_map(|(_, tree)| tree.iter()) {
        let both_directories =
            matches!(node, Node::Directory { .. }) && matches!(whole.get(path), Some(Node::Directory { .. }));
        if !both_directories {
            whole.insert(path.clone(), node.clone())?;
        }
    }
    Ok(())
}
