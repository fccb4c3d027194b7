//! What the parameters of an item name.

use super::{Item, Spanned};
use crate::source::{Files, RepoPath};

const CONFIG_FLAGS: [&str; 3] = ["--conf", "--conf-file", "--config"];

impl Item {
    /// The value of `--conf`, `--conf-file` or `--config` as it is written, the last one where there are several.
    pub fn config_argument(&self) -> Option<Spanned<&str>> {
        let mut found = None;
        let mut before = "";
        for parameter in &self.parameters {
            let text = parameter.value.as_str();
            let (flag, value) = text.split_once('=').unwrap_or((before, text));
            if CONFIG_FLAGS.contains(&flag) {
                found = Some(Spanned { value, span: parameter.span });
            }
            before = text;
        }
        found
    }

    /// Its configuration file: what `--conf`, `--conf-file` or `--config` names (there or not), else the last parameter
    /// that names an existing YAML or JSON file. `folder` is the project's.
    pub fn config_file(&self, folder: &RepoPath, files: &Files) -> Option<RepoPath> {
        if let Some(argument) = self.config_argument() {
            return folder.join(argument.value).ok();
        }
        let named = self.project_paths(folder, files);
        named.into_iter().rfind(|path| matches!(path.extension(), "json" | "yaml" | "yml"))
    }

    /// The files of the project that its parameters name, in order.
    pub fn project_paths(&self, folder: &RepoPath, files: &Files) -> Vec<RepoPath> {
        self.named_paths(folder).filter(|path| files.contains(path)).collect()
    }

    /// Every path that a parameter may name, whether a file is there or not: what a change of such a file touches.
    pub fn named_paths(&self, folder: &RepoPath) -> impl Iterator<Item = RepoPath> {
        let values = self.parameters.iter().map(|parameter| match parameter.value.split_once('=') {
            Some((flag, value)) if flag.starts_with('-') => value,
            _ => parameter.value.as_str(),
        });
        values.filter_map(|value| folder.join(value).ok()).filter(|path| !path.is_root())
    }
}

#[cfg(test)]
mod tests {
    use super::{Files, Item, RepoPath, Spanned};
    use crate::source::Span;

    fn path(text: &str) -> RepoPath {
        RepoPath::parse(text).unwrap()
    }

    #[test]
    fn the_config_file_is_what_the_flag_names_else_the_last_config_that_is_there() {
        let mut files = Files::default();
        for file in ["data/conf/a.json", "data/conf/b.yml", "data/conf/c.txt"] {
            files.insert(path(file), Vec::new());
        }
        for (parameters, config, paths) in [
            ("--conf conf/a.json conf/b.yml", Some("data/conf/a.json"), "data/conf/a.json data/conf/b.yml"),
            ("--config=conf/b.yml", Some("data/conf/b.yml"), "data/conf/b.yml"),
            ("--conf-file conf/gone.json", Some("data/conf/gone.json"), ""),
            (
                "conf/a.json ./conf/b.yml conf/c.txt",
                Some("data/conf/b.yml"),
                "data/conf/a.json data/conf/b.yml data/conf/c.txt",
            ),
            ("--out=conf/a.json --name x", Some("data/conf/a.json"), "data/conf/a.json"),
            ("--conf /dbfs/a.json", None, ""),
            ("--conf ../../a.json", None, ""),
            ("--conf", None, ""),
            ("", None, ""),
        ] {
            let parameter = |text: &str| Spanned { value: text.to_owned(), span: Span::default() };
            let python_file = Spanned { value: path("data/x.py"), span: Span::default() };
            let item = Item { python_file, parameters: parameters.split_whitespace().map(parameter).collect() };
            assert_eq!(item.config_file(&path("data"), &files), config.map(path), "{parameters}");
            let named = item.project_paths(&path("data"), &files);
            assert_eq!(named.iter().map(RepoPath::as_str).collect::<Vec<_>>().join(" "), paths, "{parameters}");
        }
    }
}
