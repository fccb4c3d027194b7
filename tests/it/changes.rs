//! What changed: by GitHub's lists and by real git repositories, and which workflows that touches.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use dltflow::change::{ChangeSet, of_pull_request, of_working_tree, since};
use dltflow::diagnostic::{Error, Kind};
use dltflow::source::Sha;
use serde_json::{Value, json};

use crate::events::{AFTER, BEFORE};
use crate::github::client;
use crate::serve::{Answer, Server};

/// A change set in short: `+added -removed ~modified`, or why everything counts.
pub(crate) fn describe(changes: &ChangeSet) -> String {
    let ChangeSet::Complete(changes) = changes else {
        let (ChangeSet::Truncated(why) | ChangeSet::Everything(why)) = changes else { unreachable!() };
        return why.clone();
    };
    let sign = |change: &dltflow::change::FileChange| match format!("{:?}", change.status).as_str() {
        "Added" => "+",
        "Removed" => "-",
        _ => "~",
    };
    let mut all: Vec<String> = changes
        .iter()
        .map(|change| {
            let old = change.old_path.as_ref().map(|old| format!("<{old}")).unwrap_or_default();
            format!("{}{}{old}", sign(change), change.path)
        })
        .collect();
    all.sort();
    all.join(" ")
}

fn file(name: &str, status: &str, previous: Option<&str>) -> Value {
    json!({"filename": name, "status": status, "previous_filename": previous, "patch": "@@"})
}

fn files(count: usize) -> Vec<Value> {
    (0..count).map(|index| file(&format!("src/{index}.py"), "added", None)).collect()
}

#[tokio::test]
async fn the_files_of_a_pull_request_are_complete_or_everything_counts() {
    let all = [
        file("a.py", "added", None),
        file("b.py", "removed", None),
        file("c.py", "modified", None),
        file("new.py", "renamed", Some("old.py")),
        file("copy.py", "copied", Some("c.py")),
        file("mode.py", "of a new kind", None),
        file("modules/sub", "modified", None),
    ];
    let refused = Answer::new(403, &json!({"message": "Resource not accessible by integration"}));
    for (answer, count, expected) in [
        (Answer::new(200, &json!(all)), 7, "+a.py +copy.py +new.py<old.py -b.py -old.py ~c.py ~mode.py ~modules/sub"),
        (Answer::new(200, &json!([])), 0, ""),
        (Answer::new(200, &json!(all)), 9, "GitHub lists 7 files of the pull request, but it changes 9"),
        (
            Answer::new(200, &json!([file("a\\b", "added", None)])),
            1,
            r#"the path "a\\b" of a changed file is not supported"#,
        ),
        (
            Answer::new(200, &json!([file("new", "renamed", None)])),
            1,
            r#"the path "" of a changed file is not supported"#,
        ),
        (
            refused,
            1,
            "cannot determine the files of the pull request: cannot list the files of the pull request: Resource not \
             accessible by integration (HTTP 403); add `pull-requests: read` to the job's `permissions:`",
        ),
    ] {
        let server = Server::playing(vec![answer]).await;
        assert_eq!(describe(&of_pull_request(&client(&server), 42, count).await), expected);
    }
}

#[tokio::test]
async fn all_pages_are_read_and_the_cap_is_known() {
    let paged = |total: usize| async move {
        Server::start(move |asked| {
            let page: usize = asked.line.rsplit("page=").next().unwrap().parse().unwrap();
            let all = files(total);
            let items: Vec<&Value> = all.iter().skip((page - 1) * 100).take(100).collect();
            Answer::new(200, &json!(items))
        })
        .await
    };
    let server = paged(250).await;
    let ChangeSet::Complete(changes) = of_pull_request(&client(&server), 42, 250).await else { panic!("cut off") };
    assert_eq!((changes.len(), server.lines().len()), (250, 3));
    let found = of_pull_request(&client(&paged(3000).await), 42, 3000).await;
    assert_eq!(describe(&found), "GitHub lists at most 3000 files of a pull request");
}

#[tokio::test]
async fn everything_counts_as_changed_without_a_comparison() {
    let (base, head) = (Sha::parse(BEFORE).unwrap(), Sha::parse(AFTER).unwrap());
    let compared = |status: &str, files: Vec<Value>| Answer::new(200, &json!({"status": status, "files": files}));
    let apart = "the last deployed commit `1111111` is not an ancestor of `2222222`";
    let reply = |status: u16, message: &str| Answer::new(status, &json!({ "message": message }));
    for (answer, expected) in [
        (compared("ahead", vec![file("b", "renamed", Some("a"))]), "+b<a -a"),
        (compared("identical", vec![]), ""),
        (compared("behind", vec![]), apart),
        (compared("diverged", files(2)), apart),
        (compared("of a new kind", files(2)), apart),
        (compared("ahead", files(300)), "GitHub lists at most 300 files of a comparison"),
        (
            reply(404, "Not Found"),
            "the last deployed commit `1111111` is no longer in this repository, or `contents: read` is missing in the \
             job's `permissions:`",
        ),
        (
            reply(403, "Resource not accessible by integration"),
            "cannot determine what changed since the last deployment: cannot compare the commits: Resource not accessible \
             by integration (HTTP 403); add `contents: read` to the job's `permissions:`",
        ),
        (
            Answer::new(200, &json!({"status": "ahead"})),
            "cannot determine what changed since the last deployment: cannot compare the commits: the reply does not \
             match the documented API: missing field `files` at line 1 column 18",
        ),
    ] {
        let server = Server::playing(vec![answer]).await;
        assert_eq!(describe(&since(&client(&server), &base, &head).await), expected);
    }
}

/// Runs git as its user would, with an identity of its own.
pub(crate) fn git(folder: &Path, arguments: &[&str]) {
    git_line(folder, arguments);
}

/// The same, for what it prints.
pub(crate) fn git_line(folder: &Path, arguments: &[&str]) -> String {
    let identity = ["-c", "user.name=octocat", "-c", "user.email=octocat@example.com"];
    let output = Command::new("git").current_dir(folder).args(identity).args(arguments).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

pub(crate) fn write(folder: &Path, name: &str, text: &str) {
    fs::write(folder.join(name), text).unwrap();
}

/// A repository with one commit of three files.
pub(crate) fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    git(folder.path(), &["init", "--quiet", "--initial-branch=main", "--object-format=sha1"]);
    for name in ["kept.py", "changed.py", "old name.py", "gone.py"] {
        write(folder.path(), name, &format!("# {name}\n{}", "x = 1\n".repeat(20)));
    }
    write(folder.path(), ".gitignore", "*.log\n");
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "--quiet", "-m", "first"]);
    folder
}

#[test]
fn git_lists_committed_uncommitted_and_untracked_changes() {
    let folder = repository();
    let root = folder.path();
    git(root, &["mv", "old name.py", "neu é name.py"]);
    write(root, "changed.py", "y = 2\n");
    git(root, &["commit", "--quiet", "--all", "-m", "second"]);
    fs::remove_file(root.join("gone.py")).unwrap();
    write(root, "new.py", "");
    write(root, "noise.log", "");
    symlink("/etc/passwd", root.join("link")).unwrap();
    fs::create_dir(root.join("sub")).unwrap();
    write(&root.join("sub"), "-n $(touch pwned);`'\"%0A.py", "");
    let expected = "+link +neu é name.py<old name.py +new.py +sub/-n $(touch pwned);`'\"%0A.py \
                  -gone.py -old name.py ~changed.py";
    assert_eq!(describe(&of_working_tree(root, "HEAD^").unwrap()), expected);
    assert_eq!(describe(&of_working_tree(root, "main~1").unwrap()), expected);
    let below = describe(&of_working_tree(&root.join("sub"), "HEAD^").unwrap());
    assert_eq!(below, "+-n $(touch pwned);`'\"%0A.py");
    assert!(!root.join("pwned").exists());
}

#[test]
fn a_branch_is_compared_with_the_commit_that_it_was_forked_from() {
    let folder = repository();
    let root = folder.path();
    git(root, &["checkout", "--quiet", "-b", "feature"]);
    write(root, "changed.py", "y = 2\n");
    git(root, &["commit", "--quiet", "--all", "-m", "on the branch"]);
    git(root, &["checkout", "--quiet", "main"]);
    write(root, "kept.py", "z = 3\n");
    git(root, &["commit", "--quiet", "--all", "-m", "on main meanwhile"]);
    git(root, &["checkout", "--quiet", "feature"]);
    assert_eq!(describe(&of_working_tree(root, "main").unwrap()), "~changed.py");
    git(root, &["checkout", "--quiet", "--orphan", "unrelated"]);
    git(root, &["commit", "--quiet", "-m", "another history"]);
    assert_eq!(describe(&of_working_tree(root, "main").unwrap()), "~changed.py ~kept.py");
}

#[test]
fn with_an_unsupported_path_everything_counts_as_changed() {
    for name in ["new\nline.py", "tab\tname.py", "back\\slash.py"] {
        let folder = repository();
        write(folder.path(), name, "");
        let expected = format!("the path {name:?} of a changed file is not supported");
        assert_eq!(describe(&of_working_tree(folder.path(), "HEAD").unwrap()), expected);
    }
}

#[test]
fn errors_of_git_have_a_hint() {
    let (empty, unborn, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), repository());
    git(unborn.path(), &["init", "--quiet"]);
    for (root, revision, expected) in [
        (empty.path(), "HEAD", "is not in a git working tree"),
        (Path::new("/nowhere/at/all"), "HEAD", "`/nowhere/at/all` is not in a git working tree"),
        (unborn.path(), "HEAD", "revision `HEAD` is not a commit"),
        (folder.path(), "no-such-branch", "revision `no-such-branch` is not a commit"),
        (folder.path(), "--output=pwned", "revision `--output=pwned` is not a commit"),
        (folder.path(), "HEAD:kept.py", "revision `HEAD:kept.py` is not a commit"),
        (folder.path(), "", "revision `` is not a commit"),
    ] {
        let Err(Error { kind, cause, hints }) = of_working_tree(root, revision) else { panic!("{revision} is known") };
        assert!(kind == Kind::Input && cause.to_string().contains(expected) && hints.len() == 1, "{cause}");
    }
    assert!(!folder.path().join("pwned").exists());
}

#[test]
fn no_program_configured_by_the_repository_is_run() {
    let folder = repository();
    let root = folder.path();
    let trap = root.join(".git/trap");
    write(root, ".git/trap", "#!/bin/sh\ntouch \"$(dirname \"$0\")/sprung\"\ncat\n");
    fs::set_permissions(&trap, fs::Permissions::from_mode(0o755)).unwrap();
    let trap = trap.to_str().unwrap();
    for key in ["core.fsmonitor", "diff.external", "diff.x.textconv", "diff.x.command", "filter.x.clean", "core.pager"]
    {
        git(root, &["config", key, trap]);
    }
    git(root, &["config", "filter.x.required", "true"]);
    git(root, &["config", "core.hooksPath", root.join(".git").to_str().unwrap()]);
    write(root, ".git/post-index-change", "#!/bin/sh\ntouch .git/sprung\n");
    fs::set_permissions(root.join(".git/post-index-change"), fs::Permissions::from_mode(0o755)).unwrap();
    write(root, ".git/info/attributes", "*.py filter=x diff=x\n");
    write(root, "changed.py", "y = 2\n");
    let sprung = root.join(".git/sprung");
    assert_eq!(describe(&of_working_tree(root, "HEAD").unwrap()), "~changed.py");
    assert!(!sprung.exists(), "a program of the repository was run");
    // The traps are real: git by itself springs them.
    git(root, &["status"]);
    assert!(sprung.exists());
}
