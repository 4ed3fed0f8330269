//! What the tests make images of.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use terrace_image::{
    Architecture, Certificates, Executable, ImagePath, Index, Label, Labels, Node, Recipe, TimeZones,
    Timestamp, Tree, layout,
};

/// Says so even where the tests' words are kept back.
pub(crate) fn skipped(why: &str) {
    drop(std::io::stderr().write_all(format!("\nSKIPPED: {why}\n").as_bytes()));
}

pub(crate) fn path(text: &str) -> ImagePath {
    ImagePath::new(text).unwrap()
}

/// The headers of an ELF file of 64 bits with one segment of a kind (1 is loaded, 3 names a loader), and the segment's bytes.
pub(crate) fn elf(machine: u16, kind: u32, content: &[u8]) -> Vec<u8> {
    let mut file = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    file.extend(2_u16.to_le_bytes()); // it is linked
    file.extend(machine.to_le_bytes());
    file.extend(1_u32.to_le_bytes());
    for offset in [0x40_0078_u64, 64, 0] {
        file.extend(offset.to_le_bytes()); // entry point, segments, no sections
    }
    file.extend(0_u32.to_le_bytes());
    for size in [64_u16, 56, 1, 64, 0, 0] {
        file.extend(size.to_le_bytes());
    }
    file.extend(kind.to_le_bytes());
    file.extend(5_u32.to_le_bytes());
    let size = content.len() as u64;
    for number in [120, 0x40_0078, 0x40_0078, size, size, 1] {
        file.extend(number.to_le_bytes());
    }
    file.extend(content);
    file
}

/// A program that is one in form only.
pub(crate) fn program(architecture: Architecture) -> Executable {
    let machine = match architecture {
        Architecture::Amd64 => 62,
        Architecture::Arm64 => 183,
    };
    Executable::new(elf(machine, 1, architecture.as_str().as_bytes()), architecture).unwrap()
}

pub(crate) const PEM: &str = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

/// An image with everything in it.
pub(crate) fn everything(program: Executable) -> Recipe {
    let zones =
        [("UTC", b"TZif2 utc".as_slice()), ("Europe/Berlin", b"TZif2 berlin"), ("zone.tab", b"# table\n")];
    let zones = zones.map(|(name, bytes)| (name.to_owned(), bytes.into()));
    let files = Tree::default()
        .with(path("/app/assets/index.html"), Node::file("<h1>items</h1>\n"))
        .unwrap()
        .with(path("/app/assets/latest"), Node::Link { target: "index.html".to_owned() })
        .unwrap();
    let labels = Labels::default()
        .with(Label::Title, "items-api")
        .with(Label::Revision, "0123abc")
        .with_key("com.example.team", "shop")
        .unwrap();
    let mut recipe = Recipe::new(path("/app/items-api"), program)
        .certificates(Certificates::new(PEM).unwrap())
        .time_zones(TimeZones::new(zones).unwrap())
        .files("assets", files)
        .directory(path("/app"))
        .arguments(["--quiet"])
        .labels(labels)
        .time(Timestamp::new(1_700_000_000).unwrap());
    for (name, value) in [("LOG_LEVEL", "info"), ("HOST", "0.0.0.0")] {
        recipe = recipe.variable(name, value).unwrap();
    }
    recipe.port(8000.try_into().unwrap())
}

/// An image for both architectures.
pub(crate) fn both() -> Index {
    let images = Architecture::ALL.map(|architecture| everything(program(architecture)).image().unwrap());
    Index::new(images.into()).unwrap()
}

/// Writes a layout into a folder.
pub(crate) fn write(index: &Index, folder: &Path) {
    for (file, bytes) in layout("latest", index).unwrap() {
        let file = folder.join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, bytes).unwrap();
    }
}
