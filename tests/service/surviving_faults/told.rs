//! An answer that a caller has. A long run has millions of them, so they are kept small.

use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use uuid::Uuid;

/// What a caller was told.
pub struct Told {
    /// The request's id.
    pub id: Uuid,
    /// The status.
    pub status: u16,
    deflated: Vec<u8>,
}

impl Told {
    /// What a request was answered with.
    pub fn of(id: Uuid, (status, body): (u16, &str)) -> Self {
        let mut deflated = DeflateEncoder::new(Vec::new(), Compression::fast());
        deflated.write_all(body.as_bytes()).unwrap();
        let deflated = deflated.finish().unwrap();
        Self {
            id,
            status,
            deflated,
        }
    }

    /// The body, to the byte.
    pub fn body(&self) -> Vec<u8> {
        let mut body = Vec::new();
        let mut deflated = DeflateDecoder::new(self.deflated.as_slice());
        deflated.read_to_end(&mut body).unwrap();
        body
    }
}
