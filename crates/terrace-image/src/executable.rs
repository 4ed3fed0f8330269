//! An executable that needs nothing but the kernel of the machine that it is for.

use bytes::Bytes;
use object::Endianness;
use object::elf::{DT_NEEDED, DT_NULL, EM_AARCH64, EM_X86_64, ET_DYN, ET_EXEC};
use object::read::elf::{Dyn as _, ElfFile64, FileHeader as _, ProgramHeader as _};

use crate::error::ImageError;
use crate::platform::Architecture;

/// A static executable (ELF, 64 bits) for one architecture: no loader asked for (`PT_INTERP`), no library needed (`DT_NEEDED`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Executable {
    bytes: Bytes,
    architecture: Architecture,
}

impl Executable {
    /// Reads the bytes' headers, no more: what is not static, or is for other machines, is refused with what to do.
    pub fn new(bytes: impl Into<Bytes>, asked: Architecture) -> Result<Self, ImageError> {
        let bytes = bytes.into();
        let none = |found: &str| ImageError::NoExecutable { found: found.to_owned(), asked };
        if let Some(found) = something_else(&bytes) {
            return Err(none(found));
        }
        let file = ElfFile64::<Endianness>::parse(&*bytes)
            .map_err(|error| none(&format!("an ELF file that cannot be read ({error})")))?;
        let (header, endian) = (file.elf_header(), file.endian());
        if header.is_big_endian() {
            return Err(other_machine("a machine with the other order of bytes", asked));
        }
        let machine = header.e_machine(endian);
        let found = match machine {
            EM_X86_64 => Architecture::Amd64,
            EM_AARCH64 => Architecture::Arm64,
            other => return Err(other_machine(&format!("another machine (ELF {})", other.0), asked)),
        };
        if found != asked {
            return Err(other_machine(found.as_str(), asked));
        }
        if !matches!(header.e_type(endian), ET_EXEC | ET_DYN) {
            return Err(none("an ELF file that is not linked (an object or a core)"));
        }
        let needs = needs(&file, &bytes)
            .map_err(|error| none(&format!("an ELF file that cannot be read ({error})")))?;
        if !needs.is_empty() {
            return Err(ImageError::NotStatic { needs: needs.join(", "), asked });
        }
        if header.e_entry(endian) == 0 {
            return Err(none("an ELF file without an entry point (a library)"));
        }
        Ok(Self { bytes, architecture: found })
    }

    /// Its bytes.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The machine that it is for.
    pub fn architecture(&self) -> Architecture {
        self.architecture
    }
}

fn other_machine(found: &str, asked: Architecture) -> ImageError {
    ImageError::OtherMachine { found: found.to_owned(), asked }
}

/// The loader and the libraries that it asks for.
fn needs(file: &ElfFile64<'_, Endianness>, bytes: &[u8]) -> object::read::Result<Vec<String>> {
    let endian = file.endian();
    let text = |bytes: &[u8]| {
        String::from_utf8_lossy(bytes).chars().filter(|one| !one.is_control()).take(100).collect()
    };
    // The sections have the libraries' names; whether there are any, the segments say, as they do to the kernel.
    let names = file.elf_dynamic_table()?;
    let mut needs: Vec<String> = Vec::new();
    for segment in file.elf_program_headers() {
        if let Some(loader) = segment.interpreter(endian, bytes)? {
            needs.push(text(loader));
        }
        let entries = segment.dynamic(endian, bytes)?.unwrap_or_default();
        let entries = entries.iter().take_while(|entry| entry.tag(endian) != DT_NULL);
        for entry in entries.filter(|entry| entry.tag(endian) == DT_NEEDED) {
            let name = u32::try_from(entry.val(endian)).ok().and_then(|at| names.strings().get(at).ok());
            needs.push(name.map_or_else(|| "a library".to_owned(), text));
        }
    }
    Ok(needs)
}

/// What is no ELF file of 64 bits, in words.
fn something_else(bytes: &[u8]) -> Option<&'static str> {
    let starts = |magic: &[u8]| bytes.starts_with(magic);
    match () {
        () if bytes.is_empty() => Some("an empty file"),
        () if starts(b"#!") => Some("a script, whose interpreter the image does not have"),
        () if starts(b"\xcf\xfa\xed\xfe") || starts(b"\xca\xfe\xba\xbe") => {
            Some("a program for macOS (Mach-O)")
        }
        () if starts(b"MZ") => Some("a program for Windows (PE)"),
        () if starts(b"\0asm") => Some("a module of WebAssembly"),
        () if starts(b"!<arch>\n") => Some("an archive of objects (a library)"),
        () if starts(b"PK\x03\x04") => Some("a ZIP or JAR archive"),
        () if starts(b"\x7fELF\x01") => Some("a program for 32 bits"),
        () if starts(b"\x7fELF\x02") => None,
        () => Some("not in the format of executables (ELF)"),
    }
}
