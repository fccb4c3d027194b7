//! Suggestions for paths that do not exist.

use super::Codebase;
use crate::source::RepoPath;

/// Longest path that is compared, in bytes: comparing is quadratic, and longer ones are not typed by hand.
const MAX_LENGTH: usize = 256;

impl Codebase {
    /// The file that was probably meant by `path`, relative to the folder of `dltflow.yml`: one with the same name in
    /// another folder, else one with a similar path.
    pub fn similar(&self, path: &RepoPath) -> Option<String> {
        let root = RepoPath::root();
        let candidates = || {
            let files = self.files.below(&root).map(|(path, _)| path);
            files.filter(|candidate| candidate.extension() == path.extension())
        };
        let same_name = candidates().find(|candidate| candidate.file_name() == path.file_name());
        Some(self.as_written(same_name.or_else(|| closest(path.as_str(), candidates()))?))
    }
}

/// The path with the smallest edit distance to `text`, if it is at most one edit per three characters.
fn closest<'c>(text: &str, candidates: impl Iterator<Item = &'c RepoPath>) -> Option<&'c RepoPath> {
    let (mut limit, mut found) = (text.chars().count().max(3) / 3 + 1, None);
    for candidate in candidates.filter(|path| text.len().max(path.as_str().len()) <= MAX_LENGTH) {
        // Paths of one project have much in common, and only the rest has to be compared.
        let (a, b) = differing(text, candidate.as_str());
        if a.chars().count().abs_diff(b.chars().count()) >= limit {
            continue;
        }
        let distance = strsim::osa_distance(&a.to_lowercase(), &b.to_lowercase());
        if distance < limit {
            (limit, found) = (distance, Some(candidate));
        }
        if limit <= 1 {
            break;
        }
    }
    found
}

/// The texts without the beginning and the end that they share.
fn differing<'t>(a: &'t str, b: &'t str) -> (&'t str, &'t str) {
    let same = |(a, b): &(char, char)| a == b;
    let start = a.chars().zip(b.chars()).take_while(same).map(|(c, _)| c.len_utf8()).sum::<usize>();
    let (a, b) = (&a[start..], &b[start..]);
    let end = a.chars().rev().zip(b.chars().rev()).take_while(same).map(|(c, _)| c.len_utf8()).sum::<usize>();
    (&a[..a.len() - end], &b[..b.len() - end])
}

#[cfg(test)]
mod tests {
    use super::{RepoPath, closest, differing};

    #[test]
    fn the_closest_path_is_that_with_the_fewest_edits_and_a_guess_is_not_made() {
        let paths = ["shop/orders.py", "shop/orders_daily.py", "shop/returns.py", "x.py"];
        let paths: Vec<RepoPath> = paths.iter().map(|text| RepoPath::parse(text).unwrap()).collect();
        for (text, expected) in [
            ("shop/order.py", Some("shop/orders.py")),
            ("shop/Orders_dialy.py", Some("shop/orders_daily.py")),
            ("shop/retunrs.py", Some("shop/returns.py")),
            ("shops/returms.py", Some("shop/returns.py")),
            ("jobs/customers_of_region.py", None),
            ("y", None),
        ] {
            assert_eq!(closest(text, paths.iter()).map(RepoPath::as_str), expected, "{text}");
        }
        assert_eq!(closest(&"x".repeat(100_000), paths.iter()), None);
        for (a, b, rest) in
            [("abc", "abc", ("", "")), ("aXc", "aYYc", ("X", "YY")), ("aa", "aaa", ("", "a")), ("é", "è", ("é", "è"))]
        {
            assert_eq!(differing(a, b), rest);
        }
    }
}
