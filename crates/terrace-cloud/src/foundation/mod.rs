//! What stands before and after every system: the bucket of states and releases, the registry's repositories.
