//! The files of a new project: what `init` asks → [`Scaffold`].
//!
//! The template is a project itself, in the folder `template`; its names are replaced by those that were asked for.

mod names;

pub use names::{environment, folder, package, project_name};

use crate::source::{RepoPath, Source};
use crate::yaml;

/// The last target of the template, which tags are deployed to.
const PRODUCTION: &str = "prod";

/// The files of the template, by their paths in it.
const TEMPLATE: [(&str, &str); 4] = [
    ("my_project/pipelines/orders.py", include_str!("template/my_project/pipelines/orders.py")),
    ("my_conf/orders.json", include_str!("template/my_conf/orders.json")),
    ("my_workflows/orders.yml", include_str!("template/my_workflows/orders.yml")),
    ("local/raw/orders.csv", include_str!("template/local/raw/orders.csv")),
];
const PROJECT_FILE: (&str, &str) = ("dltflow.yml", include_str!("template/dltflow.yml"));

/// What a new project is made of; each part is valid by itself.
#[derive(Clone, Debug)]
pub struct Scaffold {
    /// Name of the project.
    pub name: String,
    /// Its id.
    pub id: String,
    /// Name of the default target.
    pub environment: String,
    /// Folder of the configurations.
    pub conf: RepoPath,
    /// Folder of the specs.
    pub workflows: RepoPath,
    /// Whether it gets the files of the template.
    pub template: bool,
}

impl Scaffold {
    /// The folders that there are in any case.
    ///
    /// # Errors
    /// If two of them are one, or one is in another where its files would be taken for something else.
    pub fn folders(&self) -> Result<[RepoPath; 3], String> {
        let code = RepoPath::parse(&package(&self.name)).unwrap_or_default();
        if code.is_within(&self.conf) || code.is_within(&self.workflows) {
            return Err(format!("`{code}` is the folder of the code: name others for configurations and specs"));
        }
        if self.conf.is_within(&self.workflows) {
            let (conf, workflows) = (&self.conf, &self.workflows);
            return Err(format!("`{conf}` is in `{workflows}`, the folder of the specs: configurations are none"));
        }
        Ok([code, self.conf.clone(), self.workflows.clone()])
    }

    /// `dltflow.yml`.
    pub fn project_file(&self) -> Source {
        self.rendered(PROJECT_FILE)
    }

    /// All files, `dltflow.yml` first.
    pub fn files(&self) -> Vec<Source> {
        let template = TEMPLATE.into_iter().filter(|_| self.template);
        [PROJECT_FILE].into_iter().chain(template).map(|file| self.rendered(file)).collect()
    }

    fn rendered(&self, (path, text): (&str, &str)) -> Source {
        let text = if self.environment == PRODUCTION { without_production(text) } else { text };
        let names = self.replacements();
        let path = replaced(path, &names);
        let path = RepoPath::parse(&path).unwrap_or_default();
        let names = if path.extension() == "yml" { names.map(|(ours, theirs)| (ours, scalar(&theirs))) } else { names };
        Source { text: replaced(text, &names), path }
    }

    /// The values of the template and those that stand in their place, longer ones first.
    fn replacements(&self) -> [(&'static str, String); 12] {
        let Self { name, id, environment, .. } = self;
        let package = package(name);
        let (conf, workflows) = (text_of(&self.conf), text_of(&self.workflows));
        [
            ("00000000-0000-4000-8000-000000000000", id.clone()),
            ("/Shared/.dltflow/my-project", format!("/Shared/.dltflow/{name}")),
            ("my_project_my_environment", format!("{package}_{}", names::identifier(environment))),
            ("my_project/pipelines/orders.py", format!("{package}/pipelines/orders.py")),
            ("my_conf/orders.json", format!("{conf}/orders.json")),
            ("my-project-orders-prod", format!("{name}-orders-{PRODUCTION}")),
            ("my-project-orders", format!("{name}-orders")),
            ("my-project", name.clone()),
            ("my_project", package),
            ("my_conf", conf),
            ("my_workflows", workflows),
            ("my_environment", environment.clone()),
        ]
    }
}

/// A project whose default target is the last one has that alone.
fn without_production(text: &str) -> &str {
    let ends = ["\n  prod:\n", "\n\nprod:\n"].iter().find_map(|mark| text.find(mark));
    ends.map_or(text, |end| &text[..=end])
}

fn text_of(folder: &RepoPath) -> String {
    folder.as_str().to_owned()
}

/// The text with each of ours replaced; what stands in its place is not looked at again.
fn replaced(text: &str, replacements: &[(&str, String)]) -> String {
    let mut out = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let found = replacements.iter().filter_map(|(ours, theirs)| Some((rest.find(ours)?, *ours, theirs)));
        // Of several at one place, the first of the list.
        let Some((at, ours, theirs)) = found.min_by_key(|(at, ..)| *at) else { break };
        out.extend([&rest[..at], theirs]);
        rest = &rest[at + ours.len()..];
    }
    out + rest
}

/// A text as a scalar of YAML, in quotes where it would mean something else.
fn scalar(text: &str) -> String {
    let source = Source { path: RepoPath::root(), text: format!("[{text}]") };
    let node = yaml::parse(&source).0.map(|node| node.value);
    let is_plain =
        matches!(node, Some(yaml::Value::List(items)) if matches!(&items[..], [item] if item.text() == Some(text)));
    if is_plain { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

#[cfg(test)]
mod tests;
