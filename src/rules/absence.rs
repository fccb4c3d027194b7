//! What is said of a path that is named and not shipped, whichever rule finds it.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::RuleInput;
use crate::source::{Absent, RepoPath};

/// What is wrong with a path, and what to do about it.
pub(super) struct Absence {
    pub(super) what: String,
    pub(super) help: String,
}

impl Absence {
    /// Of `path`, which is no file of the codebase; `otherwise` is the advice if nothing more is known.
    pub(super) fn of(subject: &RuleInput<'_>, path: &RepoPath, otherwise: impl FnOnce() -> String) -> Self {
        Self::known(subject, path).unwrap_or_else(|| {
            let near = subject.similar(path).map(|near| format!("did you mean `{near}`?"));
            Self { what: "does not exist".to_owned(), help: near.unwrap_or_else(otherwise) }
        })
    }

    /// The same, if it is known why the path is no file; a name that nothing has may be no path at all.
    pub(super) fn known(subject: &RuleInput<'_>, path: &RepoPath) -> Option<Self> {
        let (what, help) = match subject.codebase.absent(path)? {
            Absent::Withheld(why) => {
                (why.clone(), "name a regular file of the checkout, at most 10 MiB in size, that is no link".to_owned())
            }
            Absent::Empty => (
                "has no file that git does not ignore".to_owned(),
                "name a file in it, which is shipped all the same".to_owned(),
            ),
            Absent::OtherForm(found) => other_form(path, found),
            Absent::Unnamed => return None,
            Absent::NotCheckedOut => (
                "is in the repository, but not in the checkout, which is sparse".to_owned(),
                "add it to `sparse-checkout` of `actions/checkout`, or run `git sparse-checkout add` with its folder"
                    .to_owned(),
            ),
        };
        Some(Self { what, help })
    }
}

/// Two names that look the same: the first character in which they differ shows how each is written.
fn other_form(named: &RepoPath, found: &RepoPath) -> (String, String) {
    let (here, there): (Vec<char>, Vec<char>) = (named.as_str().chars().collect(), found.as_str().chars().collect());
    let same = here.iter().zip(&there).take_while(|(a, b)| a == b).count();
    let is_mark = |text: &[char]| text.get(same).is_some_and(|c| is_combining_mark(*c));
    let at = same - usize::from(same > 0 && (is_mark(&here) || is_mark(&there)));
    let what = format!(
        "does not exist; the name on disk looks the same and has another Unicode form: {} on disk ({}), {} here ({})",
        form(found.as_str()),
        code_points(&there, at),
        form(named.as_str()),
        code_points(&here, at)
    );
    let help = format!("rename the file on disk, or write its name as it is there, in {}", form(found.as_str()));
    (what, help)
}

/// The character at that position with its marks.
fn code_points(text: &[char], at: usize) -> String {
    let marks = text.iter().skip(at + 1).take_while(|c| is_combining_mark(**c));
    let points = text.get(at).into_iter().chain(marks).map(|c| format!("U+{:04X}", u32::from(*c)));
    points.collect::<Vec<_>>().join(" ")
}

/// The normalization form that a text has.
fn form(text: &str) -> &'static str {
    if text.nfc().eq(text.chars()) {
        "NFC"
    } else if text.nfd().eq(text.chars()) {
        "NFD"
    } else {
        "a mixed form"
    }
}
