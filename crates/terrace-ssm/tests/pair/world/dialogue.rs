//! A shell and who types: what each says to the other, and what has come of it.

use terrace_ssm::{Arrived, Limits, MessageIds, Session, ShellKind, WindowSize};

use super::{Faults, World};

/// What is to be said and what was heard.
#[derive(Clone, Debug, Default)]
pub(crate) struct Dialogue {
    pub(crate) typed: Vec<u8>,
    /// What the shell writes: runs of standard output, or of standard error.
    pub(crate) written: Vec<(bool, Vec<u8>)>,
    pub(crate) exits: Option<i32>,
    pub(crate) size: Option<WindowSize>,
    /// Nobody reads what the shell writes.
    pub(crate) stalls: bool,
    pub(crate) typed_sent: usize,
    pub(crate) written_sent: (usize, usize),
    pub(crate) exit_sent: bool,
    pub(crate) typed_got: Vec<u8>,
    pub(crate) written_got: Vec<(bool, Vec<u8>)>,
    pub(crate) exited: Option<i32>,
    pub(crate) sizes: Vec<WindowSize>,
}

impl Dialogue {
    /// What was written to one of the two, by runs.
    fn joined(runs: &[(bool, Vec<u8>)]) -> Vec<(bool, Vec<u8>)> {
        let mut joined: Vec<(bool, Vec<u8>)> = Vec::new();
        for (errors, run) in runs.iter().filter(|(_, run)| !run.is_empty()) {
            match joined.last_mut().filter(|(last, _)| last == errors) {
                Some((_, last)) => last.extend_from_slice(run),
                None => joined.push((*errors, run.clone())),
            }
        }
        joined
    }

    fn heard(&mut self, errors: bool, piece: &[u8]) {
        match self.written_got.last_mut().filter(|(last, _)| *last == errors) {
            Some((_, last)) => last.extend_from_slice(piece),
            None => self.written_got.push((errors, piece.to_vec())),
        }
    }

    pub(crate) fn assert_complete(&self) {
        assert!(self.typed_got == self.typed, "typed {}/{}", self.typed_got.len(), self.typed.len());
        let (got, written) = (&self.written_got, Self::joined(&self.written));
        assert!(*got == written, "runs {}/{}", got.len(), written.len());
        assert_eq!(self.exited, self.exits);
        assert_eq!(self.sizes.last(), self.size.as_ref());
    }
}

impl World {
    /// A shell in place of streams; with a handshake if it has a kind.
    pub(crate) fn shell(
        seed: u64,
        kind: Option<ShellKind>,
        limits: (Limits, Limits),
        faults: Faults,
        said: Dialogue,
    ) -> Self {
        let mut client = Session::shell(limits.0, MessageIds::new([1; 16]));
        if let Some(size) = said.size {
            client.resize(WindowSize { columns: 1, rows: 1 });
            client.resize(size);
        }
        let agent = Session::shell_agent(kind, limits.1, MessageIds::new([2; 16]));
        let mut world = Self::of(seed, (client, agent), faults);
        world.dialogue = Some(said);
        world
    }

    /// Both ends say and hear what they can. Whether anything moved.
    pub(super) fn converse(&mut self) -> bool {
        let Some(mut said) = self.dialogue.take() else { return false };
        let mut moved = false;
        let wrote = self.client.say(&said.typed[said.typed_sent..]);
        said.typed_sent += wrote;
        moved |= wrote > 0;
        while let Some((errors, run)) = said.written.get(said.written_sent.0) {
            let rest = &run[said.written_sent.1..];
            let wrote = if *errors { self.agent.complain(rest) } else { self.agent.say(rest) };
            moved |= wrote > 0;
            said.written_sent.1 += wrote;
            if wrote < rest.len() {
                break;
            }
            said.written_sent = (said.written_sent.0 + 1, 0);
        }
        let all = said.written_sent.0 == said.written.len() && self.ready.1;
        if let Some(code) = said.exits.filter(|_| all && !said.exit_sent) {
            self.agent.exit(code);
            (said.exit_sent, moved) = (true, true);
        }
        while let Some(arrived) = self.client.arrived_unless(said.stalls) {
            moved = true;
            match arrived {
                Arrived::Output(piece) => said.heard(false, &piece),
                Arrived::Errors(piece) => said.heard(true, &piece),
                Arrived::Exited(code) => said.exited = Some(code),
                Arrived::Resized(_) => panic!("the client is told a size"),
            }
        }
        while let Some(arrived) = self.agent.arrived() {
            moved = true;
            match arrived {
                Arrived::Output(piece) => said.typed_got.extend_from_slice(&piece),
                Arrived::Resized(size) => said.sizes.push(size),
                other => panic!("the agent is told {other:?}"),
            }
        }
        self.dialogue = Some(said);
        moved
    }
}

trait Stalling {
    fn arrived_unless(&mut self, stalls: bool) -> Option<Arrived>;
}

impl Stalling for Session {
    fn arrived_unless(&mut self, stalls: bool) -> Option<Arrived> {
        if stalls { None } else { self.arrived() }
    }
}
