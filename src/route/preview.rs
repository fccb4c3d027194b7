//! Names of previews.

use super::Preview;
use crate::event::Login;
use crate::project::Project;
use crate::source::hash;

impl Preview {
    /// The preview of a pull request: `octocat_pr42`, marked `pr42`, its places named after `pr42_ab12`.
    pub fn of_pull_request(author: &Login, number: u64, project: &Project) -> Self {
        let login: String = author.as_str().chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        let login = if login.is_empty() { "user".to_owned() } else { login };
        let key = format!("pr{number}");
        Self { user: format!("{login}_{key}"), suffix: format!("{key}_{}", tag(project)), key }
    }

    /// The preview of a pull request whose author is not known, to find and destroy it.
    pub fn of_number(number: u64, project: &Project) -> Self {
        let key = format!("pr{number}");
        Self { user: key.clone(), suffix: format!("{key}_{}", tag(project)), key }
    }

    /// The preview of a person, for `--as-individual`: `octo_cat`, marked the same, its places `octo_cat_ab12`.
    ///
    /// `short_name` is the user name before the `@`; what is neither letter nor digit nor `-` becomes `_`.
    pub fn individual(short_name: &str, project: &Project) -> Self {
        let kept = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
        let mut user: String = short_name.chars().map(kept).collect();
        // Nobody's own deployment may pass for that of a pull request.
        if user
            .strip_prefix("pr")
            .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
        {
            user.push('_');
        }
        let places = user.to_ascii_lowercase().replace('-', "_");
        Self { key: user.clone(), suffix: format!("{places}_{}", tag(project)), user }
    }
}

/// Four hexadecimal digits that tell projects in one workspace apart.
fn tag(project: &Project) -> String {
    hash(project.identity())[..4].to_owned()
}
