//! The index of a repository: which paths git tracks, whatever its patterns ignore.
//!
//! Format: `gitformat-index`, versions 2 to 4. Only names and one flag are read, for which no library is small enough.

use std::collections::BTreeMap;

/// The fields of an entry before its object id: times, device, inode, mode, owner, group, size.
const STAT: usize = 40;
/// Lengths of object ids: SHA-1, SHA-256.
const OBJECT_IDS: [usize; 2] = [20, 32];
const EXTENDED: u16 = 0x4000;
const NAME_LENGTH: u16 = 0x0fff;
const SKIP_WORKTREE: u16 = 0x4000;

/// What git tracks in a repository.
#[derive(Debug, Default)]
pub struct Index {
    /// Paths from its root, and whether a sparse checkout leaves them out. In a sparse index a folder that is left out is
    /// one entry that ends in a slash.
    entries: BTreeMap<String, bool>,
}

impl Index {
    /// Reads the bytes of an index; one that cannot be read tracks nothing.
    pub(super) fn parse(bytes: &[u8]) -> Self {
        let entries = OBJECT_IDS.iter().find_map(|length| entries(bytes, *length));
        Self { entries: entries.unwrap_or_default() }
    }

    pub(super) fn tracks(&self, path: &str) -> bool {
        self.entries.contains_key(path)
    }

    pub(super) fn tracks_below(&self, folder: &str) -> bool {
        let folder = format!("{folder}/");
        self.entries.range(folder.clone()..).next().is_some_and(|(path, _)| path.starts_with(&folder))
    }

    /// Whether a sparse checkout leaves out the file, or all of the folder, at `path`.
    pub fn leaves_out(&self, path: &str) -> bool {
        let folders = path.match_indices('/').map(|(slash, _)| &path[..=slash]);
        let folder = format!("{path}/");
        let mut inside = self.entries.range(folder.clone()..).take_while(|(path, _)| path.starts_with(&folder));
        let is_left_out = |path: &str| self.entries.get(path) == Some(&true);
        is_left_out(path)
            || folders.into_iter().any(is_left_out)
            || inside.next().is_some_and(|(_, skipped)| *skipped && inside.all(|(_, skipped)| *skipped))
    }
}

/// The entries, if object ids have that length.
fn entries(bytes: &[u8], object_id: usize) -> Option<BTreeMap<String, bool>> {
    let mut rest = bytes.strip_prefix(b"DIRC")?;
    let version = number(&mut rest)?;
    let count = number(&mut rest)?;
    let mut entries = BTreeMap::new();
    let mut before = Vec::new();
    for _ in 0..count {
        let length_before = rest.len();
        take(&mut rest, STAT + object_id)?;
        let flags = short(&mut rest)?;
        let extended = if version >= 3 && flags & EXTENDED != 0 { short(&mut rest)? } else { 0 };
        if version == 4 {
            let dropped = offset(&mut rest)?;
            before.truncate(before.len().checked_sub(dropped)?);
        } else {
            before.clear();
        }
        let end = rest.iter().position(|byte| *byte == 0)?;
        before.extend_from_slice(take(&mut rest, end)?);
        let length = usize::from(flags & NAME_LENGTH);
        if length < usize::from(NAME_LENGTH) && length != before.len() {
            return None;
        }
        if version == 4 {
            take(&mut rest, 1)?;
        } else {
            let size = length_before - rest.len();
            take(&mut rest, 8 - size % 8)?;
        }
        if let Ok(name) = String::from_utf8(before.clone()) {
            entries.insert(name, extended & SKIP_WORKTREE != 0);
        }
    }
    Some(entries)
}

fn take<'b>(rest: &mut &'b [u8], length: usize) -> Option<&'b [u8]> {
    let (taken, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(taken)
}

fn number(rest: &mut &[u8]) -> Option<u32> {
    take(rest, 4)?.try_into().ok().map(u32::from_be_bytes)
}

fn short(rest: &mut &[u8]) -> Option<u16> {
    take(rest, 2)?.try_into().ok().map(u16::from_be_bytes)
}

/// A number as packs write offsets: seven bits a byte, one added for each further byte.
fn offset(rest: &mut &[u8]) -> Option<usize> {
    let mut value = 0_usize;
    loop {
        let byte = *take(rest, 1)?.first()?;
        value = value.checked_mul(128)?.checked_add(usize::from(byte & 0x7f))?;
        if byte & 0x80 == 0 {
            return Some(value);
        }
        value = value.checked_add(1)?;
    }
}
