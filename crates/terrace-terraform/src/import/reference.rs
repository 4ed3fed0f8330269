//! References as text: `aws_lb.public.arn`, `data.aws_caller_identity.this.account_id`, `var.release`.

use terrace_aws::{Address, Kind, Label, Mode, Reference, Target};

/// Reads a reference to an attribute of a resource that is modelled, or to a variable.
pub(super) fn parse(text: &str) -> Option<Reference> {
    let (mode, rest) = mode_of(text);
    let (first, rest) = rest.split_once('.')?;
    if first == "var" && mode == Mode::Managed {
        return Some(Reference::variable(rest.parse().ok()?));
    }
    let (label, attribute) = rest.split_once('.').unwrap_or((rest, ""));
    let label: Label = label.parse().ok()?;
    let kind = Kind::find(mode, first)?;
    Some(Reference::new(Target::Resource(Address::new(kind, label)), attribute))
}

/// Reads an address: `aws_lb.public`.
pub(super) fn address(text: &str) -> Option<Address> {
    let (mode, rest) = mode_of(text);
    let (kind, label) = rest.split_once('.')?;
    Some(Address::new(Kind::find(mode, kind)?, label.parse().ok()?))
}

fn mode_of(text: &str) -> (Mode, &str) {
    for mode in [Mode::Data, Mode::Ephemeral] {
        if let Some(rest) = text.strip_prefix(mode.prefix()) {
            return (mode, rest);
        }
    }
    (Mode::Managed, text)
}
