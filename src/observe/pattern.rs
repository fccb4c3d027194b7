//! Patterns for a listing of names.

use std::collections::BTreeSet;

/// Up to so many names are listed one by one where they have little in common.
const FEW: usize = 8;
/// Characters that names must have in common for one listing to be short in a large workspace.
const IN_COMMON: usize = 3;

/// The patterns, with `%` for any text, that together match all `names`, and may match others: one for what the names
/// have in common, whatever their number; but a pattern that says next to nothing would list the whole workspace.
pub(super) fn patterns(names: &BTreeSet<&str>) -> Vec<String> {
    let (Some(first), Some(last)) = (names.first(), names.last()) else { return Vec::new() };
    if first == last {
        return vec![(*first).to_owned()];
    }
    // The names are sorted, so what the first and the last begin with, all do.
    let prefix: String = first.chars().zip(last.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a).collect();
    let rests = names.iter().map(|name| &name[prefix.len()..]);
    let suffix = rests.reduce(|common, rest| common_end(common, rest)).unwrap_or_default();
    if names.len() <= FEW && prefix.chars().count() + suffix.chars().count() < IN_COMMON {
        return names.iter().map(|name| (*name).to_owned()).collect();
    }
    vec![format!("{prefix}%{suffix}")]
}

/// What both texts end in.
fn common_end<'a>(one: &'a str, other: &str) -> &'a str {
    let equal = one.chars().rev().zip(other.chars().rev()).take_while(|(a, b)| a == b);
    let length: usize = equal.map(|(character, _)| character.len_utf8()).sum();
    &one[one.len() - length..]
}

#[cfg(test)]
mod tests {
    use super::{FEW, patterns};

    #[test]
    fn a_pattern_is_what_all_names_have_in_common() {
        let cases: [(&[&str], &[&str]); 9] = [
            (&[], &[]),
            (&["orders"], &["orders"]),
            (&["shop-orders", "shop-returns"], &["shop-%s"]),
            (&["orders (eu)", "returns (eu)"], &["%s (eu)"]),
            (&["ab", "abab"], &["ab", "abab"]),
            (&["shop", "shop-shop"], &["shop%"]),
            (&["bestellung-ä-eu", "bestellung-ö-eu"], &["bestellung-%-eu"]),
            (&["orders", "returns"], &["orders", "returns"]),
            (&["größe", "größen", "maß"], &["größe", "größen", "maß"]),
        ];
        for (names, expected) in cases {
            assert_eq!(patterns(&names.iter().copied().collect()), expected, "{names:?}");
        }
        let many: Vec<String> = ('a'..='z').take(FEW + 1).map(String::from).collect();
        assert_eq!(patterns(&many.iter().map(String::as_str).collect()), ["%"]);
    }
}
