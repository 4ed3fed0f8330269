//! The way to a deployed database: environment, running task or instance, target, host and port.
