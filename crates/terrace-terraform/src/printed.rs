//! JSON that Terraform prints, for whoever reads it: its numbers, and which of the blocks that were written is which of those
//! that are planned.

use serde_json::{Map, Value as Printed};
use terrace_aws::{Text, Value};

/// A number: whole, or in thousandths, or (more precise than that) as it was printed.
pub(crate) fn number(number: &serde_json::Number) -> Value {
    if let Some(whole) = number.as_i64() {
        return Value::Int(whole);
    }
    let spelled = number.to_string();
    let thousandths = spelled.split_once('.').and_then(|(whole, decimals)| {
        let short = decimals.len() <= 3 && decimals.bytes().all(|b| b.is_ascii_digit());
        if short { format!("{whole}{decimals:0<3}").parse().ok() } else { None }
    });
    thousandths.map_or_else(|| Value::Text(Text::from(spelled)), Value::Milli)
}

/// Whether a block may have these values: no constant of it is another.
pub(crate) fn agrees(block: &Map<String, Printed>, values: &Printed) -> bool {
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
