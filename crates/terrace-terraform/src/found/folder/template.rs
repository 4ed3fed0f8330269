//! Texts with `${…}` and `%{…}`.

use std::rc::Rc;

use hcl_edit::template::{Directive, Element, ForDirective, IfDirective, Strip, Template};
use terrace_aws::Text;

use super::convert;
use super::eval::pairs;
use super::scope::{Named, Scope};
use super::val::{Val, refs_in};
use super::world::{Known, Stop, World};

/// Bytes of a text that is made of others.
pub(super) const LONGEST: usize = 500_000;

/// Which blanks a `~` cuts.
#[derive(Clone, Copy, Default)]
pub(super) enum Blanks {
    /// All: in a text in quotes.
    #[default]
    All,
    /// Those of the same line: in a heredoc or a file. So many were cut before each line, which Terraform leaves where
    /// the end of the line before is cut.
    Line { indent: usize },
}

/// A text that grows, and blanks that wait whether they are cut off.
#[derive(Default)]
struct Growing {
    text: Text,
    length: usize,
    /// Cut the blanks at the beginning of what comes next.
    cut: bool,
    blanks: Blanks,
    /// Directives around this place.
    inside: usize,
}

impl Growing {
    fn push(&mut self, more: Text) -> Known<()> {
        self.length += more.parts().iter().fold(0, |all, part| {
            all + match part {
                terrace_aws::Part::Literal(literal) => literal.len(),
                _ => 1,
            }
        });
        if self.length > LONGEST {
            return Err(Stop::Unknown(super::val::refs_of("a text that is too long")));
        }
        self.text = std::mem::take(&mut self.text).then(more);
        Ok(())
    }
}

impl World<'_> {
    /// The text of a template; one lone `${…}` is its value, whatever that is.
    pub(super) fn template<'e>(
        &self,
        elements: impl Iterator<Item = &'e Element>,
        blanks: Blanks,
        scope: Scope<'_>,
    ) -> Known {
        let elements: Vec<&Element> = elements.collect();
        if let [Element::Interpolation(only)] = elements.as_slice() {
            return self.eval(&only.expr, scope);
        }
        let mut all = Growing { blanks, ..Growing::default() };
        self.elements(&elements, scope, &mut all, false)?;
        Ok(Val::text(all.text))
    }

    fn elements(
        &self,
        elements: &[&Element],
        scope: Scope<'_>,
        all: &mut Growing,
        cut_at_end: bool,
    ) -> Known<()> {
        for (at, element) in elements.iter().enumerate() {
            let cut_end = match elements.get(at + 1) {
                Some(next) => before(next).strip_start(),
                None => cut_at_end,
            };
            match element {
                Element::Literal(literal) => {
                    let mut literal = literal.as_str().to_owned();
                    // The parser takes the indent away outside of directives only.
                    if all.inside > 0 {
                        literal = dedented(&literal, all.blanks);
                    }
                    if std::mem::take(&mut all.cut) {
                        literal = without_start(&literal, all.blanks);
                    }
                    if cut_end {
                        literal.truncate(without_end(&literal, all.blanks).len());
                    }
                    all.push(Text::from(literal))?;
                }
                Element::Interpolation(interpolation) => {
                    let value = self.told(&interpolation.expr, scope)?;
                    all.push(convert::text(&value)?)?;
                    all.cut = interpolation.strip.strip_end();
                }
                Element::Directive(directive) => match directive.as_ref() {
                    Directive::If(directive) => self.choice(directive, scope, all)?,
                    Directive::For(directive) => self.repeated(directive, scope, all)?,
                },
            }
        }
        Ok(())
    }

    fn part(
        &self,
        template: &Template,
        scope: Scope<'_>,
        all: &mut Growing,
        from: Strip,
        to: Strip,
    ) -> Known<()> {
        all.cut = from.strip_end();
        let elements: Vec<&Element> = template.iter().collect();
        all.inside += 1;
        self.elements(&elements, scope, all, to.strip_start())?;
        all.inside -= 1;
        Ok(())
    }

    fn choice(&self, directive: &IfDirective, scope: Scope<'_>, all: &mut Growing) -> Known<()> {
        let condition = self.told(&directive.if_expr.cond_expr, scope)?;
        let end = directive.endif_expr.strip;
        let after_if = directive.else_expr.as_ref().map_or(end, |other| other.strip);
        match convert::truth(&condition) {
            Ok(true) => {
                self.part(&directive.if_expr.template, scope, all, directive.if_expr.strip, after_if)?;
            }
            Ok(false) => {
                if let Some(other) = &directive.else_expr {
                    self.part(&other.template, scope, all, other.strip, end)?;
                }
            }
            Err(Stop::Unknown(why)) => {
                let mut refs = why.as_ref().clone();
                for template in [
                    Some(&directive.if_expr.template),
                    directive.else_expr.as_ref().map(|other| &other.template),
                ] {
                    let Some(template) = template else { continue };
                    let mut inner = Growing { blanks: all.blanks, ..Growing::default() };
                    self.part(template, scope, &mut inner, Strip::None, Strip::None)?;
                    refs.extend(inner.text.references().cloned());
                }
                all.push(Text::opaque(refs))?;
            }
            Err(other) => return Err(other),
        }
        all.cut = end.strip_end();
        Ok(())
    }

    fn repeated(&self, directive: &ForDirective, scope: Scope<'_>, all: &mut Growing) -> Known<()> {
        let intro = &directive.for_expr;
        let end = directive.endfor_expr.strip;
        let collection = self.told(&intro.collection_expr, scope)?;
        for (key, value) in pairs(&collection)? {
            self.spend(1)?;
            if let Val::Rest(_) = value {
                all.push(Text::opaque(refs_in([&value]).as_ref().clone()))?;
                continue;
            }
            let outer = scope.name(intro.value_var.as_str(), &value);
            let inner = match &intro.key_var {
                Some(name) => Named::after(name.as_str(), &key, Some(&outer)),
                None => outer,
            };
            self.part(&intro.template, scope.within(Some(&inner)), all, intro.strip, end)?;
        }
        all.cut = end.strip_end();
        Ok(())
    }
}

/// How an element cuts what stands before it.
fn before(element: &Element) -> Strip {
    match element {
        Element::Literal(_) => Strip::None,
        Element::Interpolation(interpolation) => interpolation.strip,
        Element::Directive(directive) => match directive.as_ref() {
            Directive::If(directive) => directive.if_expr.strip,
            Directive::For(directive) => directive.for_expr.strip,
        },
    }
}

const BLANK: [char; 4] = [' ', '\t', '\r', '\n'];

fn dedented(text: &str, blanks: Blanks) -> String {
    let Blanks::Line { indent: indent @ 1.. } = blanks else { return text.to_owned() };
    let mut lines = text.split('\n');
    let mut all = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        let blank = line.len() - line.trim_start_matches(' ').len();
        all.push('\n');
        all.push_str(line.get(blank.min(indent)..).unwrap_or_default());
    }
    all
}

fn without_start(text: &str, blanks: Blanks) -> String {
    let Blanks::Line { indent } = blanks else { return text.trim_start_matches(BLANK).to_owned() };
    match text.split_once('\n') {
        Some((line, rest)) if line.trim_matches(BLANK).is_empty() => {
            let indented = !rest.is_empty() && !rest.starts_with(['\n', '\r']);
            format!("{}{rest}", " ".repeat(if indented { indent } else { 0 }))
        }
        _ => text.trim_start_matches(BLANK).to_owned(),
    }
}

fn without_end(text: &str, blanks: Blanks) -> &str {
    let Blanks::Line { .. } = blanks else { return text.trim_end_matches(BLANK) };
    // What ends with a line's end is that line.
    let last = text.trim_end_matches('\n').len().max(text.len().saturating_sub(1));
    match text.get(..last).and_then(|text| text.rfind('\n')) {
        Some(newline) => {
            let (before, line) = text.split_at(newline + 1);
            text.get(..before.len() + line.trim_end_matches(BLANK).len()).unwrap_or(text)
        }
        None => text.trim_end_matches(BLANK),
    }
}

/// A lone reference or unknown as text.
pub(super) fn as_text(value: &Val) -> Known {
    Ok(match value.bare() {
        Val::Text(_) | Val::Json(_) | Val::Base64(_) | Val::Unknown(_) | Val::Pointer(_) | Val::Null => {
            value.clone()
        }
        other => Val::Text(Rc::new(convert::text(other)?)),
    })
}
