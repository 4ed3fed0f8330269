//! The port of this machine.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use terrace_net::Port;
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use super::TunnelError;

/// How many ports after the wished-for one are tried.
const NEXT: u16 = 100;
/// Connections that wait to be accepted.
const BACKLOG: u32 = 1024;
/// After an error that is not the connection's own (no file descriptors left).
const REST: Duration = Duration::from_millis(100);

/// Which port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Listen {
    /// This one, or the next free one after it.
    Prefer(Port),
    /// This one and no other.
    Exactly(Port),
    /// One that the system chooses.
    #[default]
    Any,
}

/// Tells who holds a port, as far as this user may see.
pub type Holder = fn(Port) -> Option<String>;

/// A port of 127.0.0.1, and of ::1 if it can be had, so that `localhost` leads here whichever a program takes first.
#[derive(Debug)]
pub(super) struct Listener {
    four: TcpListener,
    six: Option<TcpListener>,
    local: SocketAddr,
}

impl Listener {
    pub(super) fn bind(listen: Listen, holder: Option<Holder>) -> Result<Self, TunnelError> {
        let taken =
            |port: Port| TunnelError::PortTaken { port, holder: holder.and_then(|holder| holder(port)) };
        match listen {
            Listen::Any => Self::on(0).map_err(TunnelError::Listen),
            Listen::Exactly(port) => match Self::on(port.get()) {
                Err(error) if error.kind() == ErrorKind::AddrInUse => Err(taken(port)),
                bound => bound.map_err(TunnelError::Listen),
            },
            Listen::Prefer(port) => {
                let last = port.get().saturating_add(NEXT);
                for number in port.get()..=last {
                    match Self::on(number) {
                        // Low ports are not everybody's.
                        Err(error)
                            if matches!(error.kind(), ErrorKind::AddrInUse | ErrorKind::PermissionDenied) => {
                        }
                        bound => return bound.map_err(TunnelError::Listen),
                    }
                }
                Err(taken(port))
            }
        }
    }

    fn on(port: u16) -> io::Result<Self> {
        let four = socket(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
        let local = four.local_addr()?;
        let six = match socket(SocketAddr::from((Ipv6Addr::LOCALHOST, local.port()))) {
            Ok(six) => Some(six),
            // Somebody else's: programs that dial `localhost` might reach that one.
            Err(error) if error.kind() == ErrorKind::AddrInUse && port != 0 => return Err(error),
            Err(_) => None,
        };
        Ok(Self { four, six, local })
    }

    /// Where on 127.0.0.1.
    pub(super) const fn local(&self) -> SocketAddr {
        self.local
    }

    /// The next connection.
    pub(super) async fn accept(&self) -> (TcpStream, SocketAddr) {
        loop {
            let accepted = match &self.six {
                None => self.four.accept().await,
                Some(six) => tokio::select! {
                    accepted = self.four.accept() => accepted,
                    accepted = six.accept() => accepted,
                },
            };
            match accepted {
                Ok((tcp, peer)) => {
                    // A connection without it is slower, not wrong.
                    let _ = tcp.set_nodelay(true);
                    return (tcp, peer);
                }
                Err(_) => tokio::time::sleep(REST).await,
            }
        }
    }
}

fn socket(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address.ip() {
        IpAddr::V4(_) => TcpSocket::new_v4()?,
        IpAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // A port whose old connections are still fading is free, but one that somebody listens on is not.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_taken_port_is_told_or_the_next_one_is_taken() {
        let first = Listener::bind(Listen::Any, None).unwrap();
        let port = Port::new(first.local().port()).unwrap();
        let told =
            Listener::bind(Listen::Exactly(port), Some(|_| Some("cat (process 7)".to_owned()))).unwrap_err();
        assert_eq!(
            told.to_string(),
            format!(
                "port {port} is taken by cat (process 7): choose another with --port, or end what holds it"
            )
        );
        let next = Listener::bind(Listen::Prefer(port), None).unwrap();
        assert!(next.local().port() > port.get());
    }
}
