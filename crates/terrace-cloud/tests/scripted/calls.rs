//! The table of calls in the docs, held to what is asked.

use std::collections::BTreeMap;

use terrace_cloud::release::record::Begun;

use crate::ground::{Ground, draft, repository};
use crate::page::{FIRST, SECOND};
use crate::server::Fate;

/// The rows of the table under a heading: what, and how many.
fn table(heading: &str) -> BTreeMap<String, usize> {
    let text = std::fs::read_to_string(repository().join("docs/releases.md")).unwrap();
    let part = text.split(&format!("### {heading}\n")).nth(1).unwrap();
    let part = part.split("\n#").next().unwrap();
    let rows = part.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| `")?.split(" | ");
        let name = cells.next()?.trim_end_matches('`').to_owned();
        Some((name, cells.next()?.trim_end_matches([' ', '|']).parse().unwrap()))
    });
    rows.collect()
}

fn counted(calls: &[String]) -> BTreeMap<String, usize> {
    let mut counted = BTreeMap::new();
    for call in calls {
        let mut words = call.split(' ');
        let name = format!("{}:{}", words.next().unwrap(), words.next().unwrap());
        *counted.entry(name).or_default() += 1;
    }
    counted
}

#[tokio::test]
async fn a_page_only_release_asks_what_the_table_says() {
    let ground = Ground::new();
    ground.build(&FIRST);
    ground.release(1, &|_| {}).await.unwrap();
    ground.build(&SECOND);
    ground.calls();
    ground.release(2, &|_| {}).await.unwrap();
    assert_eq!(counted(&ground.calls()), table("Page only, one file changed"));
}

#[tokio::test]
async fn a_code_only_release_asks_what_the_table_says() {
    let ground = Ground::new();
    ground.build(&FIRST);
    let first = ground.release(1, &|_| {}).await.unwrap();
    ground.server.world(|world| world.ecs.fate = Fate::Steady(0));
    ground.calls();
    let (book, draft) = (ground.book(), draft(first.record.contents.page, 2));
    let Begun::New(mut open) = book.begin(&draft, None).await.unwrap() else { panic!("it was begun before") };
    open.record.definition = Some(crate::containers::release(&ground, false, &|_| {}).await.unwrap());
    book.done(*open, draft.at).await.unwrap();
    assert_eq!(counted(&ground.calls()), table("Code only"));
}
