//! Content as a name.

use sha2::{Digest, Sha256};

/// SHA-256 of `content` as 64 hex digits; whoever needs less takes the first of them.
pub fn hash(content: impl AsRef<[u8]>) -> String {
    let nibbles = Sha256::digest(content).into_iter().flat_map(|byte| [byte >> 4, byte & 15]);
    nibbles.filter_map(|nibble| char::from_digit(nibble.into(), 16)).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_hash_is_sha_256_in_hex() {
        assert_eq!(super::hash("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
