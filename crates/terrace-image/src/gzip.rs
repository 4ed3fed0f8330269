//! The gzip format (RFC 1952) around one compressor, so that the bytes are ours and nobody's features change them.
//!
//! `flate2` packs with whichever of three compressors the whole program has switched on; an image would then have another
//! digest in another program. `miniz_oxide` is called by itself for that reason.

/// The level of zlib's that pays: the next three take longer and save less than a hundredth.
const LEVEL: u8 = 6;

/// RFC 1952, 2.3: magic, deflate, no flags, no time, neither fastest nor slowest, no system named.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// These bytes as one gzip member.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = HEADER.to_vec();
    packed.extend(miniz_oxide::deflate::compress_to_vec(bytes, LEVEL));
    packed.extend(crc32fast::hash(bytes).to_le_bytes());
    // RFC 1952: the size modulo 2^32.
    packed.extend((bytes.len() as u64).to_le_bytes().into_iter().take(4));
    packed
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn another_reader_gets_the_same_bytes(bytes: Vec<u8>, again in 1_usize..2000) {
            let bytes = bytes.repeat(again);
            let mut read = Vec::new();
            // It checks the sum and the size.
            flate2::read::GzDecoder::new(gzip(&bytes).as_slice()).read_to_end(&mut read).unwrap();
            prop_assert_eq!(read, bytes);
        }
    }
}
