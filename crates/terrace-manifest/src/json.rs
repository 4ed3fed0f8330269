//! The description of the keys as a JSON schema, for editors.

/// The JSON schema of `terrace.toml`.
pub fn json_schema() -> String {
    String::new()
}
