//! The terminal in a shell's hands: raw as long as the shell is there, and as it was before on every way out.

use std::io::{self, IsTerminal as _};

use rustix::termios::{self, OptionalActions, Termios};
use terrace_ssm::WindowSize;

/// Whether a person sits at both ends: what is typed and what is written goes through a terminal.
pub(crate) fn is_there() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// How large it is; none if it does not say.
pub(crate) fn size() -> Option<WindowSize> {
    let size = termios::tcgetwinsize(io::stdout()).ok()?;
    let said = size.ws_col > 0 && size.ws_row > 0;
    said.then(|| WindowSize { columns: u32::from(size.ws_col), rows: u32::from(size.ws_row) })
}

/// The terminal as it was before. Put back when this goes, by a panic too.
#[derive(Debug)]
pub(crate) struct Raw(Termios);

impl Raw {
    /// Every key goes to the shell from now on, Ctrl-C among them.
    pub(crate) fn enter() -> io::Result<Self> {
        let before = termios::tcgetattr(io::stdin())?;
        let mut raw = before.clone();
        raw.make_raw();
        // What was typed ahead is for the shell.
        termios::tcsetattr(io::stdin(), OptionalActions::Drain, &raw)?;
        Ok(Self(before))
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        // What was typed for that shell is not for the one that comes next.
        let _ = termios::tcsetattr(io::stdin(), OptionalActions::Flush, &self.0);
    }
}
