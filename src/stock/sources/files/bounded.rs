//! Readers that count: how much a file has, its hash, and how much comes out of an archive.

use std::cell::Cell;
use std::io::{self, Read};

use sha2::{Digest as _, Sha256};

use super::error::FileError;
use crate::told;

/// Out of one packed byte come at most so many: rows of prices give about 4, and 1000 is what deflate can do.
const MOST_RATIO: u64 = 200;

/// A little text of one letter is no bomb.
const FREE: u64 = 1024 * 1024;

/// A file on its way: counted, hashed, and refused from `most` bytes on.
pub(super) struct Hashed<R> {
    inner: R,
    hash: Sha256,
    bytes: u64,
    most: u64,
}

impl<R: Read> Hashed<R> {
    pub(super) fn new(inner: R, most: u64) -> Self {
        Self { inner, hash: Sha256::new(), bytes: 0, most }
    }

    /// The number of bytes, and their SHA-256 in hexadecimal.
    pub(super) fn finish(self) -> (u64, String) {
        (self.bytes, self.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.hash.update(&buffer[..length]);
        self.bytes += length as u64;
        if self.bytes > self.most {
            return Err(io::Error::other(too_large(self.most)));
        }
        Ok(length)
    }
}

pub(super) fn too_large(most: u64) -> FileError {
    let most = most / (1024 * 1024);
    FileError::too_large(told!("it is larger than {most} MiB", "大きすぎます。{most} MiB までです"))
}

/// What comes out of one part of an archive. `total` is what came out of all of them.
pub(super) struct Unpacked<'a, R> {
    pub inner: R,
    pub packed: u64,
    pub unpacked: u64,
    pub total: &'a Cell<u64>,
    pub most: u64,
}

impl<R: Read> Read for Unpacked<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.unpacked += length as u64;
        self.total.set(self.total.get() + length as u64);
        let reason = if self.unpacked > FREE && self.unpacked / MOST_RATIO > self.packed {
            told!(
                "it unpacks to more than {MOST_RATIO} times its size, as no file of bars does",
                "展開すると {MOST_RATIO} 倍以上の大きさになります。株価のファイルではありえません"
            )
        } else if self.total.get() > self.most {
            let most = self.most / (1024 * 1024);
            told!("the archive unpacks to more than {most} MiB", "展開すると大きすぎます。{most} MiB までです")
        } else {
            return Ok(length);
        };
        Err(io::Error::other(FileError::too_large(reason)))
    }
}
