//! Diagnostics as people and programs read them: with the place in the source, all at once, then a summary.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde::Serialize;
use terrace_diag::{Diagnostic, Diagnostics, Label, Severity, Span};

/// The text that diagnostics are about, and what the file is called.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source<'a> {
    /// As the user would name the file.
    pub(crate) name: &'a str,
    /// Its text.
    pub(crate) text: &'a str,
}

/// All findings with their places, and a line that counts them; with styles. Nothing if there are none.
pub(crate) fn render(source: Source<'_>, all: &Diagnostics) -> String {
    if all.is_empty() {
        return String::new();
    }
    let renderer = Renderer::styled().term_width(width());
    let mut text = String::new();
    for diagnostic in all.iter() {
        text.push_str(&renderer.render(&[group(source, diagnostic)]));
        text.push_str("\n\n");
    }
    text.push_str(&summary(all));
    text.push('\n');
    text
}

/// `3 errors, 1 warning`.
pub(crate) fn summary(all: &Diagnostics) -> String {
    let count = |severity, one: &str| match all.count(severity) {
        0 => None,
        1 => Some(format!("1 {one}")),
        many => Some(format!("{many} {one}s")),
    };
    let parts = [count(Severity::Error, "error"), count(Severity::Warning, "warning")];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    parts.join(", ")
}

fn width() -> usize {
    indicatif::TermLike::width(&console()).clamp(60, 140).into()
}

fn console() -> impl indicatif::TermLike {
    dialoguer::console::Term::stderr()
}

fn group<'a>(source: Source<'a>, diagnostic: &'a Diagnostic) -> Group<'a> {
    let level = match diagnostic.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(diagnostic.message()).id(diagnostic.code().as_str());
    let mut group = Group::with_title(title);
    if let Some(primary) = diagnostic.primary() {
        let mut snippet = Snippet::source(source.text).path(source.name).annotation(annotation(
            source,
            AnnotationKind::Primary,
            primary,
        ));
        for label in diagnostic.secondary() {
            snippet = snippet.annotation(annotation(source, AnnotationKind::Context, label));
        }
        group = group.element(snippet);
    }
    group.elements(diagnostic.helps().iter().map(|help| Level::HELP.message(help)))
}

fn annotation<'a>(
    source: Source<'a>,
    kind: AnnotationKind,
    label: &'a Label,
) -> annotate_snippets::Annotation<'a> {
    let span = within(source.text, label.span());
    let annotation = kind.span(span);
    if label.text().is_empty() { annotation } else { annotation.label(label.text()) }
}

/// The span within the text, on character boundaries.
fn within(text: &str, span: Span) -> std::ops::Range<usize> {
    let start = text.floor_char_boundary(span.start().min(text.len()));
    let end = text.ceil_char_boundary(span.end().min(text.len()));
    start..end.max(start)
}

/// A finding as `--json` prints it.
#[derive(Debug, Serialize)]
pub(crate) struct Finding {
    code: &'static str,
    severity: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<Place>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    others: Vec<Place>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    help: Vec<String>,
}

/// A place in the manifest: lines and columns count from 1, columns in characters, the end excluded.
#[derive(Debug, Serialize)]
struct Place {
    file: String,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    #[serde(skip_serializing_if = "String::is_empty")]
    label: String,
}

/// All findings as values.
pub(crate) fn findings(source: Source<'_>, all: &Diagnostics) -> Vec<Finding> {
    let place = |label: &Label| {
        let span = within(source.text, label.span());
        let (line, column) = position(source.text, span.start);
        let (end_line, end_column) = position(source.text, span.end);
        Place {
            file: source.name.to_owned(),
            line,
            column,
            end_line,
            end_column,
            label: label.text().to_owned(),
        }
    };
    let finding = |diagnostic: &Diagnostic| Finding {
        code: diagnostic.code().as_str(),
        severity: match diagnostic.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        message: diagnostic.message().to_owned(),
        place: diagnostic.primary().map(place),
        others: diagnostic.secondary().iter().map(place).collect(),
        help: diagnostic.helps().to_vec(),
    };
    all.iter().map(finding).collect()
}

fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    use super::*;
    use terrace_diag::Code;

    const TEXT: &str = "name = \"items\"\nshape = \"ec3\"\n";

    fn some() -> Diagnostics {
        [
            Diagnostic::error(Code::new("test::shape"), "`ec3` is no shape")
                .at(Span::new(23, 28), "expected `ec2` or `fargate`")
                .help("did you mean `ec2`?"),
            Diagnostic::warning(Code::new("test::far"), "beyond the end").at(Span::new(900, 901), ""),
            Diagnostic::error(Code::new("test::none"), "nowhere to point at").help("look around"),
        ]
        .into_iter()
        .collect()
    }

    #[test]
    fn findings_are_shown_with_their_places_and_counted() {
        let text = render(Source { name: "terrace.toml", text: TEXT }, &some());
        insta::assert_snapshot!(anstream::adapter::strip_str(&text), @r#"
        error[test::shape]: `ec3` is no shape
         --> terrace.toml:2:9
          |
        2 | shape = "ec3"
          |         ^^^^^ expected `ec2` or `fargate`
          |
          = help: did you mean `ec2`?

        warning[test::far]: beyond the end
         --> terrace.toml:2:15
          |
        2 | shape = "ec3"
          |              ^

        error[test::none]: nowhere to point at
         |
         = help: look around

        2 errors, 1 warning
        "#);
    }

    #[test]
    fn places_count_from_one() {
        let all = findings(Source { name: "terrace.toml", text: TEXT }, &some());
        let place = all[0].place.as_ref().unwrap();
        assert_eq!((place.line, place.column, place.end_line, place.end_column), (2, 9, 2, 14));
    }
}
