//! Makes the coded forms of a file once, on a blocking thread; until they are there the plain one is served.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use super::asset::Asset;
use super::negotiate::Coding;

/// Brotli 9, Zstandard 12, gzip 6: within a few per cent of the best, in a fraction of its time.
const BROTLI: i32 = 9;
const ZSTANDARD: i32 = 12;
const GZIP: u32 = 6;

/// One at a time: compressing must not take the processor from requests.
static TURN: Mutex<()> = Mutex::new(());

/// Starts it, if there is anything to do.
pub(super) fn in_background(asset: &Arc<Asset>) {
    if asset.to_compress().is_none() {
        return;
    }
    let asset = Arc::clone(asset);
    drop(tokio::task::spawn_blocking(move || {
        let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(plain) = asset.to_compress() else { return };
        let made = Coding::ALL
            .iter()
            .filter_map(|coding| Some((*coding, compress(*coding, &plain).ok()?)))
            .collect();
        asset.compressed(made);
    }));
}

fn compress(coding: Coding, plain: &[u8]) -> io::Result<Vec<u8>> {
    match coding {
        Coding::Brotli => {
            let parameters = brotli::enc::BrotliEncoderParams {
                quality: BROTLI,
                size_hint: plain.len(),
                ..Default::default()
            };
            let mut coded = Vec::new();
            brotli::BrotliCompress(&mut io::Cursor::new(plain), &mut coded, &parameters)?;
            Ok(coded)
        }
        Coding::Zstandard => zstd::bulk::compress(plain, ZSTANDARD),
        Coding::Gzip => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(GZIP));
            encoder.write_all(plain)?;
            encoder.finish()
        }
    }
}
