//! A session as the two ends of a shell have it: said, heard, sized, ended.

use bytes::Bytes;

use super::carried::Carried;
use super::{Role, Session, State, greeting};
use crate::message::PayloadType;
use crate::{Arrived, Event, Limits, MessageIds, PortProperties, ShellKind, Version, WindowSize};

impl Session {
    /// The client's side of a shell. Agents of most shells offer no handshake: the first output is then the beginning, or
    /// 3 s without a word.
    pub fn shell(limits: Limits, ids: MessageIds) -> Self {
        let carried = Carried::shell(limits.clone());
        Self::new(Role::Client, carried, limits, ids)
    }

    /// The agent's side of a shell: with a handshake that announces its kind, or without any.
    pub fn shell_agent(kind: Option<ShellKind>, limits: Limits, ids: MessageIds) -> Self {
        let carried = Carried::shell(limits.clone());
        let role = Role::Agent { properties: PortProperties::default(), customer_message: String::new() };
        let mut session = Self::new(role, carried, limits, ids);
        match kind {
            Some(kind) => {
                let request = Bytes::from(greeting::request(kind.name(), &serde_json::Value::Null));
                session.control.push_back((PayloadType::HANDSHAKE_REQUEST, request));
            }
            None => session.enter(None, String::new()),
        }
        session
    }

    /// Client: what is typed. Agent: what the shell writes. Says how many bytes were taken; if that is less than all,
    /// [`Event::Room`] follows, unless the session ends. Nothing before [`Event::Entered`].
    pub fn say(&mut self, data: &[u8]) -> usize {
        self.put(PayloadType::OUTPUT, data)
    }

    /// Agent: what the shell writes to standard error, where that is apart; else as [`Session::say`].
    pub fn complain(&mut self, data: &[u8]) -> usize {
        if matches!(self.role, Role::Client) { 0 } else { self.put(PayloadType::ERRORS, data) }
    }

    /// Agent: how the shell has ended, after all that it has written.
    pub fn exit(&mut self, code: i32) {
        if self.is_ready()
            && !matches!(self.role, Role::Client)
            && let Some(shell) = self.carried.as_shell_mut()
        {
            shell.exit(code);
        }
    }

    /// Client: how large the terminal is. Of sizes that are not sent yet only the last counts; it is kept until the shell is
    /// entered.
    pub fn resize(&mut self, size: WindowSize) {
        let payload = Bytes::from(serde_json::to_vec(&size).unwrap_or_default());
        let (alive, ready) = (self.is_alive(), self.is_ready());
        let Some(shell) = self.carried.as_shell_mut().filter(|_| alive) else { return };
        shell.size = Some(payload);
        if ready {
            self.tell_size();
        }
    }

    /// The next piece that has arrived from the other side, in order.
    pub fn arrived(&mut self) -> Option<Arrived> {
        self.carried.as_shell_mut()?.read()
    }

    fn put(&mut self, kind: PayloadType, data: &[u8]) -> usize {
        if !self.is_ready() {
            return 0;
        }
        self.carried.as_shell_mut().map_or(0, |shell| shell.write(kind, data))
    }

    /// The shell can be used; `announced` if there was a handshake.
    pub(super) fn enter(&mut self, announced: Option<(Version, ShellKind)>, message: String) {
        self.state = State::Ready;
        self.patience = None;
        self.events.push_back(Event::Entered { announced, message });
        self.tell_size();
    }

    fn tell_size(&mut self) {
        let Some(size) = self.carried.as_shell_mut().and_then(|shell| shell.size.take()) else { return };
        self.control.retain(|(kind, _)| *kind != PayloadType::SIZE);
        self.control.push_back((PayloadType::SIZE, size));
    }

    /// A data message of a shell in its turn. The first output of an agent that has not greeted is the beginning.
    pub(super) fn of_shell(&mut self, kind: PayloadType, payload: &Bytes) {
        if matches!((&self.state, &self.role), (State::Greeting(None), Role::Client)) {
            self.enter(None, String::new());
        }
        if !matches!(self.state, State::Ready) {
            return self.ignore(|| "data before the handshake was complete".to_owned());
        }
        let Some(shell) = self.carried.as_shell_mut() else { return };
        if let Err(error) = shell.arrived(kind, payload, &mut self.events) {
            self.fail(error);
        }
    }
}
