//! The Python environment: which programs make it, with which words, and when it is used again.

use std::path::Path;
use std::process::Stdio;

use super::{Finished, Laptop, PYTHON, UV};
use crate::support;

const HEAD: &str = "-m pip install --disable-pip-version-check --no-input --progress-bar=off";

/// A workflow with packages of its own: two of an index, and a wheel of the repository.
fn with_packages(laptop: Laptop, packages: &str) -> Laptop {
    let spec = format!("      tasks:\n        dependencies: [{packages}]\n");
    let orders = laptop.repo.read("workflows/orders.yml").replacen("      tasks:\n", &spec, 1);
    laptop.repo.write("workflows/orders.yml", orders);
    laptop
}

/// The line of the record that installs.
#[track_caller]
fn install(laptop: &Laptop) -> String {
    let record = laptop.record();
    let line = record.lines().find(|line| line.contains("pip install")).unwrap_or_else(|| panic!("{record}"));
    let folder = laptop.environments().first().map(|folder| folder.file_name().unwrap().to_str().unwrap().to_owned());
    line.replace(&folder.unwrap_or_default(), "{key}")
}

#[test]
fn pip_creates_it_once_and_later_runs_reuse_it() {
    let laptop = Laptop::new();
    let words = ["creating a Python environment with pip of", "pyspark[pipelines]==4.3.0, pandas<3", "about 900 MB"];
    laptop.orders("").ended(0, &[&words[..], &["created the Python environment: 1 MB"]].concat());
    assert_eq!(install(&laptop), format!("python {HEAD} -- pyspark[pipelines]==4.3.0 pandas<3"));
    let [environment] = &laptop.environments()[..] else { panic!("{:?}", laptop.environments()) };
    let complete = std::fs::read_to_string(environment.join("complete")).unwrap();
    assert!(complete.starts_with("pyspark[pipelines]==4.3.0, pandas<3\n"), "{complete}");

    std::fs::remove_file(laptop.path("record")).unwrap();
    let again = laptop.orders("").ended(0, &[]);
    assert!(!again.stderr.contains("Python environment"), "{}", again.stderr);
    let record = laptop.record();
    assert!(
        record.starts_with("python -m dltflow run --output json --engine spark --driver") && !record.contains('\n'),
        "{record}"
    );
    assert!(record.ends_with("--folder @/.dltflow/local/shop-orders/spark"), "{record}");
}

#[test]
fn uv_creates_it_if_it_is_installed() {
    let laptop = Laptop::new();
    laptop.has("uv", UV).orders("").ended(0, &["creating a Python environment with uv"]);
    let record = laptop.record();
    assert!(record.starts_with("uv venv --python >=3.11 ~/cache/dltflow/environments/"), "{record}");
    let python = "~/cache/dltflow/environments/{key}/venv/bin/python";
    assert_eq!(install(&laptop), format!("uv pip install --python {python} -- pyspark[pipelines]==4.3.0 pandas<3"));
    assert!(!record.contains("python3"), "{record}");
}

#[test]
fn packages_of_the_workflow_are_installed_and_are_single_arguments() {
    let packages = "{pypi: {package: \"requests; python_version > '3'\", repo: 'https://h/simple'}}, {pypi: {package: \
                    'x $(id) `id` ${HOME}'}}, {whl: lib/mine-1.0-py3-none-any.whl}";
    let laptop = with_packages(Laptop::new(), packages);
    laptop.repo.write("lib/mine-1.0-py3-none-any.whl", support::wheel("mine", "one"));
    laptop.orders("").ended(0, &[]);
    let line = install(&laptop);
    let (before, wheel) = line.rsplit_once(' ').unwrap();
    let words = "pyspark[pipelines]==4.3.0 pandas<3 requests; python_version > '3' x $(id) `id` ${HOME}";
    assert_eq!(before, format!("python {HEAD} --extra-index-url=https://h/simple -- {words}"));
    assert!(wheel.starts_with("~/cache/dltflow/environments/{key}/wheels/mine-1.0-1g"), "{wheel}");
    let file = Path::new(wheel).file_name().unwrap();
    assert_eq!(
        std::fs::read(laptop.environments()[0].join("wheels").join(file)).unwrap(),
        support::wheel("mine", "one")
    );

    // Another content is another environment; the first one stays.
    laptop.repo.write("lib/mine-1.0-py3-none-any.whl", support::wheel("mine", "another"));
    laptop.orders("").ended(0, &["created the Python environment"]);
    assert_eq!(laptop.environments().len(), 2);
}

#[test]
fn packages_of_the_spec_s_own_environment_count_too() {
    let laptop = Laptop::new();
    let own = |lines: &str| {
        let spec = laptop.repo.read("workflows/orders.yml");
        let spec: String = spec.split_inclusive('\n').filter(|line| !line.contains("environment:")).collect();
        let with = format!("target: shop_dev\n      environment: {{dependencies: [{lines}]}}\n");
        laptop.repo.write("workflows/orders.yml", spec.replacen("target: shop_dev\n", &with, 1));
    };
    own("'--extra-index-url https://h/simple', mine==1");
    laptop.orders("").ended(0, &[]);
    let expected = "--extra-index-url=https://h/simple -- pyspark[pipelines]==4.3.0 pandas<3 mine==1";
    assert_eq!(install(&laptop), format!("python {HEAD} {expected}"));
    for line in
        ["/Volumes/a/b/c/x.whl", "-r /Workspace/requirements.txt", "file:///Volumes/x.whl", "x @ file:///Volumes/x.whl"]
    {
        own(&format!("'{line}'"));
        laptop.orders("").ended(2, &[&format!("`{line}`, a dependency of `shop-orders`"), "`--python`"]);
        laptop.orders("--python python3").ended(0, &[]);
    }
}

#[test]
fn an_incomplete_environment_is_created_anew() {
    let laptop = Laptop::new().set("NO_INDEX", "1");
    let words = ["  no such package", "failed to install the packages of the Python environment", "`--python`"];
    laptop.orders("").ended(2, &words);
    assert_eq!(laptop.environments(), Vec::<std::path::PathBuf>::new(), "what failed leaves nothing behind");

    let laptop = laptop.set("NO_INDEX", "");
    laptop.orders("").ended(0, &[]);
    let environment = laptop.environments().remove(0);
    for lost in ["complete", "venv/bin/python"] {
        std::fs::remove_file(environment.join(lost)).unwrap();
        std::fs::write(environment.join("venv/stray"), "").unwrap();
        laptop.orders("").ended(0, &["created the Python environment"]);
        assert!(environment.join(lost).exists() && !environment.join("venv/stray").exists(), "{lost}");
    }
}

#[test]
fn concurrent_runs_create_one() {
    // The first to install waits until the other one reports that it waits.
    let slow = PYTHON.replace(
        "\"-m pip\")",
        "\"-m pip\") /bin/mkdir \"$RECORD.installs\" && while test ! -e \"$RECORD.go\"; do /bin/sleep 0.02; done;",
    );
    let laptop = Laptop::new();
    laptop.has("python3", &slow);
    let start = || {
        let mut command = laptop.command("--workflow shop-orders --engine spark");
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let first = start();
    while !laptop.path("record.installs").exists() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let mut second = start();
    let mut stderr = std::io::BufReader::new(second.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("another run that creates the same Python environment") {
        assert_ne!(std::io::BufRead::read_line(&mut stderr, &mut line).unwrap(), 0, "{line}");
    }
    std::fs::write(laptop.path("record.go"), "").unwrap();
    Finished::of(first.wait_with_output().unwrap()).ended(0, &["created the Python environment"]);
    std::io::Read::read_to_string(&mut stderr, &mut line).unwrap();
    assert!(second.wait().unwrap().success() && !line.contains("created the Python environment"), "{line}");
    assert_eq!(laptop.record().matches("pip install").count(), 1);
}

#[test]
fn a_python_that_is_too_old_is_skipped() {
    let old = PYTHON.replace("${VERSION:-3 12}", "3 10");
    let laptop = Laptop::new();
    laptop.has("python3", &old);
    laptop.orders("").ended(2, &["Spark needs Python 3.11 or newer", "bin/python3` is 3.10", "install uv", "--python"]);
    laptop.has("python3.13", PYTHON).orders("").ended(0, &["bin/python3.13`"]);
    let laptop = Laptop::new();
    laptop.lacks("python3").orders("").ended(2, &["none found on `PATH`"]);
}

#[test]
fn a_given_python_is_used_as_it_is() {
    let laptop = Laptop::new();
    std::fs::create_dir_all(laptop.repo.path().join("shop/venv/bin")).unwrap();
    std::fs::copy(laptop.path("bin/python3"), laptop.repo.path().join("shop/venv/bin/mine")).unwrap();
    for (python, program) in [("python3", "python3"), ("shop/venv/bin/mine", "mine")] {
        laptop.orders(&format!("--python {python}")).ended(0, &[]);
        let record = laptop.record();
        assert!(record.starts_with(&format!("{program} -c import pyspark\n{program} -m dltflow run")), "{record}");
        std::fs::remove_file(laptop.path("record")).unwrap();
    }
    laptop.orders("--working-directory shop --python venv/bin/mine").ended(0, &[]);
    laptop.orders("--python none/python").ended(2, &["cannot start", "none/python"]);
    let laptop = laptop.set("NO_PYSPARK", "1");
    let words = ["cannot import pyspark: No module named 'pyspark'", "-m pip install 'pyspark[pipelines]==4.3.0'"];
    laptop.orders("--python python3").ended(2, &words);
    assert!(laptop.environments().is_empty());
}
