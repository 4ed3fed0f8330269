//! Takes a deployed system away, and tells what is kept.
