//! moto's server, where this machine has it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};

/// moto on loopback, on a port of its own; it ends with the value.
#[derive(Debug)]
pub struct Emulator {
    child: Child,
    address: String,
}

impl Emulator {
    /// Waits until it listens, with these variables in its environment; or none, said loudly.
    pub fn start(environment: &[(&str, &str)]) -> Option<Self> {
        let mut command = Command::new("moto_server");
        command.args(["-H", "127.0.0.1", "-p", "0"]).envs(environment.iter().copied());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let Ok(mut child) = command.spawn() else {
            skipped("there is no `moto_server` on the PATH (pip install 'moto[server]')");
            return None;
        };
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = lines.by_ref().map_while(Result::ok).find_map(|line| {
            let (_, address) = line.split_once("Running on ")?;
            Some(address.trim().to_owned())
        });
        // What it says later has to go somewhere, or it would wait for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        let emulator = Self { child, address: address.unwrap_or_default() };
        if emulator.address.is_empty() {
            skipped("`moto_server` does not start");
            return None;
        }
        Some(emulator)
    }

    /// `http://127.0.0.1:PORT`.
    pub fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Says which test did not run (its thread has its name), past what the harness keeps to itself of tests that pass.
pub fn skipped(why: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or_default();
    drop(std::io::stderr().write_all(format!("\nSKIPPED: {test}: {why}\n").as_bytes()));
}
