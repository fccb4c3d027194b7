//! The document that the project was requested with, if it is beside the checkout.

use std::path::Path;

/// The document; if it is missing, a message says that its tests do not run.
#[expect(clippy::print_stderr, reason = "what was not tested has to be seen")]
pub(crate) fn document() -> Option<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = root.ancestors().map(|folder| folder.join("shared/seed/dltflow-readme.md")).find(|file| file.exists());
    if found.is_none() {
        eprintln!("did not run: the document that the project was asked for is not beside the checkout");
    }
    Some(std::fs::read_to_string(found?).unwrap())
}

/// The first fenced block of that language that contains `word`.
pub(crate) fn block<'a>(document: &'a str, language: &str, word: &str) -> &'a str {
    let fence = format!("```{language}\n");
    let mut blocks = document.split(fence.as_str()).skip(1).map(|rest| rest.split("```").next().unwrap());
    blocks.find(|block| block.contains(word)).unwrap()
}
