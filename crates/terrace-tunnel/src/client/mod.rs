//! A tunnel as its user has it: a port of this machine, and sessions behind it.
