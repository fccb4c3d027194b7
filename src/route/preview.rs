//! Names of previews.

use sha2::{Digest, Sha256};

use super::Preview;
use crate::event::Login;
use crate::project::Project;

impl Preview {
    /// The preview of a pull request: `octocat_pr42`, marked `pr42`, its places named after `pr42_ab12`.
    pub fn of_pull_request(author: &Login, number: u64, project: &Project) -> Self {
        let login: String = author.as_str().chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        let login = if login.is_empty() { "user".to_owned() } else { login };
        let key = format!("pr{number}");
        Self { user: format!("{login}_{key}"), suffix: format!("{key}_{}", tag(project)), key }
    }

    /// The preview of a person, for `--as-individual`: `octo_cat`, marked the same, its places `octo_cat_ab12`.
    ///
    /// `short_name` is the user name before the `@`; what is neither letter nor digit nor `-` becomes `_`.
    pub fn individual(short_name: &str, project: &Project) -> Self {
        let kept = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
        let user: String = short_name.chars().map(kept).collect();
        let places = user.to_ascii_lowercase().replace('-', "_");
        Self { key: user.clone(), suffix: format!("{places}_{}", tag(project)), user }
    }
}

/// Four hexadecimal digits that tell projects in one workspace apart.
fn tag(project: &Project) -> String {
    let hash = Sha256::digest(project.identity());
    format!("{:02x}{:02x}", hash[0], hash[1])
}
