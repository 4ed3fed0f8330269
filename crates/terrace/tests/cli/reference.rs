//! The reference page says what the program understands.

use std::path::Path;

#[test]
fn the_reference_page_is_that_of_this_program() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/cli.md");
    let page = terrace::reference();
    if std::env::var_os("TERRACE_UPDATE").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, &page).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(kept == page, "docs/cli.md is out of date: run TERRACE_UPDATE=1 cargo test -p terrace reference");
}
