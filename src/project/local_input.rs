//! The folder of the rows that a local run reads for tables which no pipeline makes.

use super::Project;
use crate::source::RepoPath;

/// Its name in the project.
pub const LOCAL_INPUT: &str = "local";

/// What a file of rows, or a folder of such files, ends with.
const FORMATS: [&str; 3] = [".csv", ".json", ".parquet"];

/// The local input of a project, which no release carries.
#[derive(Clone, Debug)]
pub struct LocalInput(Option<RepoPath>);

impl Project {
    /// Its local input; a folder that is the project's code or configuration is no input.
    pub fn local_input(&self) -> LocalInput {
        let folder = self.folder.join(LOCAL_INPUT).ok();
        let is_other = |folder: &RepoPath| self.code.is_within(folder) || self.conf.is_within(folder);
        LocalInput(folder.filter(|folder| !is_other(folder)))
    }
}

impl LocalInput {
    /// Whether `path` has rows of a table, or is in a folder of such files.
    pub fn contains(&self, path: &RepoPath) -> bool {
        let below = self.0.as_ref().and_then(|folder| path.below(folder)).unwrap_or_default();
        below.split('/').any(|part| FORMATS.iter().any(|format| part.ends_with(format)))
    }
}
