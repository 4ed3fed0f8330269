//! Ports of this machine: free ones, wished-for ones, and who holds one that is taken.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, TcpListener};

use terrace_net::Port;

/// A process that listens on a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortHolder {
    /// Its number.
    pub pid: i32,
    /// Its name.
    pub name: String,
}

impl fmt::Display for PortHolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (process {})", self.name, self.pid)
    }
}

/// A listening socket on 127.0.0.1 on that port; on one that the kernel chooses, if none is given.
pub fn listen(port: Option<Port>) -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port.map_or(0, Port::get)))
}

/// A port of 127.0.0.1 that is free now: the wished-for one if it is, else one that the kernel chooses, never one of
/// `never`. For programs that open their port themselves; anyone may take it in between, so be ready to ask again.
pub fn free(wish: Option<Port>, never: &[Port]) -> io::Result<Port> {
    if let Some(port) = wish.filter(|port| !never.contains(port) && listen(Some(*port)).is_ok()) {
        return Ok(port);
    }
    loop {
        let number = listen(None)?.local_addr()?.port();
        let port =
            Port::new(number).map_err(|error| io::Error::new(io::ErrorKind::AddrNotAvailable, error))?;
        if !never.contains(&port) {
            return Ok(port);
        }
    }
}

/// Who listens on a port, as far as this user may see.
#[cfg(target_os = "linux")]
pub fn holder(port: Port) -> Option<PortHolder> {
    use procfs::net::TcpState;
    use procfs::process::FDTarget;

    let entries = procfs::net::tcp().into_iter().chain(procfs::net::tcp6()).flatten();
    let inodes: Vec<u64> = entries
        .filter(|e| e.state == TcpState::Listen && e.local_address.port() == port.get())
        .map(|e| e.inode)
        .collect();
    if inodes.is_empty() {
        return None;
    }
    procfs::process::all_processes().ok()?.flatten().find_map(|process| {
        let holds = process.fd().ok()?.flatten().any(|fd| match fd.target {
            FDTarget::Socket(inode) => inodes.contains(&inode),
            _ => false,
        });
        let name = holds.then(|| process.stat().ok())??.comm;
        Some(PortHolder { pid: process.pid(), name })
    })
}

/// Who listens on a port; this system does not say.
#[cfg(not(target_os = "linux"))]
pub fn holder(_port: Port) -> Option<PortHolder> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_not_free_and_its_holder_is_named() {
        let taken = listen(None).unwrap();
        let port = Port::new(taken.local_addr().unwrap().port()).unwrap();
        assert_ne!(free(Some(port), &[]).unwrap(), port);
        let holder = holder(port).unwrap();
        assert_eq!(holder.pid, i32::try_from(std::process::id()).unwrap());
        drop(taken);
        assert_eq!(free(Some(port), &[]).unwrap(), port);
        assert_ne!(free(Some(port), &[port]).unwrap(), port);
    }
}
