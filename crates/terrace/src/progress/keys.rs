//! Keeps `^C` off the screen while something is drawn on it.
//!
//! A terminal echoes control keys at the cursor, which stands at the right edge of what is drawn: the echo would wrap,
//! and the next drawing would miss by a line.

use std::io;

use rustix::process::getpgrp;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcgetpgrp, tcsetattr};

/// As long as it lives, control keys are not echoed; then the terminal is as it was.
#[derive(Debug)]
pub(super) struct Unechoed {
    before: Termios,
}

impl Unechoed {
    /// Stops the echo, if standard input is a terminal and this process is in its foreground: one in the background
    /// would be stopped for touching it.
    pub(super) fn begin() -> Option<Self> {
        tcgetpgrp(io::stdin()).ok().filter(|group| *group == getpgrp())?;
        let before = tcgetattr(io::stdin()).ok()?;
        let mut quiet = before.clone();
        quiet.local_modes.remove(LocalModes::ECHOCTL);
        tcsetattr(io::stdin(), OptionalActions::Now, &quiet).ok()?;
        Some(Self { before })
    }
}

impl Drop for Unechoed {
    fn drop(&mut self) {
        // A terminal that is gone needs no restoring.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.before);
    }
}
