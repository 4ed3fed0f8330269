//! What is refused, and what is said.

use std::fmt::Write as _;

use insta::assert_snapshot;
use proptest::prelude::*;
use terrace_image::{
    Architecture, Certificates, Executable, ImageError, ImagePath, Index, Labels, Mode, Node, Recipe,
    TimeZones, Timestamp, Tree, User,
};

use crate::given::{PEM, elf, everything, path, program};

fn said<T: std::fmt::Debug>(results: impl IntoIterator<Item = Result<T, ImageError>>) -> String {
    results.into_iter().fold(String::new(), |mut text, result| {
        writeln!(text, "{}", result.unwrap_err()).unwrap();
        text
    })
}

/// The headers of a file that has no loader and needs a library all the same.
fn library() -> Vec<u8> {
    let mut content = Vec::new();
    // DT_STRTAB at the address of the text, DT_STRSZ, DT_NEEDED of its second byte, DT_NULL.
    for number in [5_u64, 0x40_0078 + 64, 10, 11, 1, 1, 0, 0] {
        content.extend(number.to_le_bytes());
    }
    content.extend(b"\0libc.so.6\0\0\0\0\0\0");
    elf(62, 2, &content)
}

#[test]
fn what_is_no_static_executable_for_the_machine() {
    let files: [Vec<u8>; 10] = [
        Vec::new(),
        b"#!/bin/sh\n".to_vec(),
        b"\xcf\xfa\xed\xfe\x07\0\0\x01".to_vec(),
        b"MZ\x90\0".to_vec(),
        b"\x7fELF\x01\x01\x01".to_vec(),
        b"\x7fELF\x02\x01\x01".to_vec(),
        b"hello".to_vec(),
        elf(183, 1, b""),
        elf(62, 3, b"/lib64/ld-linux-x86-64.so.2\0"),
        library(),
    ];
    assert_snapshot!(said(files.map(|file| Executable::new(file, Architecture::Amd64))), @"
    this is no executable for Linux: an empty file; build for Linux, with `--target x86_64-unknown-linux-musl` (Rust) or `GOOS=linux GOARCH=amd64 CGO_ENABLED=0` (Go), and name the file that the build leaves
    this is no executable for Linux: a script, whose interpreter the image does not have; build for Linux, with `--target x86_64-unknown-linux-musl` (Rust) or `GOOS=linux GOARCH=amd64 CGO_ENABLED=0` (Go), and name the file that the build leaves
    this is no executable for Linux: a program for macOS (Mach-O); build for Linux, with `--target x86_64-unknown-linux-musl` (Rust) or `GOOS=linux GOARCH=amd64 CGO_ENABLED=0` (Go), and name the file that the build leaves
    this is no executable for Linux: a program for Windows (PE); build for Linux, with `--target x86_64-unknown-linux-musl` (Rust) or `GOOS=linux GOARCH=amd64 CGO_ENABLED=0` (Go), and name the file that the build leaves
    this is no executable for Linux: a program for 32 bits; build for Linux, with `--target x86_64-unknown-linux-musl` (Rust) or `GOOS=linux GOARCH=amd64 CGO_ENABLED=0` (Go), and name the file that the build leaves
    this is no executable for Linux: an ELF file that cannot be read (Invalid ELF header size or alignment); build for Linux, with `--target x86_64-unknown-linux-musl` (Rust) or `GOOS=linux GOARCH=amd64 CGO_ENABLED=0` (Go), and name the file that the build leaves
    this is no executable for Linux: not in the format of executables (ELF); build for Linux, with `--target x86_64-unknown-linux-musl` (Rust) or `GOOS=linux GOARCH=amd64 CGO_ENABLED=0` (Go), and name the file that the build leaves
    this executable is for arm64, the image is to be for amd64; build with `--target x86_64-unknown-linux-musl` (Rust) or `GOARCH=amd64` (Go), or ask for the other architecture
    this executable is not static: it needs /lib64/ld-linux-x86-64.so.2, which the image does not have; build with `--target x86_64-unknown-linux-musl` (Rust; `rustup target add` it first) or `CGO_ENABLED=0` (Go), or use a Dockerfile
    this executable is not static: it needs a library, which the image does not have; build with `--target x86_64-unknown-linux-musl` (Rust; `rustup target add` it first) or `CGO_ENABLED=0` (Go), or use a Dockerfile
    ");
}

#[test]
fn an_executable_that_this_machine_linked_with_its_own_libraries() {
    // The tests themselves are one, wherever the C library is not built in.
    let own = std::fs::read(std::env::current_exe().unwrap()).unwrap();
    let asked = if cfg!(target_arch = "aarch64") { Architecture::Arm64 } else { Architecture::Amd64 };
    let error = Executable::new(own, asked).unwrap_err().to_string();
    assert!(
        error.contains("not static") && error.contains("libc.so.6") && error.contains("-unknown-linux-musl"),
        "{error}"
    );
}

#[test]
fn recipes_that_cannot_be_followed() {
    let recipe = || Recipe::new(path("/app/api"), program(Architecture::Amd64));
    let file = |at: &str| Tree::default().with(path(at), Node::file("x")).unwrap();
    assert_snapshot!(said([
        recipe().entrypoint(["/bin/sh", "-c"]).image(),
        recipe().entrypoint(Vec::<String>::new()).image(),
        recipe().arguments(["a\0b"]).image(),
        recipe().files("one", file("/app/api")).image(),
        recipe().files("one", file("/x")).files("two", file("/x")).image(),
        recipe().files("one", file("/etc/passwd/x")).image(),
        recipe().files("one", file("/app")).image(),
        recipe().files("one", file("/x")).directory(path("/x")).image(),
        recipe().directory(path("/app/api")).image(),
        recipe().program(path("/boot"), program(Architecture::Arm64)).map(|_| unreachable()),
        recipe().variable("A=B", "").map(|_| unreachable()),
    ]), @"
    the image would start `/bin/sh`, which is none of its programs; expected one of: /app/api
    the image would start ``, which is none of its programs; expected one of: /app/api
    an argument of the command has a zero byte in it, which no program can be given
    `/app/api` is given twice; a path has one file
    `/x` is given twice; a path has one file
    `/etc/passwd/x` lies below `/etc/passwd`, which is no directory
    `/app/api` lies below `/app`, which is no directory
    the working directory `/x` is a file of the image; expected a directory
    the working directory `/app/api` is a file of the image; expected a directory
    this executable is for arm64, the image is to be for amd64; build with `--target x86_64-unknown-linux-musl` (Rust) or `GOARCH=amd64` (Go), or ask for the other architecture
    `A=B` cannot be a variable of the environment: a name is not empty and has no `=`; nothing has a zero byte in it
    ");
}

fn unreachable() -> terrace_image::Image {
    panic!("it was to be refused")
}

#[test]
fn parts_that_are_none() {
    let tree = Tree::default().with(path("/a/b"), Node::file("x")).unwrap();
    let zone = |name: &str, bytes: &'static [u8]| (name.to_owned(), bytes.into());
    let key = format!("{PEM}-----BEGIN RSA PRIVATE KEY-----\n");
    let mut told = said([
        tree.clone().with(path("/a/b"), Node::file("y")),
        tree.clone().with(path("/a/b/c"), Node::file("y")),
        tree.clone().with(path("/a"), Node::file("y")),
        tree.with(path("/l"), Node::Link { target: String::new() }),
    ]);
    told += &said(
        ["", "junk", PEM.strip_suffix("-----\n").unwrap(), &key].map(|pem| Certificates::new(pem.to_owned())),
    );
    told += &said([
        TimeZones::new([]),
        TimeZones::new([zone("UTC", b"TZif"), zone("passwords.txt", b"hunter2")]),
        TimeZones::new([zone("../UTC", b"TZif")]),
    ]);
    told += &said([0o4755, 0o10000].map(Mode::new));
    told += &said([Timestamp::new(u64::MAX)]);
    told += &said(
        ["", "two words", "org.opencontainers.image.created"].map(|key| Labels::default().with_key(key, "")),
    );
    told += &said(
        [("root", 5), ("app", 0), ("", 5), ("A:b", 5), ("app", u32::MAX)]
            .map(|(name, id)| User::new(name, id)),
    );
    let image = everything(program(Architecture::Amd64)).image().unwrap();
    told += &said([Index::new(vec![]), Index::new(vec![image.clone(), image])]);
    assert_snapshot!(told, @"
    `/a/b` is given twice; a path has one file
    `/a/b/c` lies below `/a/b`, which is no directory
    `/a/b` lies below `/a`, which is no directory
    the link `/l` needs a target of 1 to 4095 bytes without control characters
    these are no CA certificates: there is no `-----BEGIN CERTIFICATE-----` in them; expected PEM, such as /etc/ssl/certs/ca-certificates.crt of Debian
    these are no CA certificates: there is no `-----BEGIN CERTIFICATE-----` in them; expected PEM, such as /etc/ssl/certs/ca-certificates.crt of Debian
    these are no CA certificates: the last certificate is cut off; expected PEM, such as /etc/ssl/certs/ca-certificates.crt of Debian
    these are no CA certificates: there is a private key among them, which no image may hold; expected PEM, such as /etc/ssl/certs/ca-certificates.crt of Debian
    `.` is no part of a zoneinfo tree: there is no compiled zone in it; expected files such as /usr/share/zoneinfo/Europe/Berlin of Debian's tzdata
    `passwords.txt` is no part of a zoneinfo tree: it is no compiled zone (it does not begin with `TZif`); expected files such as /usr/share/zoneinfo/Europe/Berlin of Debian's tzdata
    the path `/usr/share/zoneinfo/../UTC` cannot be in an image: write the path without `.` and `..`
    4755 are no permissions: expected 0 to 1777 (octal), without set-user and set-group
    10000 are no permissions: expected 0 to 1777 (octal), without set-user and set-group
    18446744073709551615 s is no time for an image: expected seconds since 1970, at most 8589934591 (SOURCE_DATE_EPOCH)
    `` cannot be a label's key: expected visible characters such as `com.example.team`; the time of creation is given apart
    `two words` cannot be a label's key: expected visible characters such as `com.example.team`; the time of creation is given apart
    `org.opencontainers.image.created` cannot be a label's key: expected visible characters such as `com.example.team`; the time of creation is given apart
    an image runs as a user of its own, from 1 to 4294967294, with a name of small letters; root (5) is none
    an image runs as a user of its own, from 1 to 4294967294, with a name of small letters; app (0) is none
    an image runs as a user of its own, from 1 to 4294967294, with a name of small letters;  (5) is none
    an image runs as a user of its own, from 1 to 4294967294, with a name of small letters; A:b (5) is none
    an image runs as a user of its own, from 1 to 4294967294, with a name of small letters; app (4294967295) is none
    an index names at least one image
    an index names one image for each architecture; amd64 is there twice
    ");
}

proptest! {
    /// A real file of the format, a part of it replaced and cut: whatever comes of it, no panic.
    #[test]
    fn no_bytes_make_it_panic(at in 0_usize..300, with: Vec<u8>, cut in 0_usize..300) {
        let mut file = library();
        for (index, byte) in with.into_iter().enumerate() {
            if let Some(place) = file.get_mut(at + index) {
                *place = byte;
            }
        }
        file.truncate(cut);
        let _ = Executable::new(file, Architecture::Amd64);
    }

    #[test]
    fn no_bundle_makes_it_panic(text in "(-----BEGIN CERTIFICATE-----|-----END CERTIFICATE-----|\n|\\PC){0,12}") {
        let _ = Certificates::new(text.clone());
        let _ = TimeZones::new([(text, b"TZif".as_slice().into())]);
    }

    #[test]
    fn a_tree_holds_nothing_below_a_file_in_whatever_order_it_grows(
        paths in prop::collection::vec("/[ab](/[ab]){0,3}", 0..8),
    ) {
        let mut tree = Tree::default();
        for path in &paths {
            let _ = tree.insert(ImagePath::new(path).unwrap(), Node::file("x"));
        }
        for (path, _) in tree.iter() {
            prop_assert!(path.parents().all(|parent| tree.get(&parent).is_none()));
        }
    }
}
