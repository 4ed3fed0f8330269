//! What a deployment would change, as text for people and as JSON for programs.
