//! The checkout as actions/checkout leaves it: one commit deep, owned by the runner's user, its token in a file of its own.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::repo::git;
use super::{CHECKOUT_TOKEN, Runner};

/// User and group of the runner on GitHub's machines; the container's is 0.
pub(crate) const RUNNER: u32 = 1001;

/// Whether files can be given away here, which only root may.
pub(crate) fn may_give_away() -> bool {
    std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/proc/self").unwrap()) == 0
}

impl Runner {
    /// Fetches the run's ref from `origin` into a workspace of this runner's own.
    pub(crate) fn check_out(&mut self, origin: &Path) -> &mut Self {
        let workspace = self.file("work/shop/shop");
        std::fs::create_dir_all(&workspace).unwrap();
        let (reference, sha) = (self.variable("GITHUB_REF").to_owned(), self.variable("GITHUB_SHA").to_owned());
        // Events that are about no commit run on the default branch.
        let sha = if sha.is_empty() { git(origin, &["rev-parse", "main"]).unwrap() } else { sha };
        let local = match reference.split_once('/').and_then(|(_, rest)| rest.split_once('/')) {
            Some(("heads", name)) => format!("refs/remotes/origin/{name}"),
            Some(("pull", name)) => format!("refs/remotes/pull/{name}"),
            Some(("tags", name)) => format!("refs/tags/{name}"),
            _ => "refs/remotes/origin/main".to_owned(),
        };
        let run =
            |arguments: &[&str]| git(&workspace, arguments).unwrap_or_else(|error| panic!("{arguments:?}: {error}"));
        git(origin, &["config", "uploadpack.allowAnySHA1InWant", "true"]).unwrap();
        run(&["init", "--quiet", "--object-format=sha1"]);
        run(&["remote", "add", "origin", "https://github.com/octo-org/shop"]);
        run(&["config", "--local", "gc.auto", "0"]);
        self.keep_token(&run);
        let (url, expected) = (format!("file://{}", origin.display()), format!("+{sha}:{local}"));
        run(&["fetch", "--quiet", "--no-tags", "--prune", "--no-recurse-submodules", "--depth=1", &url, &expected]);
        run(&["checkout", "--quiet", "--force", "--detach", &local]);
        self.set("GITHUB_WORKSPACE", workspace.to_str().unwrap());
        for folder in ["work", "runner_temp"] {
            give(&self.file(folder), RUNNER);
        }
        self
    }

    /// The token as checkout keeps it since its version 6: outside of the checkout, which only names the file.
    fn keep_token(&self, run: &impl Fn(&[&str]) -> String) {
        let name = "git-credentials-6f1f7d3e-0c43-4f0a-9f2b-2f1d1f0c8a11.config";
        let file = self.file("runner_temp").join(name);
        let header = format!("AUTHORIZATION: basic {CHECKOUT_TOKEN}");
        std::fs::write(&file, format!("[http \"https://github.com/\"]\n\textraheader = {header}\n")).unwrap();
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
        let here = (self.file("work/shop/shop"), file);
        let inside = ("/github/workspace".into(), Path::new("/github/runner_temp").join(name));
        for (workspace, file) in [here, inside] {
            let key = format!("includeIf.gitdir:{}/.git.path", workspace.display());
            run(&["config", "--local", &key, file.to_str().unwrap()]);
        }
    }
}

/// Gives all below a folder, and itself, to a user.
fn give(folder: &Path, user: u32) {
    std::os::unix::fs::lchown(folder, Some(user), Some(user)).unwrap();
    if folder.symlink_metadata().unwrap().is_dir() {
        for entry in std::fs::read_dir(folder).unwrap() {
            give(&entry.unwrap().path(), user);
        }
    }
}
