//! JSON text → [`Json`].

use crate::{Json, Misfit, Text};

/// Reads literal text as JSON. Text made of references is opaque.
pub(crate) fn parse(text: &Text) -> Result<Json, Misfit> {
    let Some(literal) = text.literal() else { return Ok(Json::Text(text.forgotten())) };
    let value: serde_json::Value =
        serde_json::from_str(literal).map_err(|error| Misfit::Invalid(format!("is no JSON: {error}")))?;
    from(&value)
}

/// A parsed value; its depth is bounded by the parser (128).
pub(crate) fn from(value: &serde_json::Value) -> Result<Json, Misfit> {
    Ok(match value {
        serde_json::Value::Null => Json::Null,
        serde_json::Value::Bool(value) => Json::Bool(*value),
        serde_json::Value::Number(number) => {
            Json::Int(number.as_i64().ok_or(Misfit::Expected("JSON with whole numbers"))?)
        }
        serde_json::Value::String(text) => Json::Text(Text::from(text.as_str())),
        serde_json::Value::Array(items) => Json::List(items.iter().map(from).collect::<Result<_, _>>()?),
        serde_json::Value::Object(fields) => Json::Object(
            fields.iter().map(|(k, v)| from(v).map(|v| (k.clone(), v))).collect::<Result<_, _>>()?,
        ),
    })
}
