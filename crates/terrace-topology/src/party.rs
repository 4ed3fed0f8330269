//! Who takes part.

use crate::PartyName;

/// What a party is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Anyone at all.
    Internet,
    /// What the public meets first.
    Entrance,
    /// Serves the page.
    Web,
    /// Runs the application.
    Service,
    /// Keeps the data.
    Database,
    /// The provider's own services: configuration, secrets, logs, images, sessions.
    Platform,
}

/// One of those who take part.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Party {
    name: PartyName,
    role: Role,
}

impl Party {
    pub(crate) fn new(name: PartyName, role: Role) -> Self {
        Self { name, role }
    }

    /// Its name.
    pub fn name(&self) -> &PartyName {
        &self.name
    }

    /// What it is for.
    pub fn role(&self) -> Role {
        self.role
    }
}
