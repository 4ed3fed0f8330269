//! The table of calls in the docs, held to what is asked.

use std::collections::BTreeMap;

use crate::ground::{Ground, repository};
use crate::page::{FIRST, SECOND};

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
