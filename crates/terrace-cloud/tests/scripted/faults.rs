//! Steps × faults: each call of a release befallen by each fault, once or for good; the same release again goes on.

use futures_util::{StreamExt as _, stream};

use crate::ground::{Ground, PAGE};
use crate::page::{FIRST, SECOND};
use crate::server::{Fault, When};

/// A system with a release in force, and the next one built.
async fn ground() -> Ground {
    let ground = Ground::new();
    ground.build(&FIRST);
    ground.release(1, &|_| {}).await.unwrap();
    ground.build(&SECOND);
    ground.calls();
    ground
}

/// The second release's state is the same, whatever befell it on its way.
async fn assert_whole(ground: &Ground, expected: &[String], what: &str) {
    let book = ground.book();
    let numbers: Vec<u32> = book.numbers().await.unwrap().iter().map(|one| one.get()).collect();
    assert_eq!(numbers, [2, 1], "{what}");
    let current = book.current().await.unwrap().unwrap();
    assert_eq!(current.get(), 2, "{what}");
    assert!(book.read(current).await.unwrap().unwrap().is_done(), "{what}");
    assert_eq!(ground.visible(), expected, "{what}");
    assert_eq!(ground.invalidations().len(), 2, "{what}");
    assert_eq!(ground.invalidations()[1], ["/", "/index.html"], "{what}");
}

#[tokio::test]
async fn a_release_goes_on_from_any_fault_at_any_call() {
    let calm = ground().await;
    calm.release(2, &|_| {}).await.unwrap();
    let (calls, expected) = (calm.calls(), calm.visible());
    assert!(calls.len() > 10, "{calls:?}");
    let mut table = Vec::new();
    for (nth, call) in calls.iter().enumerate() {
        for fault in Fault::ALL {
            table.extend([When::Once(nth), When::From(nth)].map(|when| (fault, when, call)));
        }
    }
    // Side by side, for silence takes its time.
    let befallen = table.into_iter().map(|(fault, when, call)| befallen((fault, when), call, &expected));
    stream::iter(befallen).for_each_concurrent(8, |one| one).await;
}

/// The second release, befallen by a fault, and if that stopped it, once more.
async fn befallen((fault, when): (Fault, When), call: &str, expected: &[String]) {
    let what = format!("{fault:?} {when:?}, about {call}");
    let ground = ground().await;
    let ground = if fault == Fault::Silence { ground.impatient() } else { ground };
    ground.server.world(|world| world.fault = Some((fault, when)));
    let came = ground.release(2, &|_| {}).await;
    ground.server.world(|world| world.fault = None);
    match (came, when) {
        (Ok(_), When::Once(_)) => {}
        (Ok(_), When::From(_)) => panic!("{what}: nobody noticed"),
        (Err(failure), When::Once(_)) => assert_eq!(fault, Fault::Expired, "{what}: {failure}"),
        (Err(failure), When::From(_)) => {
            assert!(failure.passing, "{what}: {failure}");
            let renew = failure.next.contains("aws sso login");
            assert_eq!(renew, fault == Fault::Expired, "{what}: {failure}");
        }
    }
    // Whoever has the former page finds what it names.
    let former = ground.server.world(|world| world.buckets[PAGE].contains_key("assets/app-a1b2c3d4.js"));
    assert!(former, "{what}");
    if ground.book().current().await.unwrap().is_some_and(|one| one.get() == 1) {
        let again = ground.release(3, &|_| {}).await;
        drop(again.unwrap_or_else(|failure| panic!("{what}: {failure}")));
    }
    assert_whole(&ground, expected, &what).await;
}
