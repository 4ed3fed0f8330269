//! Says what a program finds in an image; compiled and packed by the tests.

use std::os::unix::fs::MetadataExt as _;
use std::{env, fs};

fn main() {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    for line in status.lines().filter(|line| line.starts_with("Uid:") || line.starts_with("Gid:")) {
        println!("{}", line.split_whitespace().take(2).collect::<Vec<_>>().join(" "));
    }
    println!("arguments {:?}", env::args().collect::<Vec<_>>());
    println!("directory {:?}", env::current_dir().ok());
    for name in ["HOME", "HOST", "LOG_LEVEL", "SSL_CERT_FILE"] {
        println!("{name} {:?}", env::var(name).ok());
    }
    for path in
        ["/app/assets/latest", "/etc/ssl/certs/ca-certificates.crt", "/usr/share/zoneinfo/Europe/Berlin"]
    {
        println!("{path} {:?}", fs::read(path).map(|bytes| bytes.len()).ok());
    }
    for path in ["/tmp", "/home/nonroot", "/app", "/app/items-api", "/etc/passwd"] {
        let found = fs::metadata(path)
            .map(|found| format!("{:o} {}:{}", found.mode() & 0o7777, found.uid(), found.gid()));
        println!("{path} {:?}", found.ok());
    }
    for path in ["/tmp/a", "/home/nonroot/a", "/app/a", "/etc/a"] {
        println!("writes {path}: {}", fs::write(path, "a").is_ok());
    }
    println!("shell {}", fs::metadata("/bin/sh").is_ok());
}
