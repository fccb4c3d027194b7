//! What a release carries of what a workflow names, wherever it lies, and what is told of everything else.

use std::os::unix::fs::symlink;

use super::Shell;
use crate::support::{Stage, archive};

const PARAMETERS: &str = "[--conf, conf/orders.json]";
const POINTER: &str = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";

/// The example with the parameters of its orders replaced.
fn with_parameters(parameters: &str) -> Stage {
    let stage = Stage::new();
    stage.repo.replace("workflows/orders.yml", PARAMETERS, parameters);
    stage
}

/// The example as the project in `teams/shop`.
fn in_a_folder() -> Stage {
    let stage = Stage::new();
    std::fs::create_dir_all(stage.repo.path().join("teams/shop")).unwrap();
    stage.repo.git(&["mv", "conf", "dltflow.yml", "shop", "workflows", "teams/shop"]);
    stage
}

/// What the wheels of the workspace hold beside code.
fn data(stage: &Stage) -> Vec<String> {
    let mut data: Vec<String> = stage
        .shipped()
        .into_iter()
        .filter(|path| path.starts_with("_dltflow_") && !path.starts_with("_dltflow_read/"))
        .collect();
    data.sort();
    data.dedup();
    data
}

/// All that the notebooks of the workspace say.
fn notebooks(stage: &Stage) -> String {
    let workspace = stage.sandbox.state();
    let objects = &workspace["databricks"]["objects"];
    let objects: Vec<_> = objects
        .as_array()
        .map_or_else(|| objects.as_object().unwrap().values().collect(), |listed| listed.iter().collect());
    objects.into_iter().filter_map(|object| object["content"].as_str()).collect()
}

#[test]
fn configuration_is_shipped_from_wherever_in_the_checkout_its_folder_is() {
    for (name, folder, shipped) in [
        ("../conf", "teams/conf", "_dltflow_outside/1/conf/orders.json"),
        ("../../etc/conf", "etc/conf", "_dltflow_outside/2/etc/conf/orders.json"),
        ("../../.config", ".config", "_dltflow_outside/2/.config/orders.json"),
        (".config", "teams/shop/.config", "_dltflow_data/.config/orders.json"),
        ("conf/.shared", "teams/shop/conf/.shared", "_dltflow_data/conf/.shared/orders.json"),
    ] {
        let stage = in_a_folder();
        let parent = stage.repo.path().join(folder);
        std::fs::create_dir_all(parent.parent().unwrap()).unwrap();
        stage.repo.git(&["mv", "teams/shop/conf", "moved"]);
        std::fs::create_dir_all(parent.parent().unwrap()).unwrap();
        stage.repo.git(&["mv", "moved", folder]);
        stage.repo.replace("teams/shop/dltflow.yml", "conf: {name: conf}", &format!("conf: {{name: {name}}}"));
        stage.repo.replace("teams/shop/workflows/orders.yml", "conf/orders.json", &format!("{name}/orders.json"));
        stage.repo.replace("teams/shop/workflows/returns.json", "conf/returns.json", &format!("{name}/returns.json"));
        stage.repo.commit("moved");
        let shell = Shell::at(&stage, "teams/shop");
        shell.run("check").ended(0);
        shell.run("deploy --environment dev --deployment-file workflows/orders.yml").ended(0).told(&["1 created"]);
        assert!(data(&stage).contains(&shipped.to_owned()), "{name}: {:?}", data(&stage));
        let asked = format!(
            "parameters=[\"--conf\", dltflow.shipped(\"{shipped}\")],\n    config=dltflow.shipped(\"{shipped}\")"
        );
        assert!(notebooks(&stage).contains(&asked), "{name}: {}", notebooks(&stage));
        stage.repo.write(&format!("{folder}/orders.json"), stage.repo.read(&format!("{folder}/orders.json")) + "\n");
        shell.run("check --changed-since HEAD").ended(0).told(&["1 workflow checked"]);
        shell.run("deploy --environment dev --deployment-file workflows/orders.yml").ended(0).told(&["1 updated"]);
    }
}

#[test]
fn what_a_parameter_names_is_shipped_under_a_path_of_its_own() {
    for (parameter, file, shipped, argument) in [
        ("sql/orders.sql", "sql/orders.sql", "_dltflow_data/sql/orders.sql", ""),
        ("--sql=./sql/orders.sql", "sql/orders.sql", "_dltflow_data/sql/orders.sql", "\"--sql=\" + "),
        ("file:fuse://sql/orders.sql", "sql/orders.sql", "_dltflow_data/sql/orders.sql", ""),
        (".sql/orders.sql", ".sql/orders.sql", "_dltflow_data/.sql/orders.sql", ""),
        ("shop/.sql/orders.sql", "shop/.sql/orders.sql", "_dltflow_data/shop/.sql/orders.sql", ""),
        ("ignored/orders.sql", "ignored/orders.sql", "_dltflow_data/ignored/orders.sql", ""),
    ] {
        let stage = with_parameters(&format!("[--conf, conf/orders.json, \"{parameter}\"]"));
        stage.repo.write(".gitignore", "ignored/\n").write(file, "SELECT 1");
        stage.repo.write("sql/other.sql", "SELECT 2");
        Shell::of(&stage)
            .run("deploy --environment dev --deployment-file workflows/orders.yml")
            .ended(0)
            .told(&["1 created"]);
        let mut expected = ["_dltflow_data/conf/orders.json", "_dltflow_data/conf/returns.json", shipped];
        expected.sort_unstable();
        assert_eq!(data(&stage), expected, "{parameter}");
        let asked = format!("{argument}dltflow.shipped(\"{shipped}\")]");
        assert!(notebooks(&stage).contains(&asked), "{parameter}: {}", notebooks(&stage));
    }
}

#[test]
fn a_folder_that_a_parameter_names_leaves_out_what_git_ignores() {
    for (parameter, argument) in [
        ("sql/queries", Some("dltflow.shipped(\"_dltflow_data/sql/queries\")")),
        ("--sql=sql/queries/", Some("\"--sql=\" + dltflow.shipped(\"_dltflow_data/sql/queries\") + \"/\"")),
    ] {
        let stage = with_parameters(&format!("[--conf, conf/orders.json, {parameter}]"));
        stage.repo.write("sql/queries/.gitignore", "*.tmp\n/cache/\n!kept.tmp\n").write("sql/queries/a.sql", "");
        stage.repo.write("sql/queries/forced.tmp", "").git(&["add", "--force", "sql/queries/forced.tmp"]);
        for file in ["b.tmp", "kept.tmp", "cache/c.sql", ".deep/d.sql", ".ipynb_checkpoints/e.sql", "secret.sql"] {
            stage.repo.write(&format!("sql/queries/{file}"), "");
        }
        std::fs::create_dir_all(stage.repo.path().join(".git/info")).unwrap();
        stage.repo.write(".git/info/exclude", "secret.*\n");
        Shell::of(&stage)
            .run("deploy --environment dev --deployment-file workflows/orders.yml")
            .ended(0)
            .told(&["1 created"]);
        let found: Vec<String> = data(&stage)
            .iter()
            .filter_map(|path| Some(path.strip_prefix("_dltflow_data/sql/queries/")?.to_owned()))
            .collect();
        assert_eq!(found, [".deep/d.sql", "a.sql", "forced.tmp", "kept.tmp"], "{parameter}");
        assert!(argument.is_none_or(|argument| notebooks(&stage).contains(argument)), "{}", notebooks(&stage));
    }
}

#[test]
fn a_word_that_is_a_folder_by_chance_is_passed_on_as_it_is() {
    let stage = with_parameters("[--conf, conf/orders.json, --schema, shop, --env, dev]");
    stage.repo.write("dev/a.txt", "");
    Shell::of(&stage).run("deploy --environment dev --deployment-file workflows/orders.yml").ended(0);
    assert!(notebooks(&stage).contains("\"--schema\", \"shop\", \"--env\", \"dev\"]"), "{}", notebooks(&stage));
}

#[test]
fn folders_of_code_and_configuration_leave_out_what_git_ignores_and_caches() {
    let stage = Stage::new();
    stage.repo.write(".gitignore", "*.local.json\nbuilt.py\n/shop/notes/\n");
    stage.repo.write("conf/a.local.json", "{}").write("conf/.hidden.json", "{}").write("conf/.gitkeep", "");
    stage.repo.write("conf/.ipynb_checkpoints/a.json", "{}").write("conf/__pycache__/a.pyc", "");
    stage.repo.write("shop/built.py", "").write("shop/notes/a.py", "").write("shop/.env", "");
    stage.repo.write("shop/forced.py", "").write("shop/notes/forced.py", "");
    stage.repo.git(&["add", "--force", "shop/notes/forced.py"]);
    Shell::of(&stage).run("deploy --environment dev --deployment-file workflows/orders.yml").ended(0);
    let shipped = stage.shipped();
    let own = |folder: &str| {
        let mut own: Vec<_> = shipped.iter().filter(|path| path.starts_with(folder)).map(String::as_str).collect();
        own.sort_unstable();
        own.dedup();
        own.join(" ")
    };
    assert_eq!(
        own("_dltflow_data/"),
        "_dltflow_data/conf/.hidden.json _dltflow_data/conf/orders.json _dltflow_data/conf/returns.json"
    );
    assert_eq!(
        own("shop/"),
        "shop/__init__.py shop/forced.py shop/notes/forced.py shop/pipelines/__init__.py shop/pipelines/orders.py \
         shop/pipelines/returns.py shop/prices.py"
    );
}

/// Parameters of the orders, and what `check` says of them: the rule, and further words.
const TOLD: [(&str, &[&str]); 28] = [
    ("[--conf, 'conf\\orders.json']", &["error[unread-config]", "write `conf/orders.json`"]),
    ("['--conf=conf\\orders.json']", &["error[unread-config]", "write `--conf=conf/orders.json`"]),
    ("['conf\\gone.json']", &["error[unread-config]", "has backslashes", "write it with `/`"]),
    ("[--conf, 'C:\\conf\\gone.json']", &["error[unread-config]", "is no file of the repository"]),
    ("[--conf, conf/orders.json, 'sql\\a.sql']", &["error[unread-config]", "write `sql/a.sql`"]),
    ("[--conf, /conf/orders.json]", &["error[unread-config]", "absolute path", "write `conf/orders.json`"]),
    ("[/conf/orders.json]", &["error[unread-config]", "write `conf/orders.json`"]),
    ("[--conf, conf/orders.json, --sql, /sql/a.sql]", &["error[unread-config]", "write `sql/a.sql`"]),
    ("['--conf conf/orders.json']", &["error[unread-config]", "is one argument", "write `[--conf, conf/orders.json]`"]),
    ("['--env dev --conf conf/orders.json']", &["error[unread-config]", "is one argument"]),
    ("[--conf, conf/orders.json, '--sql sql/a.sql']", &["error[unread-config]", "write `[--sql, sql/a.sql]`"]),
    ("[--conf, /dbfs/conf/orders.json]", &["error[unread-config]", "`/dbfs/conf/orders.json` is no file of the"]),
    ("[--conf, 'dbfs:/conf/orders.json']", &["error[unread-config]", "`dbfs:/conf/orders.json` is no file of the"]),
    ("[--conf=/Volumes/a/b/c/orders.json]", &["error[unread-config]", "is no file of the repository"]),
    ("['s3://lake/orders.json']", &["error[unread-config]", "`s3://lake/orders.json` is no file of the repository"]),
    ("[--env, dev]", &["error[unread-config]", "`Orders` needs a configuration"]),
    ("[--conf]", &["error[unread-config]", "`Orders` needs a configuration"]),
    ("[--conf, 'file:fuse://conf/gone.json']", &["error[missing-config-file]", "`conf/gone.json` does not exist"]),
    ("[--conf, conf]", &["error[missing-config-file]", "`conf` is a folder"]),
    ("[--conf, conf/orders.json, 'file://sql/gone.sql']", &["error[not-shipped]", "`sql/gone.sql` does not exist"]),
    ("[--conf, ../../orders.json]", &["error[not-shipped]", "`../../orders.json` leaves the checkout"]),
    ("[--conf, conf/orders.json, --sql=../a.sql]", &["error[not-shipped]", "`../a.sql` leaves the checkout"]),
    ("[--conf, .git/orders.json]", &["error[missing-config-file]", "`.git/orders.json` is git's own"]),
    ("[--conf, conf/orders.json, .git/config]", &["error[not-shipped]", "`.git/config` is git's own"]),
    ("[--conf, conf/link.json]", &["error[missing-config-file]", "is a symbolic link"]),
    ("[--conf, conf/orders.json, sql/link.sql]", &["error[not-shipped]", "is a symbolic link"]),
    ("[--conf, conf/orders.json, sql/large.sql]", &["error[not-shipped]", "is larger than 10485760 bytes"]),
    ("[--conf, conf/orders.json, sql/empty/]", &["warning[not-shipped]", "has no file that git does not ignore"]),
];

#[test]
fn what_no_release_carries_is_told_at_its_place_with_what_to_write() {
    for (parameters, words) in TOLD {
        let stage = with_parameters(parameters);
        stage
            .repo
            .write("sql/a.sql", "")
            .write(".git/orders.json", "{}")
            .write("sql/large.sql", vec![b' '; (10 << 20) + 1]);
        stage.repo.write("sql/empty/.gitignore", "*\n").write("sql/empty/made.sql", "");
        symlink("orders.json", stage.repo.path().join("conf/link.json")).unwrap();
        symlink("a.sql", stage.repo.path().join("sql/link.sql")).unwrap();
        let said = Shell::offline(&stage).run("check --environment dev workflows/orders.yml");
        let said = said.ended(if words[0].starts_with("error") { 3 } else { 0 }).told(words);
        // Where no parameter is wrong, the place is that of the Python file.
        let line = if words.contains(&"`Orders` needs a configuration") { 15 } else { 16 };
        assert!(said.all().contains(&format!("workflows/orders.yml:{line}:")), "{parameters}: {}", said.all());
        let errors = said.all().matches("error[").count();
        assert_eq!(errors, usize::from(words[0].starts_with("error")), "{parameters}: {}", said.all());
    }
}

#[test]
fn the_references_of_dbx_are_configurations_as_paths_are() {
    for parameters in [
        "[--conf, 'file:fuse://conf/orders.json']",
        "['--conf=file://conf/orders.json']",
        "['file:fuse://conf/orders.json']",
    ] {
        let stage = with_parameters(parameters);
        Shell::of(&stage)
            .run("deploy --environment dev --deployment-file workflows/orders.yml")
            .ended(0)
            .told(&["1 created"]);
        let notebooks = notebooks(&stage);
        assert!(notebooks.contains("config=dltflow.shipped(\"_dltflow_data/conf/orders.json\")"), "{notebooks}");
        assert!(!notebooks.contains("file:"), "{notebooks}");
    }
}

#[test]
fn a_class_that_may_do_without_a_configuration_is_no_error() {
    let launch = "code: {name: shop, launch_method: run}";
    for (class, method, parameters, expected) in [
        ("class Orders:\n    def run(self): ...\n", launch, "[--env, dev]", ""),
        ("class Orders:\n    def run(self): ...\n", launch, "[--conf, /Volumes/a/b/c/orders.json]", ""),
        (
            "from shop.base import Base\nclass Orders(Base): ...\n",
            launch,
            "[--conf, /dbfs/a.json]",
            "warning[unread-config]",
        ),
        (
            "from shop.base import Base\nclass Orders(Base): ...\n",
            "code: {name: shop}",
            "[--env, dev]",
            "warning[unread-config]",
        ),
        (
            "from shop.base import Base\nclass Orders(Base): ...\n",
            "code: {name: shop}",
            "[--conf, /dbfs/a.json]",
            "error[unread-config]",
        ),
    ] {
        let stage = with_parameters(parameters);
        stage.repo.write("shop/pipelines/orders.py", class).replace("dltflow.yml", "code: {name: shop}", method);
        let said = Shell::offline(&stage).run("check --environment dev workflows/orders.yml");
        let said = said.ended(if expected.starts_with("error") { 3 } else { 0 });
        assert_eq!(said.all().contains("[unread-config]"), !expected.is_empty(), "{class}{parameters}: {}", said.all());
        assert!(said.all().contains(expected), "{class}{parameters}: {}", said.all());
    }
}

/// An archive with these members.
fn of(members: &[&str]) -> Vec<u8> {
    let texts: Vec<String> = members.iter().map(|member| member.repeat(20)).collect();
    archive(&members.iter().copied().zip(texts.iter().map(String::as_str)).collect::<Vec<_>>())
}

#[test]
fn a_wheel_that_pip_would_refuse_is_told_at_its_place_before_anything_is_uploaded() {
    let whole = of(&["rates/__init__.py", "rates-1.0.dist-info/METADATA", "rates-1.0.dist-info/WHEEL"]);
    let other = of(&["x/__init__.py", "x-1.0.dist-info/METADATA", "x-1.0.dist-info/WHEEL"]);
    let both = of(&["rates-1.0.dist-info/WHEEL", "rates-1.1.dist-info/WHEEL"]);
    for (bytes, words) in [
        (whole.clone(), &[][..]),
        (POINTER.as_bytes().to_vec(), &["error[lfs-pointer]", "is a Git LFS pointer", "`git lfs pull`", "`lfs: true`"]),
        (Vec::new(), &["error[bad-wheel]", "is empty"]),
        (whole[..whole.len() / 2].to_vec(), &["error[bad-wheel]", "is cut off"]),
        (whole[..whole.len() - 3].to_vec(), &["error[bad-wheel]", "is cut off"]),
        (whole[40..].to_vec(), &["error[bad-wheel]", "is not a zip archive"]),
        ([&[0; 40], &whole[40..]].concat(), &["error[bad-wheel]", "is damaged"]),
        (b"<html>404</html>".to_vec(), &["error[bad-wheel]", "is not a zip archive"]),
        (of(&["rates/__init__.py"]), &["error[bad-wheel]", "has 0 folders `*.dist-info`"]),
        (of(&["rates-1.0.dist-info/METADATA"]), &["error[bad-wheel]", "has no `rates-1.0.dist-info/WHEEL`"]),
        (of(&["rates-1.0.dist-info/WHEEL"]), &["error[bad-wheel]", "has no `rates-1.0.dist-info/METADATA`"]),
        (both, &["error[bad-wheel]", "has 2 folders `*.dist-info`"]),
        (other, &["error[bad-wheel]", "is the wheel of another package", "`x-1.0.dist-info`"]),
    ] {
        let stage = Stage::new();
        stage.repo.write(".gitignore", "dist/\n").write("dist/rates-1.0-py3-none-any.whl", &bytes);
        let dependencies = format!("{PARAMETERS}\n        dependencies: [{{whl: dist/rates-1.0-py3-none-any.whl}}]");
        stage.repo.replace("workflows/orders.yml", PARAMETERS, &dependencies);
        let said = Shell::of(&stage).run("deploy --environment dev --deployment-file workflows/orders.yml");
        if words.is_empty() {
            said.ended(0).told(&["1 created"]);
            assert!(stage.objects().iter().any(|path| path.contains("/rates-1.0-1g")), "{:?}", stage.objects());
        } else {
            said.ended(3).told(words).told(&["workflows/orders.yml:17:"]);
            assert_eq!(stage.objects(), Vec::<String>::new(), "{words:?}");
        }
    }
}

#[test]
fn a_pointer_in_the_place_of_a_file_that_is_shipped_is_an_error() {
    for (path, parameters, place) in [
        ("conf/orders.json", PARAMETERS, "workflows/orders.yml:16:"),
        ("shop/pipelines/orders.py", PARAMETERS, "workflows/orders.yml:15:"),
        ("shop/prices.py", PARAMETERS, "shop/prices.py"),
        ("shop/rates.csv", PARAMETERS, "shop/rates.csv"),
        ("sql/a.sql", "[--conf, conf/orders.json, sql/a.sql]", "workflows/orders.yml:16:"),
        ("sql/deep/a.sql", "[--conf, conf/orders.json, sql/]", "workflows/orders.yml:16:"),
    ] {
        let stage = with_parameters(parameters);
        stage.repo.write(path, POINTER);
        let said = Shell::offline(&stage).run("check --environment dev workflows/orders.yml").ended(3);
        let said = said.told(&["error[lfs-pointer]", "Git LFS pointer", "`git lfs pull`", place]);
        assert_eq!(said.all().matches("error[").count(), 1, "{path}: {}", said.all());
    }
    let stage = Stage::new();
    stage.repo.write("workflows/returns.json", POINTER);
    Shell::offline(&stage).run("check").ended(3).told(&["is a Git LFS pointer", "`git lfs pull`"]);
}

#[test]
fn a_name_in_another_unicode_form_is_told_with_both_forms() {
    let (composed, decomposed) = ("gr\u{f6}\u{df}e", "gro\u{308}\u{df}e");
    let points = |named: &str| if named == composed { ("U+00F6", "NFC") } else { ("U+006F U+0308", "NFD") };
    for (named, found) in [(composed, decomposed), (decomposed, composed)] {
        let ((here, here_form), (there, there_form)) = (points(named), points(found));
        for (parameters, file) in [
            (format!("[--conf, \"conf/{named}.json\"]"), format!("conf/{found}.json")),
            (format!("[--conf, \"{named}/a.json\"]"), format!("{found}/a.json")),
            (format!("[--conf, conf/orders.json, \"--sql=sql/{named}.sql\"]"), format!("sql/{found}.sql")),
        ] {
            let stage = with_parameters(&parameters);
            stage.repo.write(&file, "{}");
            let said = Shell::offline(&stage).run("check --environment dev workflows/orders.yml").ended(3);
            let words = format!("another Unicode form: {there_form} on disk ({there}), {here_form} here ({here})");
            assert!(said.told(&[&words]).all().contains("workflows/orders.yml:16:"), "{parameters}");
        }
        let stage = Stage::new();
        stage.repo.write(&format!("shop/{found}.py"), "");
        stage.repo.replace("workflows/orders.yml", "shop/pipelines/orders.py", &format!("shop/{named}.py"));
        let said = Shell::offline(&stage).run("check --environment dev workflows/orders.yml").ended(3);
        said.told(&["error[missing-python-file]", "another Unicode form", there, here]);
    }
}

#[test]
fn a_file_that_a_sparse_checkout_leaves_out_is_told_and_not_taken_for_a_word() {
    let stage = with_parameters("[--conf, conf/orders.json, sql/a.sql]");
    stage.repo.write("sql/a.sql", "").commit("sql");
    for form in ["--no-sparse-index", "--sparse-index"] {
        stage.repo.git(&["sparse-checkout", "set", form, "conf", "shop", "workflows"]);
        let said = Shell::offline(&stage).run("check --environment dev workflows/orders.yml").ended(3);
        said.told(&["error[not-shipped]", "`sql/a.sql` is in the repository, but not in the checkout"]);
    }
    stage.repo.git(&["sparse-checkout", "disable"]);
    Shell::offline(&stage).run("check").ended(0);
}
