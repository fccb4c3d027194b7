//! Names of previews.

use super::Preview;
use crate::event::Login;
use crate::project::Project;
use crate::source::hash;

impl Preview {
    /// The preview of a pull request: user `octocat_pr42`, key `pr42`, suffix `pr42_ab12`.
    pub fn of_pull_request(author: &Login, number: u64, project: &Project) -> Self {
        let login: String = author.as_str().chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        let login = if login.is_empty() { "user".to_owned() } else { login };
        let key = format!("pr{number}");
        Self { user: format!("{login}_{key}"), suffix: format!("{key}_{}", tag(project)), key }
    }

    /// The preview of a pull request whose author is unknown, to find and destroy it.
    pub fn of_number(number: u64, project: &Project) -> Self {
        let key = format!("pr{number}");
        Self { user: key.clone(), suffix: format!("{key}_{}", tag(project)), key }
    }

    /// The preview of a user, for `--as-individual`: user and key `octo_cat`, suffix `octo_cat_ab12`.
    ///
    /// `short_name` is the user name before the `@`; characters other than letters, digits and `-` become `_`.
    pub fn individual(short_name: &str, project: &Project) -> Self {
        let sanitize = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
        let mut user: String = short_name.chars().map(sanitize).collect();
        // Must not be mistaken for the preview of a pull request.
        if user
            .strip_prefix("pr")
            .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
        {
            user.push('_');
        }
        let suffix = user.to_ascii_lowercase().replace('-', "_");
        Self { key: user.clone(), suffix: format!("{suffix}_{}", tag(project)), user }
    }

    /// The same under the suffix that it has if it was deployed before the folder of a project counted; `None` where that is
    /// no other.
    pub fn before_folders(&self, project: &Project) -> Option<Self> {
        let (stem, now) = self.suffix.rsplit_once('_')?;
        let former = &hash(project.identity().project)[..4];
        (former != now).then(|| Self { suffix: format!("{stem}_{former}"), ..self.clone() })
    }

    /// The number of the pull request whose preview it is.
    pub fn pull_request(&self) -> Option<u64> {
        Self::number_of(&self.key)
    }

    /// The number of the pull request whose preview has that key: `pr42`, and nothing that only reads like it.
    pub fn number_of(key: &str) -> Option<u64> {
        let number = key.strip_prefix("pr")?.parse().ok()?;
        (key == format!("pr{number}")).then_some(number)
    }
}

/// Four hex digits that distinguish projects in one workspace.
fn tag(project: &Project) -> String {
    project.identity().hash()[..4].to_owned()
}
