//! However smux's bytes are cut, the same frames come of them.
//! Run with `cargo +nightly fuzz run ssm_mux`.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use terrace_ssm::mux::{Decoder, Frame};

/// Frames, with all data as one run for each stretch of a stream; `None` at the end for an error.
fn read<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Vec<Option<Frame>> {
    let (mut decoder, mut frames) = (Decoder::new(), Vec::new());
    for piece in pieces {
        decoder.feed(Bytes::copy_from_slice(piece));
        loop {
            match decoder.next_frame() {
                Ok(None) => break,
                Ok(Some(Frame::Push(stream, data))) => {
                    frames.extend(
                        data.iter().map(|b| Some(Frame::Push(stream, Bytes::copy_from_slice(&[*b])))),
                    );
                }
                Ok(Some(frame)) => frames.push(Some(frame)),
                Err(_) => {
                    frames.push(None);
                    return frames;
                }
            }
        }
    }
    frames
}

fuzz_target!(|input: (u8, &[u8])| {
    let (cut, bytes) = input;
    let whole = read(std::iter::once(bytes));
    assert_eq!(read(bytes.chunks(usize::from(cut).max(1))), whole);
    assert_eq!(read(bytes.chunks(1)), whole);
});
