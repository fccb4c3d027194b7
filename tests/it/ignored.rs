//! What git ignores is what git says.

use std::collections::BTreeSet;

use dltflow::fs::Checkout;
use dltflow::source::{RepoPath, is_incidental};

use crate::support::Repo;

/// Files of patterns, each with those in the folder `deep` beside it.
const PATTERNS: [(&str, &str); 14] = [
    ("", ""),
    ("*.csv\n", "!b.csv\n"),
    ("/a.csv\n/deep/b.csv\n", ""),
    ("deep/\n", "!b.csv\n"),
    ("deep/*\n!deep/b.csv\n", ""),
    ("**/deep/**\n!**/deep/\n!deep/more/\n", "!a.csv"),
    ("*\n!*/\n!*.csv\n", "/b.csv\n"),
    ("# a\n\\#b\n\\!c\na.csv  \nb.csv\\ \n", ""),
    ("a.csv\r\ndeep/more\r\n", ""),
    ("\u{feff}a.csv\n", "[ab].csv\n"),
    ("?.csv\n!a.*\n", "*.c[!x]v\n"),
    ("deep/**/c.csv\n", "more\n"),
    ("more/\n!c.csv\n", "\n\n  \n"),
    (".*\n!.hidden\n", ""),
];

const FILES: [&str; 13] = [
    "a.csv",
    "b.csv",
    "b.csv ",
    "#b",
    "!c",
    ".hidden",
    ".other/a.csv",
    "deep/a.csv",
    "deep/b.csv",
    "deep/more/a.csv",
    "deep/more/c.csv",
    "deep/more/.d/e.csv",
    "größe/a.csv",
];

#[test]
fn a_folder_has_the_files_that_git_would_add_and_those_that_it_tracks() {
    for version in ["2", "3", "4"] {
        for (patterns, deep) in PATTERNS {
            for tracked in [&[][..], &["deep/more/c.csv", "a.csv"]] {
                let repo = Repo::new();
                for file in FILES {
                    repo.write(file, "");
                }
                repo.write(".gitignore", patterns).write("deep/.gitignore", deep);
                repo.write(".git/info/exclude", "größe/\n");
                for file in tracked {
                    repo.git(&["add", "--force", file]);
                }
                repo.git(&["add", "--force", "--intent-to-add", ".gitignore"]);
                repo.git(&["update-index", "--index-version", version]);
                let listed = repo.git(&["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
                let expected: BTreeSet<String> = listed.split('\0').map(str::to_owned).collect();
                let walk =
                    Checkout::open(repo.path()).unwrap().walk_unignored(&RepoPath::root(), is_incidental).unwrap();
                let found: BTreeSet<String> = walk.files.iter().map(ToString::to_string).collect();
                let without = |paths: BTreeSet<String>| -> BTreeSet<String> {
                    paths.into_iter().filter(|path| !path.is_empty() && !path.ends_with(".gitignore")).collect()
                };
                assert_eq!(without(found), without(expected), "{patterns:?} {deep:?} {tracked:?}, index {version}");
            }
        }
    }
}
