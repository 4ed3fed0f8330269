//! A value as it comes in: at a prompt that shows nothing, or from standard input; never as an argument.
//!
//! GUARANTEE: what was read is wiped when it is let go; no message repeats any of it; a terminal echoes again however this
//! ends.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _, Write as _};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use terrace_cloud::secrets::Value;
use zeroize::Zeroizing;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::signals::Signals;
use crate::style::{STRONG, paint};

/// A little more than Secrets Manager keeps, so that what is too long is known to be.
const LONGEST: u64 = 65_536 + 3;

/// Why a value is not taken that was an argument. Does not repeat it.
pub(super) fn argument() -> Failure {
    Failure::input("a secret's value is never an argument")
        .cause("your shell's history has it now, and every program on this machine could read it meanwhile")
        .help("take it as known to others: have another one made, and take this one out of the history")
        .help("`terrace secret set NAME` asks for the value, or reads it: `terrace secret set NAME < file`")
}

/// Asks for a value, or reads it.
pub(super) async fn value(name: &str, signals: &mut Signals, printer: Printer) -> Result<Value, Failure> {
    let text = if io::stdin().is_terminal() {
        if !printer.can_ask() {
            return Err(Failure::input("nobody is there to be asked for the value")
                .help(format!("hand it in by standard input: `terrace secret set {name} < file`")));
        }
        let hidden = Hidden::begin();
        let mut err = anstream::stderr();
        let _ = write!(err, "Value of {} (it is not shown): ", paint(STRONG, name));
        let _ = err.flush();
        let typed = tokio::task::spawn_blocking(|| {
            let mut line = Zeroizing::new(String::new());
            io::stdin().lock().take(LONGEST).read_line(&mut line).map(|_| line)
        });
        let typed = tokio::select! {
            biased;
            _ = signals.next() => None,
            typed = typed => Some(typed),
        };
        drop(hidden);
        // The key that ended the line was not shown either.
        printer.tell("\n");
        match typed {
            None => return Err(Failure::Told(Exit::Interrupted)),
            Some(typed) => typed.map_err(|error| Failure::of(&error))??,
        }
    } else {
        let mut bytes = Zeroizing::new(Vec::new());
        io::stdin().lock().take(LONGEST).read_to_end(&mut bytes)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| {
            Failure::input("what standard input holds is no text in UTF-8")
                .help("an application gets it as a variable: encode it, in Base64 for example")
        })?;
        Zeroizing::new(text.to_owned())
    };
    // The end of the line is the keyboard's, or that of the tool that wrote the file.
    let own = text.strip_suffix('\n').map_or(text.as_str(), |own| own.strip_suffix('\r').unwrap_or(own));
    Value::new(Zeroizing::new(own.to_owned())).map_err(|error| Failure::input(error.to_string()))
}

/// As long as it lives, a terminal shows nothing of what is typed.
struct Hidden {
    before: Option<Termios>,
}

impl Hidden {
    fn begin() -> Self {
        let before = tcgetattr(io::stdin()).ok();
        if let Some(mut hidden) = before.clone() {
            hidden.local_modes.remove(LocalModes::ECHO);
            // Where that cannot be, a person sees what they type: so it is said before, and they may stop.
            let _ = tcsetattr(io::stdin(), OptionalActions::Flush, &hidden);
        }
        Self { before }
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        if let Some(before) = &self.before {
            // A terminal that is gone needs no restoring.
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, before);
        }
    }
}
