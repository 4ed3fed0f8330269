//! The ports of earlier runs, so that a bookmark and a database client keep working.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use terrace_local::ProcessName;
use terrace_net::Port;

use super::private::{read_private, replace_private};

/// Ports by process, in `ports.toml`. They are a wish: whoever reads one must be ready for it to be taken.
#[derive(Clone, Debug)]
pub struct RememberedPorts {
    path: PathBuf,
}

impl RememberedPorts {
    pub(super) fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// The port that a process had last time. A file that cannot be read remembers nothing.
    pub fn of(&self, process: &ProcessName) -> Option<Port> {
        self.all().remove(process.as_str())
    }

    /// Keeps the port of a process for next time.
    pub fn remember(&self, process: &ProcessName, port: Port) -> io::Result<()> {
        let mut all = self.all();
        if all.insert(process.as_str().to_owned(), port) == Some(port) {
            return Ok(());
        }
        let text: String = all.iter().map(|(name, port)| format!("{name} = {port}\n")).collect();
        replace_private(&self.path, text.as_bytes())
    }

    fn all(&self) -> BTreeMap<String, Port> {
        read_private(&self.path)
            .ok()
            .flatten()
            .and_then(|text| toml::from_str(&text).ok())
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_remembered_and_nonsense_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ports.toml");
        let ports = RememberedPorts::at(path.clone());
        let (data, web) = (ProcessName::new("data").unwrap(), ProcessName::new("public-lb").unwrap());
        assert_eq!(ports.of(&data), None);
        ports.remember(&data, Port::new(40000).unwrap()).unwrap();
        ports.remember(&web, Port::new(8080).unwrap()).unwrap();
        assert_eq!(ports.of(&data), Port::new(40000).ok());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "data = 40000\npublic-lb = 8080\n");
        replace_private(&path, b"data = 0").unwrap();
        assert_eq!(ports.of(&data), None);
    }
}
