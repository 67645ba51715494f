//! The pages that were there, to notice one that comes again.

use std::collections::HashSet;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};

use super::position::Target;

/// How many pages are remembered. A loop that is longer is noticed on its second round.
const MOST: usize = 16_384;

/// The pages that a list has led to, as hashes, so that a million of them take no more than 16,384.
#[derive(Default)]
pub(super) struct Seen {
    hashes: HashSet<u64, BuildHasherDefault<Hashed>>,
    hasher: RandomState,
}

impl Seen {
    /// Remembers a page. Returns whether it is new.
    pub(super) fn insert(&mut self, target: &Target) -> bool {
        let hash = match target {
            Target::Value(value) => self.hasher.hash_one((0_u8, value.get())),
            Target::Link(url) => self.hasher.hash_one((1_u8, url)),
        };
        if self.hashes.len() >= MOST {
            self.hashes.clear();
        }
        self.hashes.insert(hash)
    }
}

/// A hash that is not hashed again.
#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    /// It is not used: all that is in the set is a `u64`.
    fn write(&mut self, _: &[u8]) {}
}
