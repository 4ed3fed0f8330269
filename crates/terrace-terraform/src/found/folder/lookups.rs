//! Lookups (`data`) whose answer follows from what is written.

use std::rc::Rc;

use terrace_aws::inventory::ItemId;
use terrace_aws::{Mode, Reference, Value};

use super::keys::{Declared, Instance};
use super::val::Val;
use super::world::{Known, World};

/// Whose account it is: one name for all that ask.
fn account() -> Val {
    let id = ItemId::new("aws_caller_identity", "data.aws_caller_identity.this").with_mode(Mode::Data);
    Val::pointer(Reference::to_item(id, "account_id"))
}

impl World<'_> {
    /// An attribute that can be told without asking AWS; none if it cannot.
    pub(super) fn known_attribute(&self, of: &Val, declared: &Rc<Declared>, name: &str) -> Option<Known> {
        if declared.mode != Mode::Data {
            return None;
        }
        let Val::Thing(Instance::Resource { module, .. }) = of else { return None };
        Some(match (declared.type_name.as_ref(), name) {
            ("aws_caller_identity", "account_id" | "id") => Ok(account()),
            ("aws_partition", "partition" | "id") => Ok(Val::text("aws")),
            ("aws_partition", "dns_suffix") => Ok(Val::text("amazonaws.com")),
            ("aws_partition", "reverse_dns_prefix") => Ok(Val::text("com.amazonaws")),
            ("aws_region", "name" | "id" | "region") => self.module(*module).map(|module| {
                let region = self.provider(&module, "aws").region;
                region.unwrap_or_else(|| Val::unknown("the provider's region"))
            }),
            _ => return None,
        })
    }

    /// The document of an `aws_iam_policy_document`, as a record holds it.
    pub(super) fn policy_json(&self, of: &Val, declared: &Rc<Declared>) -> Option<Value> {
        if declared.mode != Mode::Data || declared.type_name.as_ref() != "aws_iam_policy_document" {
            return None;
        }
        let document = self.complete(|| self.attribute(of, "json")).ok()?;
        super::output::value("policy", &document)
    }
}
