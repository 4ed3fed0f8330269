//! The page: what goes where, in which order, and what is left out.

use std::sync::Mutex;

use insta::assert_snapshot;
use terrace_cloud::release::page::Event;

use crate::ground::{Ground, PAGE};

pub(crate) const FIRST: [(&str, &str); 6] = [
    ("index.html", "<script src=/assets/app-a1b2c3d4.js>"),
    ("docs/index.html", "docs"),
    ("assets/app-a1b2c3d4.js", "app 1"),
    ("assets/base-0f0f0f0e.css", "css"),
    ("logo.svg", "<svg/>"),
    (".env", "PLANTED=1"),
];

/// One file changed, and with it its name and the index that names it.
pub(crate) const SECOND: [(&str, &str); 5] = [
    ("index.html", "<script src=/assets/app-e5f6a7b8.js>"),
    ("docs/index.html", "docs"),
    ("assets/app-e5f6a7b8.js", "app 2 is longer"),
    ("assets/base-0f0f0f0e.css", "css"),
    ("logo.svg", "<svg/>"),
];

#[tokio::test]
async fn a_page_goes_out_whole_and_then_only_what_changed() {
    let ground = Ground::new();
    ground.build(&FIRST);
    ground.release(1, &|_| {}).await.unwrap();
    assert_snapshot!(ground.visible().join("\n"), @"
    assets/app-a1b2c3d4.js | text/javascript; charset=utf-8 | public, max-age=31536000, immutable | app 1
    assets/base-0f0f0f0e.css | text/css; charset=utf-8 | public, max-age=31536000, immutable | css
    docs/index.html | text/html; charset=utf-8 | no-cache | docs
    index.html | text/html; charset=utf-8 | no-cache | <script src=/assets/app-a1b2c3d4.js>
    logo.svg | image/svg+xml | public, max-age=60 | <svg/>
    ");
    assert_eq!(ground.invalidations(), [["/", "/docs/", "/docs/index.html", "/index.html", "/logo.svg"]]);

    ground.build(&SECOND);
    let before = ground.server.world(|world| world.bytes);
    ground.calls();
    let events = Mutex::new(Vec::new());
    let released = ground.release(2, &|event| events.lock().unwrap().push(event)).await.unwrap();
    // The file that changed and its index; records are no part of the page.
    assert_eq!(released.brought.sent, ["assets/app-e5f6a7b8.js", "index.html"]);
    assert_eq!(released.brought.bytes, 15 + 36);
    let records: usize = 3;
    let calls = ground.calls();
    let record = calls.iter().filter(|call| call.contains("PutObject") && call.contains("releases/")).count();
    assert_eq!(record, records);
    let sent = ground.server.world(|world| world.bytes) - before;
    let written = released.record.text().len();
    assert!(
        sent < 51 + 2 * written + 4,
        "{sent} bytes were sent, of which records are about {}",
        2 * written
    );
    assert_eq!(ground.invalidations()[1..], [["/", "/index.html"]]);
    assert_snapshot!(told(&events.into_inner().unwrap()), @r#"
    Compared { changed: 2, same: 3 }
    Sent { path: "assets/app-e5f6a7b8.js", length: 15 }
    Sent { path: "index.html", length: 36 }
    Replaced { path: "index.html" }
    Invalidating { paths: ["/", "/index.html"] }
    Invalidated
    "#);
    assert_snapshot!(calls.join("\n"), @"
    s3 ListObjectsV2 terrace-123456789012-eu-west-1 releases/items/default/
    s3 GetObject terrace-123456789012-eu-west-1 releases/items/default/1.json
    s3 GetObject terrace-123456789012-eu-west-1 releases/items/default/current
    s3 PutObject terrace-123456789012-eu-west-1 releases/items/default/2.json
    s3 HeadObject items-page assets/app-e5f6a7b8.js
    s3 PutObject items-page assets/app-e5f6a7b8.js
    s3 HeadObject terrace-123456789012-eu-west-1 artifacts/items/default/page/05ac3958864569406d20894a8c0a106c413a0928590f8b3b2e98eaef453201c1
    s3 PutObject terrace-123456789012-eu-west-1 artifacts/items/default/page/05ac3958864569406d20894a8c0a106c413a0928590f8b3b2e98eaef453201c1
    s3 CopyObject items-page index.html
    cloudfront CreateInvalidation E2QWRUHAPOMQZL
    cloudfront GetInvalidation E2QWRUHAPOMQZL
    s3 PutObject terrace-123456789012-eu-west-1 releases/items/default/2.json
    s3 PutObject terrace-123456789012-eu-west-1 releases/items/default/current
    ");
}

#[tokio::test]
async fn nothing_is_sent_and_nothing_forgotten_when_nothing_changed() {
    let ground = Ground::new();
    ground.build(&FIRST);
    ground.release(1, &|_| {}).await.unwrap();
    let released = ground.release(2, &|_| {}).await.unwrap();
    assert_eq!(released.brought, Default::default());
    assert_eq!(ground.invalidations().len(), 1);
}

#[tokio::test]
async fn a_former_page_is_put_back_without_its_files_while_it_is_kept() {
    let ground = Ground::new();
    ground.build(&FIRST);
    let first = ground.release(1, &|_| {}).await.unwrap();
    let visible = ground.visible();
    ground.build(&SECOND);
    ground.release(2, &|_| {}).await.unwrap();
    let back = ground.restore(first.record.number, 3).await.unwrap();
    assert_eq!((back.record.number.get(), back.brought.bytes), (3, 0));
    assert_eq!(back.brought.replaced, ["index.html"]);
    let now = ground.visible();
    let missing: Vec<_> = visible.iter().filter(|line| !now.contains(line)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert_eq!(ground.book().current().await.unwrap(), Some(back.record.number));

    // Of two that are kept, neither has what the first alone had.
    ground.build(&SECOND);
    ground.release(4, &|_| {}).await.unwrap();
    ground.release(5, &|_| {}).await.unwrap();
    assert!(!ground.visible().iter().any(|line| line.contains("app-a1b2c3d4")));
    let gone = ground.restore(first.record.number, 6).await.unwrap_err().to_string();
    assert_snapshot!(gone, @"
    the page cannot be put back
      `assets/app-a1b2c3d4.js` is in no bucket any more: no release that is kept has it
    in force: what was in force before
    next: deploy its commit again; `terrace releases` tells which that was
    ");
}

#[tokio::test]
async fn what_is_no_part_of_the_page_any_more_is_gone_and_forgotten() {
    let ground = Ground::new();
    ground.build(&FIRST);
    ground.release(1, &|_| {}).await.unwrap();
    ground.build(&[("index.html", FIRST[0].1), ("assets/app-a1b2c3d4.js", "app 1")]);
    let released = ground.release(2, &|_| {}).await.unwrap();
    assert_eq!(released.brought.removed, ["docs/index.html", "logo.svg"]);
    assert_eq!(ground.invalidations()[1..], [["/docs/", "/docs/index.html", "/logo.svg"]]);
    // What has a hash stays for whoever has the former page.
    assert!(ground.visible().iter().any(|line| line.starts_with("assets/base-0f0f0f0e.css")));
}

#[tokio::test]
async fn what_a_release_that_failed_left_is_found_and_replaced() {
    let ground = Ground::new();
    ground.build(&FIRST);
    ground.release(1, &|_| {}).await.unwrap();
    // Somebody's release stopped after it had replaced the index, and was given up.
    let draft = crate::ground::draft(None, 2);
    let begun = ground.book().begin(&draft, None).await.unwrap();
    let terrace_cloud::release::record::Begun::New(open) = begun else { panic!("{begun:?}") };
    ground.book().failed(*open, draft.at, vec!["it was stopped".to_owned()]).await.unwrap();
    ground.server.world(|world| {
        world.buckets.get_mut(PAGE).unwrap().get_mut("index.html").unwrap().body = b"half".to_vec();
    });
    let released = ground.release(3, &|_| {}).await.unwrap();
    assert_eq!(released.brought.replaced, ["index.html"]);
    assert!(ground.visible().iter().any(|line| line.starts_with("index.html") && line.ends_with(FIRST[0].1)));
    assert_eq!(ground.invalidations().len(), 2);
}

#[tokio::test]
async fn a_folder_that_is_no_page_is_told_so() {
    let ground = Ground::new();
    let mut told = Vec::new();
    ground.build(&[("main.js", "x")]);
    told.push(ground.release(1, &|_| {}).await.err().unwrap().to_string());
    ground.build(&[("index.html", "x")]);
    std::os::unix::fs::symlink("/etc/hostname", ground.built.path().join("a")).unwrap();
    told.push(ground.release(1, &|_| {}).await.err().unwrap().to_string());
    ground.build(&[("index.html", "x"), ("a\nb", "")]);
    told.push(ground.release(1, &|_| {}).await.err().unwrap().to_string());
    std::fs::remove_dir_all(ground.built.path()).unwrap();
    told.push(ground.release(1, &|_| {}).await.err().unwrap().to_string());
    std::fs::create_dir(ground.built.path()).unwrap();
    let told =
        told.join("\n\n").replace(ground.built.path().canonicalize().unwrap().to_str().unwrap(), "BUILT");
    assert_snapshot!(told, @"
    this is no built page
      BUILT: there is no index.html in it
    in force: what was in force before
    next: build the page first, or correct its folder

    the built page has a file that cannot be released
      BUILT/a: it is a link that leads out of the page's folder
    in force: what was in force before
    next: rename it or take it out of the build

    the built page has a file that cannot be released
      BUILT/a
    b: its name has a control character
    in force: what was in force before
    next: rename it or take it out of the build

    the built page could not be read
      BUILT: No such file or directory (os error 2)
    in force: what was in force before
    next: build the page first, or correct its folder
    ");
    assert!(ground.calls().is_empty(), "nothing was begun");
}

/// How often it is told that a file is being sent depends on the connection.
fn told(events: &[Event]) -> String {
    let events = events.iter().filter(|event| !matches!(event, Event::Sending { .. }));
    events.map(|event| format!("{event:?}\n")).collect()
}
