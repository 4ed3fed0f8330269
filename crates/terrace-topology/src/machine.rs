//! What things run on: kinds of machines, the size of a container, the runtime an app needs.

use std::fmt;
use std::str::FromStr;

/// What machines and containers are built for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Architecture {
    /// 64-bit x86.
    X86_64,
    /// 64-bit Arm.
    Arm64,
}

macro_rules! kind {
    ($(#[$doc:meta])* $name:ident, $error:ident, $message:literal, $fits:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        /// Why a text names none.
        #[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
        #[error($message)]
        pub struct $error;

        impl $name {
            /// As the provider writes it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = $error;

            fn from_str(text: &str) -> Result<Self, $error> {
                let fits: fn(&str) -> bool = $fits;
                if fits(text) { Ok(Self(text.to_owned())) } else { Err($error) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

/// `family.size`, such as `t3.small` or `u-6tb1.112xlarge`.
fn is_machine(text: &str) -> bool {
    let Some((family, size)) = text.split_once('.') else { return false };
    let plain = |part: &str, more: &[u8]| {
        (1..=20).contains(&part.len())
            && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || more.contains(&b))
    };
    plain(family, b"-") && family.starts_with(|c: char| c.is_ascii_lowercase()) && plain(size, b"-")
}

kind!(
    /// A kind of machine, such as `t3.small`; checked for form only, since new ones come every year.
    MachineType, MachineTypeError, "a kind of machine reads like `t3.small` or `m7g.large`", is_machine
);
kind!(
    /// A kind of database server, such as `db.t4g.medium`; checked for form only.
    DatabaseClass, DatabaseClassError, "a class of databases reads like `db.t4g.medium`",
    |text| text.strip_prefix("db.").is_some_and(is_machine)
);

/// A share of processors: 1024 units are one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CpuUnits(u16);

/// Why a number is no share of processors that containers get.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected 256, 512, 1024, 2048, 4096, 8192 or 16384; 1024 units are one processor")]
pub struct CpuUnitsError;

impl CpuUnits {
    /// The shares there are.
    pub const ALL: [u16; 7] = [256, 512, 1024, 2048, 4096, 8192, 16384];

    /// The share, if containers get it.
    pub fn new(units: u16) -> Result<Self, CpuUnitsError> {
        if Self::ALL.contains(&units) { Ok(Self(units)) } else { Err(CpuUnitsError) }
    }

    /// In units.
    pub const fn get(self) -> u16 {
        self.0
    }

    /// The memories that go with it, in MiB (AWS, "Fargate task sizes"): the list of steps for the smallest, else
    /// the least, the most and the step between.
    fn memories(self) -> Vec<u32> {
        let steps = |least: u32, most: u32, step: usize| (least..=most).step_by(step).collect();
        match self.0 {
            256 => vec![512, 1024, 2048],
            512 => steps(1024, 4096, 1024),
            1024 => steps(2048, 8192, 1024),
            2048 => steps(4096, 16384, 1024),
            4096 => steps(8192, 30720, 1024),
            8192 => steps(16384, 61440, 4096),
            _ => steps(32768, 122_880, 8192),
        }
    }

    /// The least memory that goes with it.
    pub fn least_memory(self) -> Mebibytes {
        Mebibytes(self.memories().first().copied().unwrap_or(512))
    }
}

/// An amount of memory in MiB; never 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mebibytes(u32);

/// Why a number is no amount of memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a memory has 1 to 1048576 MiB")]
pub struct MebibytesError;

impl Mebibytes {
    /// The amount, from 1 MiB to 1 TiB.
    pub fn new(amount: u32) -> Result<Self, MebibytesError> {
        if (1..=1 << 20).contains(&amount) { Ok(Self(amount)) } else { Err(MebibytesError) }
    }

    /// In MiB.
    pub const fn get(self) -> u32 {
        self.0
    }
}

/// The size of a container: a processor share and a memory that go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContainerSize {
    cpu: CpuUnits,
    memory: Mebibytes,
}

/// Why a share and a memory do not go together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} CPU units take a memory of {}", cpu.get(), spoken(*cpu))]
pub struct ContainerSizeError {
    cpu: CpuUnits,
}

impl ContainerSizeError {
    /// The share.
    pub const fn cpu(&self) -> CpuUnits {
        self.cpu
    }
}

/// The memories of a share, as people say them.
fn spoken(cpu: CpuUnits) -> String {
    match cpu.memories().as_slice() {
        [a, b, c] => format!("{a}, {b} or {c} MiB"),
        [first, second, .., last] => format!("{first} to {last} MiB, in steps of {}", second - first),
        other => format!("{other:?} MiB"),
    }
}

impl ContainerSize {
    /// The size, if the memory goes with the share.
    pub fn new(cpu: CpuUnits, memory: Mebibytes) -> Result<Self, ContainerSizeError> {
        if cpu.memories().contains(&memory.0) {
            Ok(Self { cpu, memory })
        } else {
            Err(ContainerSizeError { cpu })
        }
    }

    /// Its share of processors.
    pub const fn cpu(self) -> CpuUnits {
        self.cpu
    }

    /// Its memory.
    pub const fn memory(self) -> Mebibytes {
        self.memory
    }
}

/// What has to be on a machine for an app to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Runtime {
    /// CPython 3 of this minor version: 12 is Python 3.12.
    Python(u8),
    /// Node.js of this major version.
    Node(u8),
    /// A Java virtual machine of this version.
    Java(u8),
    /// Nothing: the program runs by itself.
    Native,
}

/// Why a text is no runtime.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a runtime reads like `python3.12`, `nodejs22` or `java21`; `native` needs none")]
pub struct RuntimeError;

impl FromStr for Runtime {
    type Err = RuntimeError;

    fn from_str(text: &str) -> Result<Self, RuntimeError> {
        if text == "native" {
            return Ok(Self::Native);
        }
        let number = |digits: &str| {
            let plain = (1..=2).contains(&digits.len())
                && digits.bytes().all(|b| b.is_ascii_digit())
                && !digits.starts_with('0');
            if plain { digits.parse::<u8>().map_err(|_| RuntimeError) } else { Err(RuntimeError) }
        };
        let version = |prefix: &str| text.strip_prefix(prefix).map(number);
        None.or_else(|| version("python3.").map(|n| n.map(Self::Python)))
            .or_else(|| version("nodejs").map(|n| n.map(Self::Node)))
            .or_else(|| version("java").map(|n| n.map(Self::Java)))
            .unwrap_or(Err(RuntimeError))
    }
}

impl fmt::Display for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Python(minor) => write!(f, "python3.{minor}"),
            Self::Node(major) => write!(f, "nodejs{major}"),
            Self::Java(version) => write!(f, "java{version}"),
            Self::Native => f.write_str("native"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(cpu: u16, memory: u32) -> Result<ContainerSize, String> {
        let (cpu, memory) = (CpuUnits::new(cpu).unwrap(), Mebibytes::new(memory).unwrap());
        ContainerSize::new(cpu, memory).map_err(|error| error.to_string())
    }

    #[test]
    fn sizes_are_those_that_containers_get() {
        for (cpu, memory) in [(256, 512), (512, 4096), (1024, 3072), (4096, 30720), (8192, 20480)] {
            assert!(size(cpu, memory).is_ok(), "{cpu} {memory}");
        }
        assert_eq!(size(256, 4096).unwrap_err(), "256 CPU units take a memory of 512, 1024 or 2048 MiB");
        assert_eq!(
            size(16384, 40961).unwrap_err(),
            "16384 CPU units take a memory of 32768 to 122880 MiB, in steps of 8192"
        );
        for cpu in CpuUnits::ALL {
            let cpu = CpuUnits::new(cpu).unwrap();
            assert!(ContainerSize::new(cpu, cpu.least_memory()).is_ok());
        }
    }

    #[test]
    fn runtimes_print_as_they_are_written() {
        for text in ["python3.12", "nodejs22", "java21", "native"] {
            assert_eq!(text.parse::<Runtime>().unwrap().to_string(), text);
        }
        for text in ["", "python", "python2.7", "python3.", "nodejs", "node22", "java08", "java999", "Native"]
        {
            assert!(text.parse::<Runtime>().is_err(), "{text}");
        }
    }

    #[test]
    fn kinds_have_the_form_of_kinds() {
        for good in ["t3.small", "m7g.16xlarge", "u-6tb1.112xlarge", "c5.metal"] {
            assert!(good.parse::<MachineType>().is_ok(), "{good}");
            assert!(format!("db.{good}").parse::<DatabaseClass>().is_ok(), "{good}");
        }
        for bad in ["", "t3", "T3.small", "t3.", ".small", "3t.small", "t3 small", "db.t3.small"] {
            assert!(bad.parse::<MachineType>().is_err(), "{bad}");
        }
        assert!("t3.small".parse::<DatabaseClass>().is_err());
    }
}
