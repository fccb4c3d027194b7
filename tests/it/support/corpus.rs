//! Hostile texts as data, from the list in `tests/corpora`.

use serde::Deserialize;

/// One hostile text.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    pub(crate) name: String,
    /// What it tries; for who reads the list.
    #[serde(rename = "attack")]
    _attack: String,
    text: String,
    #[serde(default = "once")]
    times: usize,
}

/// A comment on a pull request, by a user or an earlier run.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Marker {
    pub(crate) name: String,
    #[serde(rename = "attack")]
    _attack: String,
    pub(crate) author: String,
    body: String,
    /// Stands for `{fill}` in the body, so many `times`.
    #[serde(default)]
    fill: String,
    #[serde(default = "once")]
    times: usize,
    #[serde(default)]
    pub(crate) minimized: bool,
    #[serde(default)]
    pub(crate) ours: bool,
    #[serde(default)]
    pub(crate) history: bool,
}

#[derive(Deserialize)]
struct Corpus<T> {
    case: Vec<T>,
}

const fn once() -> usize {
    1
}

impl Case {
    pub(crate) fn text(&self) -> String {
        self.text.repeat(self.times)
    }

    /// Its beginning of so many bytes, or somewhat less.
    pub(crate) fn at_most(&self, bytes: usize) -> String {
        let text = self.text();
        text[..text.floor_char_boundary(bytes)].to_owned()
    }
}

impl Marker {
    pub(crate) fn body(&self, key: &str, bystander: &str) -> String {
        let body = self.body.replace("{key}", key).replace("{bystander}", bystander);
        body.replace("{fill}", &self.fill.repeat(self.times))
    }
}

/// The cases of `tests/corpora/{name}.toml`.
pub(crate) fn corpus(name: &str) -> Vec<Case> {
    let cases: Vec<Case> = read(name);
    let names: std::collections::BTreeSet<_> = cases.iter().map(|case| &case.name).collect();
    assert_eq!(names.len(), cases.len(), "two cases of {name}.toml have one name");
    cases
}

/// All texts that try to be active: as commands, as outputs, in a page.
pub(crate) fn hostile_texts() -> Vec<Case> {
    ["commands", "outputs", "markdown"].into_iter().flat_map(corpus).collect()
}

/// The comments of `tests/corpora/markers.toml`.
pub(crate) fn markers() -> Vec<Marker> {
    read("markers")
}

fn read<T: for<'a> Deserialize<'a>>(name: &str) -> Vec<T> {
    let path = format!("{}/tests/corpora/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    let corpus: Corpus<T> =
        toml::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap_or_else(|e| panic!("{path}: {e}"));
    corpus.case
}
