//! The document that the project was requested with, if it is beside the checkout, and the same in our words.

use std::path::Path;

/// The texts that tests of the first users are held to: ours, and the document's own where it is there.
pub(crate) fn documents() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let theirs = root.ancestors().map(|folder| folder.join("shared/seed/dltflow-readme.md")).find(|file| file.exists());
    let paths = [root.join("tests/samples/first.md")].into_iter().chain(theirs);
    paths.map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

/// The first fenced block of that language that contains `word`.
pub(crate) fn block<'a>(document: &'a str, language: &str, word: &str) -> &'a str {
    let fence = format!("```{language}\n");
    let mut blocks = document.split(fence.as_str()).skip(1).map(|rest| rest.split("```").next().unwrap());
    blocks.find(|block| block.contains(word)).unwrap()
}
