//! From the document to the manifest as written: the tables, each by its own keys.

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use terrace_diag::{Diagnostic, Span};
use terrace_net::{BlockError, Ipv4Block, Port};
use terrace_topology::{BackupDays, CpuTarget, CpuUnits, Gibibytes, Mebibytes, Tier};

use crate::decode::{secrets, variables};
use crate::describe::Key;
use crate::manifest::{Addresses, App, Count, Data, Exits, Page};
use crate::read::{Reader, Section};
use crate::{Written, code, keys};

/// What a written number makes; its bounds were checked.
pub(crate) fn made<N: Copy, T, E>(
    number: Written<N>,
    make: impl Fn(N) -> Result<T, E>,
) -> Option<Written<T>> {
    Some(Written::new(make(*number.value()).ok()?, number.span()))
}

/// `[web]`.
pub(crate) fn page(reader: &mut Reader<'_>, section: &Section<'_, '_>) -> Page {
    use keys::web;
    Page {
        root: reader.text(section, &web::ROOT),
        build: reader.text(section, &web::BUILD),
        dist: reader.text(section, &web::DIST),
        spa: reader.flag(section, &web::SPA),
        server: reader.word(section, &web::SERVER),
        machine: reader.text(section, &web::MACHINE),
        count: count(reader, section, &web::COUNT),
        setup: reader.text(section, &web::SETUP),
        assets: reader.word(section, &web::ASSETS),
    }
}

/// `[app]`.
pub(crate) fn app(reader: &mut Reader<'_>, section: &Section<'_, '_>) -> App {
    use keys::app;
    App {
        root: reader.text(section, &app::ROOT),
        build: reader.text(section, &app::BUILD),
        run: reader.text(section, &app::RUN),
        image: reader.text(section, &app::IMAGE),
        port: reader.whole::<u16>(section, &app::PORT).and_then(|n| made(n, Port::new)),
        paths: reader.list(section, &app::PATHS),
        health: reader.text(section, &app::HEALTH),
        count: count(reader, section, &app::COUNT),
        concurrency: reader
            .whole::<u32>(section, &app::CONCURRENCY)
            .and_then(|n| made(n, |n| NonZeroU32::new(n).ok_or(()))),
        machine: reader.text(section, &app::MACHINE),
        cpu: reader.number(section, &app::CPU).and_then(|n| made(n, CpuUnits::new)),
        memory: reader.whole::<u32>(section, &app::MEMORY).and_then(|n| made(n, Mebibytes::new)),
        setup: reader.text(section, &app::SETUP),
        files: reader.list(section, &app::FILES),
        runtime: reader.text(section, &app::RUNTIME),
        exec: reader.flag(section, &app::EXEC),
        variables: variables(reader, section),
        secrets: secrets(reader, section),
    }
}

fn count(reader: &mut Reader<'_>, section: &Section<'_, '_>, key: &'static Key) -> Count {
    use keys::app;
    if let Some(table) = reader.table(section, key) {
        return Count {
            min: reader.whole(&table, &app::COUNT_MIN),
            max: reader.whole(&table, &app::COUNT_MAX),
            cpu: reader.whole::<u8>(&table, &app::COUNT_CPU).and_then(|n| made(n, CpuTarget::new)),
        };
    }
    let both = if reader.is_whole(section, key) { reader.whole(section, key) } else { None };
    Count { min: both, max: both, cpu: None }
}

/// `[data]`.
pub(crate) fn data(reader: &mut Reader<'_>, section: &Section<'_, '_>) -> Data {
    use keys::data;
    Data {
        engine: reader.word(section, &data::ENGINE),
        version: reader.text(section, &data::VERSION),
        standby: reader.flag(section, &data::STANDBY),
        class: reader.text(section, &data::CLASS),
        storage: reader.whole::<u32>(section, &data::STORAGE).and_then(|n| made(n, Gibibytes::new)),
        backups: reader.whole::<u8>(section, &data::BACKUPS).and_then(|n| made(n, BackupDays::new)),
        protect: reader.flag(section, &data::PROTECT),
        migrate: reader.text(section, &data::MIGRATE),
    }
}

/// `[egress]`.
pub(crate) fn exits(reader: &mut Reader<'_>, section: &Section<'_, '_>) -> Exits {
    use keys::network;
    let ports = reader.wholes::<u16>(section, &network::EGRESS_PORTS).and_then(|ports| {
        let all: Option<Vec<_>> = ports.value().iter().map(|port| made(*port, Port::new)).collect();
        Some(Written::new(all?, ports.span()))
    });
    Exits { app: reader.word(section, &network::EGRESS_APP), ports }
}

/// A block of addresses whose prefix has 16 to `MOST` bits.
struct Block<const MOST: u8>(Ipv4Block);

/// Why a text is no such block.
enum BlockTextError {
    /// The text, or its prefix.
    Form(u8),
    /// A bit behind the prefix is set.
    HostBits {
        /// The text.
        written: String,
        /// The block that holds the address.
        meant: String,
    },
}

impl fmt::Display for BlockTextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form(most) => {
                write!(
                    f,
                    "expected an IPv4 address and a prefix length from 16 to {most}, as in `10.0.0.0/16`"
                )
            }
            Self::HostBits { meant, .. } => {
                write!(f, "not the first address of its block, which is `{meant}`")
            }
        }
    }
}

impl<const MOST: u8> FromStr for Block<MOST> {
    type Err = BlockTextError;

    fn from_str(text: &str) -> Result<Self, BlockTextError> {
        let length: Option<u8> = text.rsplit('/').next().and_then(|length| length.parse().ok());
        match text.parse::<Ipv4Block>() {
            _ if length.is_none_or(|length| !(16..=MOST).contains(&length)) => {
                Err(BlockTextError::Form(MOST))
            }
            Ok(block) => Ok(Self(block)),
            Err(BlockError::HostBits { meant }) => {
                Err(BlockTextError::HostBits { written: text.to_owned(), meant })
            }
            Err(_) => Err(BlockTextError::Form(MOST)),
        }
    }
}

/// What is said of a block with host bits: editors cannot see those, so they have a code of their own.
fn host_bits(span: Span, full: &str, error: &BlockTextError) -> Option<Diagnostic> {
    let BlockTextError::HostBits { written, meant } = error else { return None };
    Some(
        Diagnostic::error(code::NETWORK, format!("`{full}` is `{written}`, which begins within a block"))
            .at(span, error.to_string())
            .help(format!("write `\"{meant}\"`, or a longer prefix")),
    )
}

/// `[network]`.
pub(crate) fn addresses(reader: &mut Reader<'_>, section: &Section<'_, '_>) -> Addresses {
    use keys::network;
    let cidr = reader.text_or::<Block<20>>(section, &network::CIDR, host_bits);
    let mut subnets = BTreeMap::new();
    if let Some(table) = reader.table(section, &network::SUBNETS) {
        for (tier, key) in [
            (Tier::Public, &network::PUBLIC),
            (Tier::Web, &network::WEB),
            (Tier::App, &network::APP),
            (Tier::Data, &network::DATA),
        ] {
            if let Some(blocks) = reader.list_or::<Block<28>>(&table, key, host_bits) {
                let span = blocks.span();
                let plain = |block: Written<Block<28>>| Written::new(block.value().0, block.span());
                subnets
                    .insert(tier, Written::new(blocks.into_value().into_iter().map(plain).collect(), span));
            }
        }
    }
    Addresses { cidr: cidr.map(|block| Written::new(block.value().0, block.span())), subnets }
}
