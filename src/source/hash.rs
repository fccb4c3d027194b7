//! Content hashes.

use sha2::{Digest, Sha256};

/// SHA-256 of `content` as 64 hex digits; callers that need fewer take the first ones.
pub fn hash(content: impl AsRef<[u8]>) -> String {
    hex::encode(Sha256::digest(content))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_hash_is_sha_256_in_hex() {
        assert_eq!(super::hash("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
