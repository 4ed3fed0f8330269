//! Serves a folder: nothing outside of it, small files from memory, large ones as they are read.

mod stream;

pub(crate) use stream::FileBody;
