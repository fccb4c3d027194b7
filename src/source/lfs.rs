//! Git LFS pointers: what is in the place of a file whose content was not fetched.

/// First lines of a pointer: the present one, and that of versions before 1.0 (Git LFS specification).
const VERSIONS: [&[u8]; 2] =
    [b"version https://git-lfs.github.com/spec/v1", b"version https://hawser.github.com/spec/v1"];
/// A pointer is smaller than this (Git LFS specification).
const LIMIT: usize = 1024;

/// Whether these are the bytes of a Git LFS pointer rather than of a file.
pub fn is_lfs_pointer(bytes: &[u8]) -> bool {
    let rest = || VERSIONS.iter().find_map(|version| bytes.strip_prefix(*version));
    bytes.len() < LIMIT && rest().is_some_and(|rest| matches!(rest.first(), Some(b'\n' | b'\r') | None))
}

#[cfg(test)]
mod tests {
    use super::is_lfs_pointer;

    #[test]
    fn a_pointer_is_told_from_a_file_that_speaks_of_one() {
        let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";
        for (text, expected) in [
            (pointer.to_owned(), true),
            (pointer.replace('\n', "\r\n"), true),
            (pointer.replace("git-lfs.github", "hawser.github"), true),
            (format!("# {pointer}"), false),
            (format!("{pointer}{}", "x".repeat(2000)), false),
            (pointer.replace("v1\n", "v1.2\n"), false),
            (String::new(), false),
        ] {
            assert_eq!(is_lfs_pointer(text.as_bytes()), expected, "{text}");
        }
    }
}
