//! Which objects of a folder a pipeline may use, by its settings.

use std::collections::BTreeSet;

use percent_encoding::percent_decode_str;

use crate::pipeline::Settings;
use crate::pipeline::ownership::OwnershipKey;

/// Characters of a glob that stand for others.
const WILDCARDS: [char; 4] = ['*', '?', '[', '{'];

/// Which objects of a folder a pipeline may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Uses<'n> {
    /// These.
    Objects(BTreeSet<&'n str>),
    /// Whatever is in it, as a text in its settings means the folder, or one above it.
    All,
}

/// What a pipeline with those settings may use of the objects `names` in `folder`: what its release names, wherever that
/// is, and what any text means that has the path of the folder in it. Letter case counts for nothing.
pub(super) fn uses<'n>(settings: &Settings, folder: &str, names: &[&'n str]) -> Uses<'n> {
    let folder = folder.to_lowercase();
    let released = settings.owned(OwnershipKey::Release).unwrap_or_default();
    let mut used: BTreeSet<&str> =
        released.split(',').filter_map(|name| names.iter().find(|known| **known == name).copied()).collect();
    for text in settings.texts() {
        let decoded = percent_decode_str(text).decode_utf8_lossy();
        for text in [text.to_lowercase(), decoded.to_lowercase()] {
            if is_above(&text, &folder) {
                return Uses::All;
            }
            for rest in text.match_indices(&folder).map(|(at, _)| &text[at + folder.len()..]) {
                match named(rest, names) {
                    Some(found) => used.extend(found),
                    None => return Uses::All,
                }
            }
        }
    }
    Uses::Objects(used)
}

/// What follows the path of the folder → the objects that are named; `None` if that is all of them.
fn named<'n>(rest: &str, names: &[&'n str]) -> Option<Vec<&'n str>> {
    let Some(inside) = rest.strip_prefix('/') else {
        // A folder beside it, or the folder itself.
        return rest.starts_with(|c: char| c.is_alphanumeric() || "-_.".contains(c)).then(Vec::new);
    };
    let segment = inside.split(|c: char| c == '/' || c.is_whitespace()).next().unwrap_or_default();
    if segment.is_empty() || segment.contains(WILDCARDS) {
        return None;
    }
    Some(names.iter().filter(|name| inside.starts_with(&name.to_lowercase())).copied().collect())
}

/// Whether a text is the path of a folder above `folder`, or a glob that reaches into it.
fn is_above(text: &str, folder: &str) -> bool {
    let path = text.strip_prefix("/workspace").filter(|rest| rest.starts_with('/')).unwrap_or(text);
    if let Some(at) = path.find(WILDCARDS) {
        let begin = &path[..at];
        return begin.starts_with('/') && (folder.starts_with(begin) || begin.starts_with(&format!("{folder}/")));
    }
    let path = path.trim_end_matches('/');
    path.starts_with('/') && folder.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Settings, Uses, uses};

    const FOLDER: &str = "/Shared/My Apps/shop/dev";
    const NAMES: [&str; 3] =
        ["shop-0.0.0+g0123456789ab-py3-none-any.whl", "orders-0123456789ab", "orders-ba9876543210"];

    fn of(settings: Value) -> Option<Vec<&'static str>> {
        let settings: Settings = serde_json::from_value(settings).unwrap();
        match uses(&settings, FOLDER, &NAMES) {
            Uses::Objects(used) => Some(used.into_iter().collect()),
            Uses::All => None,
        }
    }

    #[test]
    fn a_pipeline_uses_what_its_release_names_and_what_its_texts_mean() {
        let [wheel, orders, older] = NAMES;
        let path = |name: &str| format!("/Workspace{FOLDER}/{name}");
        let encoded = path(wheel).replace(' ', "%20").replace('+', "%2B");
        for (settings, expected) in [
            (json!({"name": "x"}), Some(vec![])),
            (
                json!({"configuration": {"dltflow.release": format!("{orders},{wheel},gone")}}),
                Some(vec![orders, wheel]),
            ),
            (json!({"libraries": [{"notebook": {"path": format!("{FOLDER}/{older}")}}]}), Some(vec![older])),
            (json!({"environment": {"dependencies": [format!("file://{encoded}")]}}), Some(vec![wheel])),
            (json!({"configuration": {"any": format!("--wheel={}", path(wheel).to_uppercase())}}), Some(vec![wheel])),
            (json!({"configuration": {(path(orders)): "a key"}}), Some(vec![orders])),
            (json!({"libraries": [{"notebook": {"path": format!("{FOLDER}/other")}}]}), Some(vec![])),
            (json!({"libraries": [{"notebook": {"path": format!("{FOLDER}2/{orders}")}}]}), Some(vec![])),
            (json!({"storage": "/mnt/lake", "configuration": {"root": "/"}}), Some(vec![])),
            (json!({"libraries": [{"glob": {"include": "/Shared/My Apps/**"}}]}), None),
            (json!({"libraries": [{"glob": {"include": format!("/Workspace{FOLDER}/orders-*")}}]}), None),
            (json!({"libraries": [{"glob": {"include": "/Shared/Other/**"}}]}), Some(vec![])),
            (json!({"root_path": "/Workspace/Shared/My Apps"}), None),
            (json!({"configuration": {"wheels": format!("{FOLDER}/")}}), None),
            (json!({"configuration": {"wheels": format!("look in {FOLDER}")}}), None),
        ] {
            assert_eq!(of(settings.clone()), expected, "{settings}");
        }
    }
}
