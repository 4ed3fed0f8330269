//! Values that only the system reads: set, listed, replaced.
