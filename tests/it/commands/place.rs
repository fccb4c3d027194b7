//! Where a command may be started, and what its paths are relative to.

use serde_json::json;

use super::{Shell, names, pipeline};
use crate::identity;
use crate::support::{Repo, Stage};

const ORDERS: &str = "deploy --environment dev --deployment-file";

#[test]
fn a_command_works_from_every_folder_of_the_project_and_its_paths_start_there() {
    let stage = Stage::new();
    let root = stage.repo.path().display().to_string();
    std::os::unix::fs::symlink(stage.repo.path().join("shop"), stage.repo.path().join("linked")).unwrap();
    let cases = [
        (".", "workflows/orders.yml".to_owned()),
        (".", "./conf/../workflows/orders.yml".to_owned()),
        ("workflows", "orders.yml".to_owned()),
        ("shop/pipelines", "../../workflows/orders.yml".to_owned()),
        ("linked", "../workflows/orders.yml".to_owned()),
        ("shop", "workflows/orders.yml --working-directory ..".to_owned()),
        ("shop", format!("{root}/workflows/orders.yml")),
        ("..", format!("orders.yml --working-directory {root}/workflows")),
    ];
    for (folder, file) in cases {
        let report = Shell::at(&stage, folder).run(&format!("{ORDERS} {file} --output json")).ended(0).json();
        assert_eq!(report["workflows"][0]["spec"], "workflows/orders.yml", "{folder} {file}");
    }
    assert_eq!(names(&stage), ["shop-orders"], "they all are the same deployment");
}

#[test]
fn a_project_may_lie_deep_in_its_repository_or_in_none() {
    for (repository, folder) in [(".git", "teams/shop"), ("none", ".")] {
        let repo = Repo::new();
        let project = repo.path().join(folder);
        copy("examples/shop", &project);
        std::fs::rename(repo.path().join(".git"), repo.path().join(repository)).unwrap();
        let stage = Stage::with(repo);
        let shell = Shell::at(&stage, project.join("workflows"));
        let report = shell.run("check *.json --output json").ended(0).json();
        let spec = report["workflows"][0]["spec"].as_str().unwrap().to_owned();
        assert_eq!(
            std::path::Path::new("/").join(folder).join("workflows/returns.json"),
            std::path::Path::new("/").join(spec)
        );
        shell.run(&format!("{ORDERS} orders.yml")).ended(0).told(&["1 created"]);
    }
}

fn copy(from: &str, to: &std::path::Path) {
    let repo = Repo::of(from);
    std::fs::create_dir_all(to).unwrap();
    for name in ["conf", "dltflow.yml", "shop", "workflows"] {
        std::fs::rename(repo.path().join(name), to.join(name)).unwrap();
    }
}

#[test]
fn a_place_that_does_not_do_is_told_by_its_name() {
    let stage = Stage::new();
    stage.repo.write("later.yml", "prod: {workflows: []}\n");
    let outside = tempfile::TempDir::new().unwrap();
    let outside = outside.path().display();
    let cases = [
        (format!("{ORDERS} workflows/gone.yml"), "the spec file `workflows/gone.yml` does not exist"),
        (format!("{ORDERS} ../orders.yml"), "`../orders.yml` leaves the checkout"),
        (format!("{ORDERS} /etc/hostname"), "`/etc/hostname` is outside the checkout"),
        (format!("{ORDERS} later.yml"), "`later.yml` has no environment `dev`\nhint: it has `prod`"),
        ("check specs/*.yml".to_owned(), "no file matches `specs/*.yml`"),
        ("check --working-directory gone".to_owned(), "cannot open the folder `gone`"),
        (format!("check --working-directory {outside}"), "there is no `dltflow.yml` in"),
        (
            "plan --environment staging".to_owned(),
            "`staging` is not a target of `dltflow.yml`\nhint: its targets are `dev`, `prod`",
        ),
    ];
    for (line, words) in cases {
        Shell::of(&stage).run(&line).ended(2).told(&[words]);
    }
    stage.repo.replace("dltflow.yml", "    default: true\n", "");
    let words = "several targets and none is the default\nhint: name the environment (`dev`, `prod`)";
    for line in ["sweep", "run-local", "check --pull-request 42"] {
        Shell::offline(&stage).run(line).ended(2).told(&[words]);
    }
    Shell::offline(&stage).run("check --environment prod").ended(0);
}

#[test]
fn a_project_is_known_by_its_folder_in_the_repository_wherever_it_is_started() {
    let stage = identity::monorepo();
    for (folder, flags) in [("apps/a", ""), ("apps/a/workflows", ""), ("apps/b", "--working-directory ../a")] {
        let shell = Shell::at(&stage, folder);
        let report = shell.run(&format!("plan --environment dev --output json {flags}")).ended(0).json();
        assert_eq!(report["project"], json!({"name": "shop", "identity": "shop", "folder": "apps/a"}), "{folder}");
    }
    let shell = Shell::at(&stage, "apps/a");
    let orders = "--environment dev --deployment-file workflows/orders.yml";
    shell.run(&format!("deploy-py-dlt {orders}")).ended(0).told(&["1 created"]);
    assert_eq!(pipeline(&stage, "a-orders")["spec"]["configuration"]["dltflow.folder"], "apps/a");
    // Without a repository nothing says where the folder begins, and what is recorded of it vetoes nothing.
    std::fs::remove_dir_all(stage.repo.path().join(".git")).unwrap();
    let report = Shell::at(&stage, "apps/a").run("plan --environment dev --output json").ended(0).json();
    assert_eq!(report["project"], json!({"name": "shop", "identity": "shop", "folder": null}));
    let id = stage.id_of("a-orders");
    // Its spec has another path then, which is no other owner's.
    for result in ["1 updated", "1 unchanged"] {
        shell.run(&format!("deploy-py-dlt {orders}")).ended(0).told(&[result]);
        assert_eq!(stage.id_of("a-orders"), id, "{result}");
    }
    shell.run(&format!("destroy {orders} --yes")).ended(0).told(&["1 pipeline destroyed"]);
    assert_eq!(names(&stage), Vec::<String>::new());
}
