//! Code, page and configuration as one numbered thing: out, and back.
