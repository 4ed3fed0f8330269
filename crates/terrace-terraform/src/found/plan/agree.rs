//! Which of the blocks that were written is which of those that are planned.

use serde_json::Value as Printed;

use crate::found::json::Object;

/// Whether a block may have these values: no constant of it is another.
pub(super) fn agrees(block: &Object, values: &Printed) -> bool {
    let Some(values) = values.as_object() else { return true };
    block.iter().all(|(name, expression)| match (expression, values.get(name)) {
        (Printed::Object(one), Some(value)) => match one.get("constant_value") {
            Some(constant) => same(constant, value),
            None => true,
        },
        (Printed::Array(blocks), Some(Printed::Array(values))) => {
            blocks.len() == values.len()
                && blocks
                    .iter()
                    .zip(values)
                    .all(|(block, value)| block.as_object().is_none_or(|block| agrees(block, value)))
        }
        _ => true,
    })
}

/// Whether two values are the same after Terraform's conversions between text and numbers.
fn same(one: &Printed, other: &Printed) -> bool {
    let spelled = |value: &Printed| match value {
        Printed::String(text) => text.clone(),
        value => value.to_string(),
    };
    match (one, other) {
        // Sets are sorted.
        (Printed::Array(one), Printed::Array(other)) => one.len() == other.len(),
        _ => one == other || spelled(one) == spelled(other),
    }
}
