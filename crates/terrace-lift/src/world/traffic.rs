//! Protocols and ports as rules write them.
//!
//! Sources: Amazon EC2 API, `IpPermission` (protocol by name or number, -1 for all; for ICMP the ports are type and
//! code, -1 for all of them) and `CreateNetworkAclEntry`.

use std::collections::BTreeSet;

use terrace_aws::Reference;
use terrace_aws::inventory::{Told, UnknownName, View};
use terrace_proof::space::{Family, PortSpan, Traffic, Transport};

use super::ask;

/// The names of the arguments.
pub(super) struct Arguments {
    pub(super) protocol: &'static str,
    pub(super) from: &'static str,
    pub(super) to: &'static str,
    /// ICMP's type and code, where they have names of their own.
    pub(super) icmp: Option<(&'static str, &'static str)>,
}

/// What a rule is about, and what of that is not told: then it is all that it could be.
pub(super) struct About {
    pub(super) traffic: Traffic,
    pub(super) untold: BTreeSet<Reference>,
}

/// Of a rule's arguments.
pub(super) fn about(view: View<'_>, arguments: &Arguments) -> About {
    let mut untold = BTreeSet::new();
    let protocol = match ask::literal(view, arguments.protocol) {
        Told::Is(word) => match number(&word) {
            Some(number) => number,
            None => {
                untold.insert(Reference::unknown(UnknownName::new(format!("the protocol \"{word}\""))));
                None
            }
        },
        Told::Nothing => None,
        Told::Unknown(of) => {
            untold.extend(of);
            None
        }
    };
    let mut bound = |argument: &str| match ask::int(view, argument) {
        Told::Is(number) => Some(number),
        Told::Nothing => None,
        Told::Unknown(of) => {
            untold.extend(of);
            Some(-1)
        }
    };
    let traffic = match protocol {
        None => Traffic::All,
        Some(number @ (6 | 17)) => {
            let (from, to) = (bound(arguments.from), bound(arguments.to));
            let transport = if number == 6 { Transport::Tcp } else { Transport::Udp };
            Traffic::Ports(transport, span(from, to))
        }
        Some(number @ (1 | 58)) => {
            let (kind, code) = arguments.icmp.unwrap_or((arguments.from, arguments.to));
            let (kind, code) = (bound(kind), bound(code));
            let byte = |told: Option<i64>| told.and_then(|n| u8::try_from(n).ok());
            let family = if number == 1 { Family::V4 } else { Family::V6 };
            Traffic::Icmp { family, kind: byte(kind), code: byte(code) }
        }
        Some(number) => Traffic::Protocol(number),
    };
    About { traffic, untold }
}

fn span(from: Option<i64>, to: Option<i64>) -> PortSpan {
    match (from, to) {
        (None | Some(-1), _) | (_, Some(-1)) => PortSpan::ALL,
        (Some(from), to) => {
            let port = |number: i64| u16::try_from(number.clamp(0, 65_535)).unwrap_or(0);
            let to = to.unwrap_or(from);
            PortSpan::new(port(from), port(to)).unwrap_or(PortSpan::ALL)
        }
    }
}

/// The number of a protocol; `Some(None)` for all, `None` for what is none.
fn number(word: &str) -> Option<Option<u8>> {
    let known = match word.trim().to_ascii_lowercase().as_str() {
        "-1" | "all" => None,
        "icmp" => Some(1),
        "tcp" => Some(6),
        "udp" => Some(17),
        "gre" => Some(47),
        "esp" => Some(50),
        "ah" => Some(51),
        "icmpv6" | "ipv6-icmp" => Some(58),
        "sctp" => Some(132),
        other => Some(other.parse().ok()?),
    };
    Some(known)
}

/// Of the protocol that a listener or a target group names.
pub(super) fn transports(view: View<'_>) -> &'static [Transport] {
    match ask::word(view, "protocol").as_deref() {
        Some("UDP" | "QUIC") => &[Transport::Udp],
        Some("TCP_UDP" | "TCP_QUIC") => &[Transport::Tcp, Transport::Udp],
        _ => &[Transport::Tcp],
    }
}

/// As a reader writes it: `tcp 443`, `udp 1024-65535`, `all traffic`.
pub(super) fn words(traffic: Traffic) -> String {
    let named = |name: &str, ports: PortSpan| {
        if ports == PortSpan::ALL {
            name.to_owned()
        } else if ports.first() == ports.last() {
            format!("{name} {}", ports.first())
        } else {
            format!("{name} {}-{}", ports.first(), ports.last())
        }
    };
    match traffic {
        Traffic::All => "all traffic".to_owned(),
        Traffic::Protocol(number) => format!("protocol {number}"),
        Traffic::Ports(Transport::Tcp, ports) => named("tcp", ports),
        Traffic::Ports(Transport::Udp, ports) => named("udp", ports),
        Traffic::Icmp { family, kind, code } => {
            let name = if family == Family::V4 { "icmp" } else { "icmpv6" };
            match (kind, code) {
                (None, _) => name.to_owned(),
                (Some(kind), None) => format!("{name} type {kind}"),
                (Some(kind), Some(code)) => format!("{name} type {kind} code {code}"),
            }
        }
    }
}
