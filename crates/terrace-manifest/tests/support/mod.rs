//! What the tests share: diagnostics as the text that a user reads.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use terrace_diag::{Diagnostic, Diagnostics, Severity};

/// All findings, as the command line shows them, without colours.
pub(crate) fn render(text: &str, diagnostics: &Diagnostics) -> String {
    let renderer = Renderer::plain();
    let all: Vec<String> = diagnostics.iter().map(|d| renderer.render(&[group(text, d)])).collect();
    let lines: Vec<String> = all.join("\n\n").lines().map(|line| line.trim_end().to_owned()).collect();
    lines.join("\n")
}

fn group<'a>(text: &'a str, diagnostic: &'a Diagnostic) -> Group<'a> {
    let level = match diagnostic.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group =
        Group::with_title(level.primary_title(diagnostic.message()).id(diagnostic.code().as_str()));
    if let Some(primary) = diagnostic.primary() {
        let range = |span: terrace_diag::Span| span.start()..span.end();
        let secondary = diagnostic
            .secondary()
            .iter()
            .map(|label| AnnotationKind::Context.span(range(label.span())).label(label.text()));
        let snippet = Snippet::source(text)
            .path("terrace.toml")
            .annotation(AnnotationKind::Primary.span(range(primary.span())).label(primary.text()))
            .annotations(secondary);
        group = group.element(snippet);
    }
    for help in diagnostic.helps() {
        group = group.element(Level::HELP.message(help));
    }
    group
}
