//! smux, read by the crate in pieces of any length and by the plain reader at once.

use bytes::Bytes;
use proptest::prelude::*;
use terrace_ssm::StreamId;
use terrace_ssm::mux::{Decoder, Frame};

use crate::naive::{self, Said};

fn read(bytes: &[u8], cuts: &[usize]) -> Vec<Said> {
    let (mut decoder, mut said, mut rest) = (Decoder::new(), Vec::new(), bytes);
    let mut cuts = cuts.iter().cycle();
    while !rest.is_empty() {
        let (piece, after) = rest.split_at((*cuts.next().unwrap()).min(rest.len()));
        decoder.feed(Bytes::copy_from_slice(piece));
        rest = after;
        loop {
            match decoder.next_frame() {
                Ok(None) => break,
                Ok(Some(Frame::Syn(stream))) => said.push(Said::Syn(stream.get())),
                Ok(Some(Frame::Fin(stream))) => said.push(Said::Fin(stream.get())),
                Ok(Some(Frame::Nop(stream))) => said.push(Said::Nop(stream.get())),
                Ok(Some(Frame::Push(stream, data))) => {
                    said.extend(data.iter().map(|byte| Said::Byte(stream.get(), *byte)));
                }
                Err(error) => {
                    assert_eq!(decoder.next_frame(), Err(error), "an error stays");
                    said.push(Said::Wrong);
                    return said;
                }
            }
        }
    }
    said
}

fn frame() -> impl Strategy<Value = Frame> {
    let stream = prop_oneof![1..9_u32, any::<u32>()].prop_map(StreamId::new);
    (stream, 0..4_u8, prop::collection::vec(any::<u8>(), 1..400)).prop_map(
        |(stream, kind, data)| match kind {
            0 => Frame::Syn(stream),
            1 => Frame::Fin(stream),
            2 => Frame::Push(stream, Bytes::from(data)),
            _ => Frame::Nop(stream),
        },
    )
}

proptest! {
    #[test]
    fn frames_in_pieces(
        frames in prop::collection::vec(frame(), 0..8),
        cuts in prop::collection::vec(1..64_usize, 1..8),
        change in prop::option::of((0..600_usize, any::<u8>())),
    ) {
        let mut bytes = Vec::new();
        frames.iter().for_each(|frame| frame.encode(&mut bytes));
        if let Some((at, byte)) = change
            && let Some(place) = bytes.get_mut(at)
        {
            *place = byte;
        }
        let said = naive::smux(&bytes);
        prop_assert_eq!(read(&bytes, &cuts), said.clone());
        if change.is_none() {
            let expected: Vec<Said> = frames.iter().flat_map(|frame| match frame {
                Frame::Syn(stream) => vec![Said::Syn(stream.get())],
                Frame::Fin(stream) => vec![Said::Fin(stream.get())],
                Frame::Nop(stream) => vec![Said::Nop(stream.get())],
                Frame::Push(stream, data) => data.iter().map(|b| Said::Byte(stream.get(), *b)).collect(),
            }).collect();
            prop_assert_eq!(said, expected);
        }
    }

    #[test]
    fn anything(bytes in prop::collection::vec(prop_oneof![0..4_u8, any::<u8>()], 0..200), cuts in prop::collection::vec(1..20_usize, 1..8)) {
        prop_assert_eq!(read(&bytes, &cuts), naive::smux(&bytes));
    }
}

#[test]
fn much_data_is_cut_into_frames() {
    let data = Bytes::from(vec![7; 70_000]);
    let mut bytes = Vec::new();
    Frame::Push(StreamId::FIRST, data.clone()).encode(&mut bytes);
    assert_eq!(bytes.len(), 70_000 + 3 * 8);
    assert_eq!(naive::smux(&bytes), vec![Said::Byte(3, 7); 70_000]);
}
