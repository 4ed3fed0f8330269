//! The listening sockets of the edges: bound before anything starts, so that addresses are known and connections wait
//! instead of being refused.

use std::collections::BTreeMap;
use std::net::TcpListener;

use terrace_local::{EdgePlan, Exposure, LocalPlan, LocalhostTls, ProcessKind, ProcessName};
use terrace_net::Port;

use super::{Run, UpError};
use crate::edge_process::Sockets;
use crate::ports;

/// How many ports above the preferred one are tried before the kernel is asked.
const NEAR: u16 = 19;
/// What the entrance wants without HTTPS, and with it.
const PREFERRED: (u16, u16) = (8080, 8443);

/// Binds the sockets of all edges, and says where they are.
pub(super) fn bind(
    run: &Run,
    plan: &LocalPlan,
    wish: Option<Port>,
) -> Result<BTreeMap<ProcessName, Sockets>, UpError> {
    let mut all = BTreeMap::new();
    for process in &plan.processes {
        let ProcessKind::Edge(edge) = &process.kind else { continue };
        let sockets = of_edge(run, &process.name, edge, wish)?;
        let addresses = sockets.listeners.iter().filter_map(|listener| listener.local_addr().ok());
        run.set_addresses(&process.name, addresses.collect());
        all.insert(process.name.clone(), sockets);
    }
    Ok(all)
}

fn of_edge(
    run: &Run,
    process: &ProcessName,
    edge: &EdgePlan,
    wish: Option<Port>,
) -> Result<Sockets, UpError> {
    let entrance = Entrance { run, wish };
    match edge.exposure {
        Exposure::Private => {
            let listener = ports::listen(None).map_err(UpError::io("cannot listen on 127.0.0.1"))?;
            Ok(Sockets { listeners: vec![listener], tls: None })
        }
        Exposure::Http => Ok(Sockets { listeners: vec![entrance.listen(process, PREFERRED.0)?], tls: None }),
        Exposure::Https => {
            // A name of its own among the remembered ports: that of HTTP is another.
            let name = ProcessName::new(format!("{process}-https"));
            let secure = entrance.listen(name.as_ref().unwrap_or(process), PREFERRED.1)?;
            let plain = Entrance { run, wish: None }.listen(process, PREFERRED.0)?;
            let port = port_of(&secure)?;
            let tls = Some(LocalhostTls { folder: run.state.tls(), port });
            Ok(Sockets { listeners: vec![plain, secure], tls })
        }
    }
}

struct Entrance<'a> {
    run: &'a Run,
    wish: Option<Port>,
}

impl Entrance<'_> {
    /// The port that was asked for or none; else that of last time, the preferred one, or any that is free.
    fn listen(&self, process: &ProcessName, preferred: u16) -> Result<TcpListener, UpError> {
        if let Some(port) = self.wish {
            return ports::listen(Some(port)).map_err(|error| match error.kind() {
                std::io::ErrorKind::AddrInUse => UpError::PortTaken { port, holder: ports::holder(port) },
                _ => UpError::Io { what: format!("cannot listen on port {port}"), source: error },
            });
        }
        let remembered = self.run.state.ports();
        let last = remembered.of(process);
        let near = (preferred..=preferred.saturating_add(NEAR)).filter_map(|port| Port::new(port).ok());
        let preferred = Port::new(preferred).ok();
        for port in last.into_iter().chain(near) {
            if let Ok(listener) = ports::listen(Some(port)) {
                self.remember(process, port);
                if Some(port) != preferred && Some(port) != last {
                    self.note_other(preferred, port);
                }
                return Ok(listener);
            }
        }
        let listener = ports::listen(None).map_err(UpError::io("cannot listen on 127.0.0.1"))?;
        let port = port_of(&listener)?;
        self.note_other(preferred, port);
        self.remember(process, port);
        Ok(listener)
    }

    fn note_other(&self, preferred: Option<Port>, port: Port) {
        let Some(preferred) = preferred else { return };
        let holder = ports::holder(preferred).map(|holder| format!(" by {holder}")).unwrap_or_default();
        self.run.hub.note(format!("port {preferred} is taken{holder}; using {port}"));
    }

    fn remember(&self, process: &ProcessName, port: Port) {
        // Only a convenience: a port that is not remembered is another one next time.
        let _forgotten = self.run.state.ports().remember(process, port);
    }
}

/// The port that a socket listens on.
pub(super) fn port_of(listener: &TcpListener) -> Result<Port, UpError> {
    let address = listener.local_addr().map_err(UpError::io("cannot see a socket's port"))?;
    Port::new(address.port()).map_err(|error| UpError::Io {
        what: "cannot see a socket's port".to_owned(),
        source: std::io::Error::other(error),
    })
}
