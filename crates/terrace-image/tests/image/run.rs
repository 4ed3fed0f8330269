//! How images run.
