//! The version of the project's wheel.

use std::str::FromStr;

use pep440_rs::Version;

use crate::codebase::Codebase;

/// Versions longer than this name no release, and file names end at 255 bytes.
const LONGEST: usize = 64;

/// `[project] version` of the `pyproject.toml` beside `dltflow.yml` in its normal form (PEP 440), else `0.0.0`.
pub(super) fn of_project(codebase: &Codebase) -> String {
    let declared = codebase.pyproject().and_then(|path| declared(codebase.get(&path)?));
    declared.unwrap_or_else(|| "0.0.0".to_owned())
}

/// `version` with its content as the last part of its local segment: `1.2+g3f9c…`.
pub(super) fn with_content(version: &str, hash: &str) -> String {
    format!("{version}{}g{hash}", if version.contains('+') { '.' } else { '+' })
}

/// A version and the hash of its content, as [`with_content`] joins them; `None` for one without.
pub(super) fn without_content(version: &str) -> Option<(&str, &str)> {
    let (plain, hash) = version.rsplit_once(['+', '.'])?;
    version.contains('+').then_some((plain, hash.strip_prefix('g')?))
}

fn declared(pyproject: &[u8]) -> Option<String> {
    let table: toml::Table = std::str::from_utf8(pyproject).ok()?.parse().ok()?;
    let text = table.get("project")?.get("version")?.as_str()?;
    Some(Version::from_str(text).ok()?.to_string()).filter(|version| version.len() <= LONGEST)
}

#[cfg(test)]
mod tests {
    use super::{declared, with_content, without_content};

    #[test]
    fn a_version_is_taken_in_its_normal_form_or_not_at_all() {
        for (pyproject, expected) in [
            ("[project]\nversion = \"1.2.3\"", Some("1.2.3")),
            ("[project]\nversion = \" v1.0-RC.1+Local_2 \"", Some("1.0rc1+local.2")),
            ("[project]\nversion = \"../../x\"", None),
            ("[project]\nversion = 1", None),
            ("[project]\ndynamic = [\"version\"]", None),
            ("[project\nversion = \"1\"", None),
            ("", None),
        ] {
            assert_eq!(declared(pyproject.as_bytes()).as_deref(), expected, "{pyproject}");
        }
        let endless = format!("[project]\nversion = \"1{}\"", ".0".repeat(99));
        assert_eq!((declared(endless.as_bytes()), declared(b"\xff")), (None, None));
    }

    #[test]
    fn content_joins_a_local_segment() {
        assert_eq!(with_content("1.0", "ab"), "1.0+gab");
        assert_eq!(with_content("1.0+local.2", "ab"), "1.0+local.2.gab");
        for version in ["1.0", "1.0+local.2"] {
            let joined = with_content(version, "ab");
            assert_eq!(without_content(&joined), Some((version, "ab")));
        }
        assert_eq!((without_content("1.0"), without_content("1.0.gab")), (None, None));
    }
}
