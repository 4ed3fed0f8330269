//! Raising a plan, and sending probes in it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Write as _};
use std::net::{SocketAddr, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use nix::sched::{CloneFlags, setns};
use serde::{Deserialize, Serialize};
use socket2::{Domain, Protocol, Socket, Type};

use crate::plan::{Namespace, Plan};
use crate::probe::{Heard, Probe, Speech};

/// What the program is told on its standard input.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Order {
    /// What to raise.
    pub plan: Plan,
    /// What to send.
    pub probes: Vec<Probe>,
}

/// Why a network could not be raised or asked.
#[derive(Debug, thiserror::Error)]
pub enum VpcError {
    /// A program could not be started or spoken with.
    #[error("cannot run `{program}`: {cause}; it belongs to the packages iproute2, nftables and util-linux")]
    Start {
        /// Which.
        program: String,
        /// Why.
        cause: io::Error,
    },
    /// A program refused.
    #[error("`{program}` refused: {said}")]
    Refused {
        /// Which, with what it was told.
        program: String,
        /// What it said.
        said: String,
    },
    /// A socket or a namespace could not be had.
    #[error("{what}: {cause}")]
    Kernel {
        /// What was tried.
        what: String,
        /// Why not.
        cause: io::Error,
    },
    /// What was said is not what was expected.
    #[error("the order or its answer cannot be read: {0}")]
    Unread(#[from] serde_json::Error),
}

/// Why nothing can be raised on this machine, if so: namespaces of users are forbidden, or a program is missing.
pub fn obstacle() -> Option<String> {
    let script =
        "ip link add vethone type veth peer name vethtwo && nft list ruleset && mount -t tmpfs none /run";
    match Command::new("unshare")
        .args(["--user", "--map-root-user", "--net", "--mount", "sh", "-c", script])
        .output()
    {
        Ok(done) if done.status.success() => None,
        Ok(done) => Some(String::from_utf8_lossy(&done.stderr).trim().to_owned()),
        Err(cause) => Some(format!("cannot run `unshare`: {cause}")),
    }
}

/// Starts `program` (this crate's own) in namespaces of its own, has a plan raised there and probes sent. All goes with it.
pub fn send(program: &Path, order: &Order) -> Result<Vec<Heard>, VpcError> {
    let text = serde_json::to_vec(order)?;
    let own = ["--user", "--map-root-user", "--net", "--mount", "--pid", "--fork", "--kill-child", "--"];
    let mut command = Command::new("unshare");
    command.args(own).arg(program);
    let answer = told(command, "unshare", &text)?;
    Ok(serde_json::from_slice(&answer)?)
}

/// Runs something that is told a text, and gives what it says.
fn told(mut command: Command, program: &str, text: &[u8]) -> Result<Vec<u8>, VpcError> {
    let start = |cause| VpcError::Start { program: program.to_owned(), cause };
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child: Child = command.spawn().map_err(start)?;
    if let Some(mut input) = child.stdin.take() {
        // Who does not read says why on standard error.
        let _ = input.write_all(text);
    }
    let done = child.wait_with_output().map_err(start)?;
    if done.status.success() {
        return Ok(done.stdout);
    }
    let said = String::from_utf8_lossy(&done.stderr).trim().to_owned();
    Err(VpcError::Refused { program: program.to_owned(), said })
}

fn run(arguments: &[&str], text: &str) -> Result<(), VpcError> {
    let mut command = Command::new("ip");
    command.args(arguments);
    told(command, &format!("ip {}: {text}", arguments.join(" ")), text.as_bytes()).map(drop)
}

/// Raises a plan in the namespaces that this process has for itself, and sends probes. For the program `terrace-vpc` alone.
pub fn raise(order: &Order) -> Result<Vec<Heard>, VpcError> {
    let mut mount = Command::new("mount");
    mount.args(["-t", "tmpfs", "none", "/run"]);
    told(mount, "mount", b"")?;
    for space in &order.plan.namespaces {
        run(&["netns", "add", &space.name], "")?;
    }
    for link in &order.plan.links {
        let (one, other) = (&link.0, &link.1);
        let line = [
            "link",
            "add",
            "name",
            &one.name,
            "netns",
            &one.namespace,
            "type",
            "veth",
            "peer",
            "name",
            &other.name,
            "netns",
            &other.namespace,
        ];
        run(&line, "")?;
    }
    for space in &order.plan.namespaces {
        settle(space, order)?;
    }
    sent(order)
}

/// Addresses, routes and filters of a namespace.
fn settle(space: &Namespace, order: &Order) -> Result<(), VpcError> {
    let name = space.name.clone();
    let forwards = space.forwards;
    within(&name, move || {
        let on = if forwards { "1" } else { "0" };
        for (setting, value) in [
            ("ipv4/ip_forward", on),
            ("ipv6/conf/all/forwarding", on),
            ("ipv4/conf/all/rp_filter", "0"),
            ("ipv4/conf/default/rp_filter", "0"),
            ("ipv4/conf/all/send_redirects", "0"),
            ("ipv6/conf/all/accept_dad", "0"),
            ("ipv6/conf/default/accept_dad", "0"),
            ("ipv4/conf/all/accept_local", "1"),
        ] {
            std::fs::write(format!("/proc/sys/net/{setting}"), value)?;
        }
        Ok(())
    })?;
    let mut lines = "link set lo up\n".to_owned();
    let ends = order.plan.links.iter().flat_map(|link| [&link.0, &link.1]);
    for device in ends.filter(|device| device.namespace == space.name) {
        for address in &device.addresses {
            let _ = writeln!(lines, "addr add {address} dev {}{}", device.name, at_once(address));
        }
        let _ = writeln!(lines, "link set {} up", device.name);
    }
    for address in &space.addresses {
        let _ = writeln!(lines, "addr add {address} dev lo{}", at_once(address));
    }
    run(&["-n", &space.name, "-batch", "-"], &lines)?;
    for (family, lines) in [("-4", &space.four), ("-6", &space.six)] {
        run(&["-n", &space.name, family, "-batch", "-"], &lines.join("\n"))?;
    }
    if !space.nft.is_empty() {
        let mut filter = Command::new("ip");
        filter.args(["netns", "exec", &space.name, "nft", "-f", "-"]);
        told(filter, &format!("nft in {}: {}", space.name, space.nft), space.nft.as_bytes())?;
    }
    Ok(())
}

/// An address of IPv6 is used without asking first whether somebody has it.
fn at_once(address: &str) -> &'static str {
    if address.contains(':') { " nodad" } else { "" }
}

/// Does something on a thread that has gone into a namespace.
fn within<T: Send + 'static>(
    name: &str,
    what: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, VpcError> {
    let kernel = |cause| VpcError::Kernel { what: format!("in the namespace {name}"), cause };
    let path = format!("/run/netns/{name}");
    let thread = thread::spawn(move || {
        setns(File::open(path)?, CloneFlags::CLONE_NEWNET)?;
        what()
    });
    match thread.join() {
        Ok(done) => done.map_err(kernel),
        Err(_) => Err(kernel(io::Error::other("the thread went down"))),
    }
}

/// Who was heard, by the number that stands in each datagram.
type Arrived = Arc<Mutex<BTreeSet<u32>>>;

fn socket(address: SocketAddr, speech: Speech) -> io::Result<Socket> {
    let (kind, protocol) = match speech {
        Speech::Tcp => (Type::STREAM, Protocol::TCP),
        Speech::Udp => (Type::DGRAM, Protocol::UDP),
    };
    let socket = Socket::new(Domain::for_address(address), kind, Some(protocol))?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    Ok(socket)
}

/// Sends all probes at once, each from its own thread.
fn sent(order: &Order) -> Result<Vec<Heard>, VpcError> {
    let arrived = Arrived::default();
    let mut listening: BTreeMap<(String, SocketAddr, bool), ()> = BTreeMap::new();
    for probe in &order.probes {
        let is_tcp = probe.speech == Speech::Tcp;
        if listening.insert((probe.to.clone(), probe.listens, is_tcp), ()).is_some() {
            continue;
        }
        let (address, speech) = (probe.listens, probe.speech);
        let listener = within(&probe.to, move || {
            let socket = socket(address, speech)?;
            if speech == Speech::Tcp {
                socket.listen(128)?;
            }
            Ok(socket)
        })?;
        // These threads end with the process.
        match speech {
            Speech::Tcp => thread::spawn(move || accept(&listener)),
            Speech::Udp => {
                let arrived = Arc::clone(&arrived);
                thread::spawn(move || echo(&listener.into(), &arrived))
            }
        };
    }
    let mut threads = Vec::new();
    for (number, probe) in (0..).zip(&order.probes) {
        let (source, speech) = (probe.source, probe.speech);
        let socket = within(&probe.from, move || socket(source, speech))?;
        let probe = probe.clone();
        threads.push(thread::spawn(move || back(number, &probe, socket)));
    }
    let backs: Vec<bool> = threads.into_iter().map(|thread| thread.join().unwrap_or(false)).collect();
    let arrived = arrived.lock().unwrap_or_else(PoisonError::into_inner);
    let heard = |(number, back): (u32, bool)| Heard { there: back || arrived.contains(&number), back };
    Ok((0..).zip(backs).map(heard).collect())
}

fn accept(listener: &Socket) {
    // A connection that is made is all that is asked; it is closed at once.
    while listener.accept().is_ok() {}
}

fn echo(listener: &UdpSocket, arrived: &Arrived) {
    let mut number = [0; 4];
    while let Ok((_, from)) = listener.recv_from(&mut number) {
        arrived.lock().unwrap_or_else(PoisonError::into_inner).insert(u32::from_be_bytes(number));
        let _ = listener.send_to(&number, from);
    }
}

/// Whether an answer comes.
fn back(number: u32, probe: &Probe, socket: Socket) -> bool {
    let wait = Duration::from_millis(probe.wait.into());
    if probe.speech == Speech::Tcp {
        return socket.connect_timeout(&probe.called.into(), wait).is_ok();
    }
    let socket = UdpSocket::from(socket);
    let start = Instant::now();
    // A datagram may be lost while neighbours are being found: it is sent again.
    let again = Duration::from_millis(200);
    if socket.set_read_timeout(Some(again)).is_err() {
        return false;
    }
    while start.elapsed() < wait {
        let _ = socket.send_to(&number.to_be_bytes(), probe.called);
        let mut answer = [0; 4];
        if matches!(socket.recv_from(&mut answer), Ok((4, from)) if from == probe.called && answer == number.to_be_bytes())
        {
            return true;
        }
    }
    false
}
