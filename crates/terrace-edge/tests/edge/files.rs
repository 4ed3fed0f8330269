//! Files that change, grow, vanish, and files that are compressed here.

use std::io::Read;
use std::time::{Duration, SystemTime};

use crate::support::edge::{Edge, config};
use crate::support::eventually;
use crate::support::folder::{Folder, MODIFIED, touch};

#[test]
fn a_changed_file_is_noticed() {
    let folder = Folder::new();
    let edge = Edge::start(&config(&folder.path(), None));
    let mut connection = edge.connect();
    let before = connection.get("/hello.txt");
    // The same length and time of change: only the inode's own time tells.
    folder.write("hello.txt", "HELLO, WORLD\n");
    eventually("the new content is served", || connection.get("/hello.txt").text() == "HELLO, WORLD\n");
    let after = connection.get("/hello.txt");
    assert_ne!(before.header("etag"), after.header("etag"));
    assert_eq!(before.header("last-modified"), after.header("last-modified"));

    touch(&folder.path().join("hello.txt"), SystemTime::UNIX_EPOCH + MODIFIED + Duration::from_secs(60));
    eventually("the new time is served", || {
        connection.get("/hello.txt").header("last-modified") == "Thu, 01 Jan 2026 00:01:00 GMT"
    });
    assert_eq!(connection.get("/hello.txt").header("etag"), after.header("etag"), "a tag is the content's");

    std::fs::remove_file(folder.path().join("hello.txt")).unwrap();
    eventually("it is gone", || connection.get("/hello.txt").status == 404);
}

#[test]
fn a_folder_that_is_built_anew_is_served() {
    let folder = Folder::new();
    let edge = Edge::start(&config(&folder.path(), None));
    let mut connection = edge.connect();
    assert!(connection.get("/").text().contains("<title>page"));
    std::fs::rename(folder.path(), folder.path().with_extension("old")).unwrap();
    eventually("there is nothing", || connection.get("/").status == 404);
    folder.write("index.html", "<!doctype html><title>new</title>");
    eventually("the new page is served", || connection.get("/").text().contains("<title>new"));
}

#[test]
fn text_is_compressed_once_in_the_background() {
    let folder = Folder::new();
    let edge = Edge::start(&config(&folder.path(), None));
    let mut connection = edge.connect();
    let plain = connection.get("/assets/plain.js");
    assert_eq!(plain.header("content-encoding"), "");
    for coding in ["br", "zstd", "gzip"] {
        let request =
            format!("GET /assets/plain.js HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: {coding}\r\n\r\n");
        eventually(coding, || connection.ask(&request).header("content-encoding") == coding);
        let coded = connection.ask(&request);
        assert!(coded.body.len() < plain.body.len() / 4, "{coding}");
        assert_eq!(coded.header("vary"), "accept-encoding");
        assert_ne!(coded.header("etag"), plain.header("etag"));
        let mut decoded = Vec::new();
        match coding {
            "br" => brotli::Decompressor::new(coded.body.as_slice(), 4096).read_to_end(&mut decoded),
            "zstd" => zstd::Decoder::new(coded.body.as_slice()).unwrap().read_to_end(&mut decoded),
            _ => flate2::read::GzDecoder::new(coded.body.as_slice()).read_to_end(&mut decoded),
        }
        .unwrap();
        assert_eq!(decoded, plain.body, "{coding}");
    }
}

#[test]
fn a_large_file_is_streamed_whole_and_in_parts() {
    let folder = Folder::new();
    let edge = Edge::start(&config(&folder.path(), None));
    let mut connection = edge.connect();
    let whole = connection.get("/big.bin");
    assert_eq!(whole.body, "0123456789abcdef".repeat(200_000).as_bytes());
    assert!(whole.header("etag").starts_with('"'));
    let part = connection.ask(&format!(
        "GET /big.bin HTTP/1.1\r\nHost: localhost\r\nRange: bytes=300000-2900000\r\nIf-Range: {}\r\n\r\n",
        whole.header("etag")
    ));
    assert_eq!(part.status, 206);
    assert_eq!(part.body, whole.body[300_000..=2_900_000]);
}

#[test]
fn a_file_that_shrinks_while_it_is_sent_ends_in_a_broken_response() {
    let folder = Folder::new();
    folder.write("huge.bin", &"x".repeat(64 * 1024 * 1024));
    let edge = Edge::start(&config(&folder.path(), None));
    let mut connection = edge.connect();
    // More than the sockets hold, so that the edge stands still in the middle until it is read on.
    connection.send("GET /huge.bin HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let mut bystander = edge.connect();
    eventually("the response has begun", || connection.has_begun());
    let file = std::fs::File::options().write(true).open(folder.path().join("huge.bin")).unwrap();
    file.set_len(1000).unwrap();
    assert!(connection.rest().len() < 64 * 1024 * 1024);
    assert_eq!(bystander.get("/probe.txt").text(), "PROBE");
}
