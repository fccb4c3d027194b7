//! A repository, the two services, and the events between them.

use std::io::{Cursor, Read as _};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sandbox::{Behaviour, Sandbox, Settings};
use serde_json::{Value, json};

use super::payload::{FULL_NAME, REPOSITORY_ID, pull_request, push};
use super::{Canary, DATABRICKS_TOKEN, GITHUB_TOKEN, Ran, Repo, Runner};

/// A repository on GitHub, and a workspace to deploy to.
pub(crate) struct Stage {
    pub(crate) repo: Repo,
    pub(crate) sandbox: Sandbox,
}

impl Stage {
    /// The example project, committed once on `main`.
    pub(crate) fn new() -> Self {
        Self::with(Repo::of("examples/shop"))
    }

    pub(crate) fn with(repo: Repo) -> Self {
        Self::at(repo, "")
    }

    /// The same on a server whose API has a path before every route.
    pub(crate) fn at(repo: Repo, github_base_path: &str) -> Self {
        let behaviour = Behaviour {
            databricks_tokens: vec![DATABRICKS_TOKEN.to_owned()],
            github_tokens: vec![GITHUB_TOKEN.to_owned()],
            ..Behaviour::default()
        };
        let github_base_path = github_base_path.to_owned();
        let sandbox = Sandbox::start(Settings { behaviour, github_base_path, ..Settings::default() }).unwrap();
        let path = repo.path().to_str().unwrap().to_owned();
        let stage = Self { repo, sandbox };
        let path = json!({"id": REPOSITORY_ID, "path": path, "private": true, "default_branch": "main"});
        stage.control("PUT", &format!("github/repositories/{FULL_NAME}"), &path);
        stage
    }

    pub(crate) fn control(&self, method: &str, path: &str, body: &Value) -> Value {
        self.sandbox.control(method, path, body).unwrap()
    }

    /// A runner in this repository's checkout, with both tokens.
    pub(crate) fn runner(&self) -> Runner {
        let mut runner = Runner::new(self.repo.path());
        let github = self.sandbox.github_url();
        runner.set("GITHUB_API_URL", github).set("GITHUB_SERVER_URL", github);
        runner.set("GITHUB_REPOSITORY", FULL_NAME).set("GITHUB_REPOSITORY_ID", &REPOSITORY_ID.to_string());
        runner.set("DATABRICKS_HOST", self.sandbox.databricks_url()).set("DATABRICKS_TOKEN", DATABRICKS_TOKEN);
        runner.input("github-token", GITHUB_TOKEN);
        runner
    }

    /// A runner for something that happened to pull request `number` from `branch`, which is checked out.
    pub(crate) fn on_pull_request(&self, action: &str, number: u64, branch: &str) -> Runner {
        self.repo.branch(branch);
        let (base, head) = (self.repo.rev("main"), self.repo.rev(branch));
        let changed = self.repo.git(&["diff", "--name-only", &format!("{base}...{head}")]).lines().count();
        let state = if action == "closed" { "closed" } else { "open" };
        let pull = json!({"base_ref": "main", "head_ref": branch, "state": state, "user": "octocat"});
        self.control("PUT", &format!("github/repositories/{FULL_NAME}/pulls/{number}"), &pull);
        let mut runner = self.runner();
        runner.event("pull_request", &pull_request(action, number, branch, &base, &head, changed));
        let merge =
            self.repo.git(&["commit-tree", &format!("{head}^{{tree}}"), "-p", &base, "-p", &head, "-m", "merge"]);
        runner
            .set("GITHUB_REF", &format!("refs/pull/{number}/merge"))
            .set("GITHUB_REF_TYPE", "branch")
            .set("GITHUB_SHA", &merge);
        runner.set("GITHUB_HEAD_REF", branch).set("GITHUB_BASE_REF", "main");
        runner
    }

    /// A runner for a push of `reference` (a full ref), whose commit is checked out.
    pub(crate) fn on_push(&self, reference: &str, before: Option<&str>) -> Runner {
        let after = self.repo.rev(&format!("{reference}^{{commit}}"));
        self.on("push", &push(reference, before, &after), reference, &after)
    }

    /// A runner for an event on `reference` (a full ref), whose commit is `sha`.
    pub(crate) fn on(&self, event: &str, payload: &Value, reference: &str, sha: &str) -> Runner {
        let kind = if reference.starts_with("refs/tags/") { "tag" } else { "branch" };
        let mut runner = self.runner();
        runner.event(event, payload);
        runner.set("GITHUB_REF", reference).set("GITHUB_REF_TYPE", kind).set("GITHUB_SHA", sha);
        runner
    }

    /// Runs a step and checks what holds for every run: no secret and no foreign command came out, and nothing
    /// that later steps share was touched.
    pub(crate) fn run(&self, runner: &Runner) -> Ran {
        let before = runner.tree();
        let ran = runner.run();
        runner.assert_untouched(&before, &ran);
        runner.assert_gone();
        self.nothing_leaked(runner, &ran);
        let masked = |token: &&str| ran.commands.iter().any(|it| it.name == "add-mask" && it.data == **token);
        let given: Vec<&str> = runner.given(&[DATABRICKS_TOKEN, GITHUB_TOKEN]);
        // A step whose inputs cannot be read ends before it knows which of them are secrets.
        let unread = ran.report["error"]["kind"] == "input" && ran.report["environment"].is_null();
        assert!(unread || given.iter().all(masked), "a token was not masked:\n{}", ran.stdout);
        ran
    }

    /// No secret that the step was given is in anything that the process printed, wrote or sent, in any form; the
    /// authorization header aside, which the sandbox does not keep. And no command came out that is not ours.
    pub(crate) fn nothing_leaked(&self, runner: &Runner, ran: &Ran) {
        let output =
            ran.everything().lines().filter(|line| !line.starts_with("::add-mask::")).collect::<Vec<_>>().join("\n");
        let sent = readable(&self.sandbox.log());
        assert!(![&output, &sent].iter().any(|text| text.contains("canary.invalid")), "an address of the job came out");
        for secret in runner.secrets() {
            let canary = Canary::new(&secret);
            assert_eq!(canary.seen(&output), None, "a secret was printed or written:\n{output}");
            assert_eq!(canary.seen(&sent), None, "a secret was sent in the clear");
        }
        let known = ["add-mask", "error", "warning", "notice"];
        let foreign = ran.commands.iter().find(|command| !known.contains(&command.name.as_str()));
        assert_eq!(foreign, None, "a command that is not ours came out");
    }

    /// Requests to the workspace since the last call of this, as `METHOD path`.
    pub(crate) fn requests(&self) -> Vec<String> {
        let entries = self.asked("databricks").into_iter();
        entries
            .map(|entry| format!("{} {}", entry["method"].as_str().unwrap(), entry["path"].as_str().unwrap()))
            .collect()
    }

    /// Entries of the log about `service` since the log was last read.
    pub(crate) fn asked(&self, service: &str) -> Vec<Value> {
        let log = self.sandbox.log();
        self.control("DELETE", "log", &Value::Null);
        log.as_array().unwrap().iter().filter(|entry| entry["service"] == service).cloned().collect()
    }

    /// The settings of the pipelines in the workspace, by name.
    pub(crate) fn pipelines(&self) -> Vec<Value> {
        let state = self.sandbox.state();
        let pipelines = &state["databricks"]["pipelines"];
        let list: Vec<Value> =
            pipelines.as_array().cloned().unwrap_or_else(|| pipelines.as_object().unwrap().values().cloned().collect());
        list
    }

    /// Paths of the objects in the workspace below `/Shared`.
    pub(crate) fn objects(&self) -> Vec<String> {
        let state = self.sandbox.state();
        let objects = &state["databricks"]["objects"];
        let paths = |value: &Value| value["path"].as_str().unwrap().to_owned();
        let all: Vec<String> = objects.as_array().map_or_else(
            || objects.as_object().unwrap().keys().cloned().collect(),
            |list| list.iter().map(paths).collect(),
        );
        all.into_iter().filter(|path| path.starts_with("/Shared/")).collect()
    }

    /// Names of the files in all wheels of the workspace.
    pub(crate) fn shipped(&self) -> Vec<String> {
        let state = self.sandbox.state();
        let objects = &state["databricks"]["objects"];
        let objects: Vec<&Value> = objects
            .as_array()
            .map_or_else(|| objects.as_object().unwrap().values().collect(), |list| list.iter().collect());
        objects
            .into_iter()
            .filter_map(|object| BASE64_STANDARD.decode(object["content"]["base64"].as_str()?).ok())
            .filter_map(|bytes| zip::ZipArchive::new(Cursor::new(bytes)).ok())
            .flat_map(|archive| archive.file_names().map(|name| name.unwrap().into_owned()).collect::<Vec<_>>())
            .collect()
    }

    /// The comments on pull request `number`: author and body.
    pub(crate) fn comments(&self, number: u64) -> Vec<Value> {
        let state = self.sandbox.state();
        let comments = state["github"]["repositories"][FULL_NAME]["comments"].clone();
        let on = |comment: &Value| comment["issue"].as_u64().or_else(|| comment["number"].as_u64()) == Some(number);
        comments.as_array().cloned().unwrap_or_default().into_iter().filter(on).collect()
    }
}

/// All that was sent as text, wheels unpacked.
fn readable(log: &Value) -> String {
    let wheels = log.as_array().unwrap().iter().filter_map(|entry| entry["body"]["base64"].as_str());
    let mut text = log.to_string();
    for wheel in wheels {
        let mut wheel = zip::ZipArchive::new(Cursor::new(BASE64_STANDARD.decode(wheel).unwrap())).unwrap();
        for index in 0..wheel.len() {
            let mut bytes = Vec::new();
            wheel.by_index(index).unwrap().read_to_end(&mut bytes).unwrap();
            text.push_str(&String::from_utf8_lossy(&bytes));
        }
    }
    text
}
