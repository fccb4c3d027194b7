//! Files of the checkout that are not what they seem: each file that is read, as each thing that a file system knows.
//! The canary behind links is never revealed, nothing hangs, and errors name the file.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use dltflow::fs::{Checkout, ReadError};
use dltflow::source::RepoPath;
use serde_json::Value;

use crate::support::{Ran, Runner, Stage, tally, wheel};

/// Values in files and variables of the runner that no step may reveal.
const CANARY: &str = "canary-of-the-runner-9f2e";

const SPEC: &str = "workflows/orders.yml";
const WHEEL: &str = "wheels/tool-1.0-py3-none-any.whl";

/// How a run ends where a file, or the folder of it, is something else.
struct Place {
    path: &'static str,
    code: i32,
    /// Stands in the report beside the path.
    words: &'static [&'static str],
}

const fn place(path: &'static str, code: i32, words: &'static [&'static str]) -> Place {
    Place { path, code, words }
}

/// Files: an error if something refers to them, and left out otherwise.
const FILES: [Place; 6] = [
    place("dltflow.yml", 2, &["commit it as a regular file"]),
    place(SPEC, 3, &["unreadable-spec"]),
    place("shop/pipelines/orders.py", 3, &["missing-python-file", "left-out"]),
    place("shop/prices.py", 0, &["left-out", "is not shipped"]),
    place("conf/orders.json", 3, &["missing-config-file", "left-out"]),
    place(WHEEL, 3, &["missing-wheel"]),
];

/// Folders, for links in the middle of a path.
const FOLDERS: [Place; 5] = [
    place("shop", 2, &["the folder", "must be in the checkout itself"]),
    place("conf", 2, &["the folder", "must be in the checkout itself"]),
    place("workflows", 2, &["the folder", "must be in the checkout itself"]),
    place("shop/pipelines", 3, &["missing-python-file", "left-out"]),
    place("wheels", 3, &["missing-wheel"]),
];

/// What is there instead; `None` if this machine cannot create it.
type Make = fn(&Runner, &Path) -> Option<()>;

const LINKS: [(&str, Make); 9] = [
    ("link inside", |_, path| symlink(path.parent()?.join("__init__.py"), path).ok()),
    ("link outside", |runner, path| symlink(runner.file("outside"), path).ok()),
    ("link to the environment", |_, path| symlink("/proc/self/environ", path).ok()),
    ("link to the working directory of the process", |_, path| symlink("/proc/self/cwd/dltflow.yml", path).ok()),
    ("link to credentials", |runner, path| symlink(runner.file("runner_temp/git-credentials.config"), path).ok()),
    ("link to command files", |runner, path| symlink(runner.file("file_commands/canary"), path).ok()),
    ("link to a socket", |_, path| symlink("/var/run/docker.sock", path).ok()),
    ("dangling link", |_, path| symlink("nowhere", path).ok()),
    ("link to itself", |_, path| symlink(path.file_name()?, path).ok()),
];

const OTHERS: [(&str, Make); 4] = [
    ("pipe", |_, path| made(Command::new("mkfifo").arg(path))),
    ("socket", |_, path| UnixListener::bind(path).ok().map(drop)),
    ("endless device", |_, path| made(Command::new("mknod").arg(path).args(["c", "1", "5"]))),
    ("device without a driver", |_, path| made(Command::new("mknod").arg(path).args(["c", "250", "250"]))),
];

fn made(command: &mut Command) -> Option<()> {
    command.output().ok()?.status.success().then_some(())
}

/// A repository whose orders change, with a wheel of its own, and the runner of its pull request.
fn stage() -> (Stage, Runner) {
    let stage = Stage::new();
    stage.repo.branch("change").replace(SPEC, "max_workers: 2", "max_workers: 4");
    let tasks = format!("      tasks:\n        dependencies: [{{whl: {WHEEL}}}]\n");
    stage.repo.replace(SPEC, "      tasks:\n", &tasks).write(WHEEL, wheel("tool", "")).commit("change");
    let mut runner = stage.on_pull_request("opened", 42, "change");
    for name in ["outside", "runner_temp/git-credentials.config", "file_commands/canary"] {
        std::fs::write(runner.file(name), format!("workflows: {CANARY}\n")).unwrap();
    }
    runner.set("SOME_SECRET", CANARY).bounded(600, 60);
    (stage, runner)
}

/// Neither the output of the process nor the state of the services contains the canary.
#[track_caller]
fn assert_kept(stage: &Stage, ran: &Ran, case: &str) {
    let world = stage.sandbox.state();
    let mut all = format!("{}{world}{}", ran.everything(), stage.sandbox.log());
    for object in objects(&world) {
        let Some(bytes) = object["content"]["base64"].as_str() else { continue };
        let bytes = BASE64_STANDARD.decode(bytes).unwrap();
        let Ok(mut archive) = zip::ZipArchive::new(std::io::Cursor::new(bytes)) else { continue };
        for index in 0..archive.len() {
            let mut text = Vec::new();
            std::io::copy(&mut archive.by_index(index).unwrap(), &mut text).unwrap();
            all.push_str(&String::from_utf8_lossy(&text));
        }
    }
    assert!(!all.contains(CANARY), "{case}: the canary came out:\n{}", ran.everything());
}

fn objects(world: &Value) -> Vec<Value> {
    let objects = &world["databricks"]["objects"];
    objects.as_array().cloned().unwrap_or_else(|| objects.as_object().unwrap().values().cloned().collect())
}

/// Puts something else in the place of `path`, runs, and puts back what was there.
fn attempt(stage: &Stage, runner: &Runner, place: &Place, kind: &str, make: Make) -> bool {
    let path = stage.repo.path().join(place.path);
    let aside = runner.file("aside");
    std::fs::rename(&path, &aside).unwrap();
    let is_made = make(runner, &path).is_some();
    if is_made {
        let case = format!("{} as {kind}", place.path);
        let ran = stage.run(runner);
        assert_eq!(ran.code, place.code, "{case}:\n{}{}", ran.stderr, ran.stdout);
        let report = ran.report.to_string();
        for word in place.words.iter().chain([&place.path]) {
            assert!(report.contains(word), "{case}: `{word}` is not in {report}");
        }
        assert_kept(stage, &ran, &case);
        std::fs::remove_file(&path).unwrap();
    }
    std::fs::rename(aside, path).unwrap();
    is_made
}

#[test]
fn what_is_not_a_regular_file_is_refused_by_name_and_never_followed() {
    let folders = FOLDERS.iter().map(|place| (place, &LINKS[..]));
    let files = FILES.iter().flat_map(|place| [(place, &LINKS[..]), (place, &OTHERS[..])]);
    let all: Vec<_> = files.chain(folders).collect();
    let count: usize = std::thread::scope(|scope| {
        let threads = all.chunks(6).map(|part| {
            scope.spawn(move || {
                let (stage, runner) = stage();
                let cases = part.iter().flat_map(|(place, kinds)| kinds.iter().map(move |kind| (*place, kind)));
                cases.filter(|(place, (kind, make))| attempt(&stage, &runner, place, kind, *make)).count()
            })
        });
        threads.collect::<Vec<_>>().into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    let most = FILES.len() * (LINKS.len() + OTHERS.len()) + FOLDERS.len() * LINKS.len();
    assert!(count >= FILES.len() * (LINKS.len() + 2), "{count} of {most} could be made");
    tally(
        "incoming-checkout",
        &format!("{count} runs with a link, pipe, socket or device in the place of a file or folder"),
    );
}

#[test]
fn a_folder_is_not_a_file() {
    let (stage, runner) = stage();
    for place in FILES {
        // A folder is not an error by itself, only what names it as a file.
        let words: Vec<&str> = place.words.iter().copied().filter(|word| !word.contains("left-out")).collect();
        let path = stage.repo.path().join(place.path);
        std::fs::rename(&path, runner.file("aside")).unwrap();
        std::fs::create_dir(&path).unwrap();
        let ran = stage.run(&runner);
        // A folder `orders.yml` is not a spec, so there is none.
        let code = if place.path == SPEC { 0 } else { place.code };
        assert_eq!(ran.code, code, "{}: {}", place.path, ran.stderr);
        let report = ran.report.to_string();
        assert!(code == 0 || words.iter().all(|word| report.contains(word)), "{}: {report}", place.path);
        std::fs::remove_dir(&path).unwrap();
        std::fs::rename(runner.file("aside"), path).unwrap();
    }
}

#[test]
fn a_hard_link_is_the_file_itself_and_the_owner_reads_what_others_may_not() {
    // No checkout makes a hard link: whoever can make one to a secret can read the secret, and copy it as well. And the
    // container's root reads files of any mode.
    let (stage, runner) = stage();
    let path = stage.repo.path().join("conf/orders.json");
    std::fs::hard_link(&path, runner.file("second-name")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o0)).unwrap();
    let readable = std::fs::read(&path).is_ok();
    let ran = runner.run();
    assert_eq!(ran.code, if readable { 0 } else { 2 }, "{}", ran.stderr);
    assert!(readable || ran.stderr.contains("`conf/orders.json` cannot be read"), "{}", ran.stderr);
}

#[test]
fn files_of_a_gigabyte_and_many_of_them_are_refused_without_being_read() {
    let (stage, mut runner) = stage();
    runner.bounded(400, 60);
    let sparse = |path: &str, megabytes: u64| {
        let path = stage.repo.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::File::create(path).unwrap().set_len(megabytes << 20).unwrap();
    };
    for (path, code, words) in [
        ("conf/huge.bin", 2, ["`conf/huge.bin` is larger than 10485760 bytes", "move it out"]),
        ("workflows/huge.yml", 0, ["is larger than 1048576 bytes", "split it"]),
        ("workflows/orders.yml", 3, ["is larger than 1048576 bytes", "split it"]),
        (WHEEL, 2, ["tool-1.0-py3-none-any.whl` is larger than 10485760 bytes", "move it out"]),
        ("dltflow.yml", 2, ["is larger than 1048576 bytes", "commit it"]),
    ] {
        let before = std::fs::read(stage.repo.path().join(path)).ok();
        sparse(path, 1 << 10);
        let ran = runner.run();
        assert_eq!(ran.code, code, "{path}: {}", ran.stderr);
        assert!(words.iter().all(|word| ran.stderr.contains(word)), "{path}: {}", ran.stderr);
        std::fs::remove_file(stage.repo.path().join(path)).unwrap();
        before.map(|bytes| stage.repo.write(path, bytes));
    }
    (0..40).for_each(|number| sparse(&format!("conf/{number}.bin"), 9));
    let ran = runner.run();
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("more than 134217728 bytes") && ran.stderr.contains("move it out"), "{}", ran.stderr);
    (0..40).for_each(|number| std::fs::remove_file(stage.repo.path().join(format!("conf/{number}.bin"))).unwrap());
    (0..70).for_each(|number| sparse(&format!("workflows/{number}.yml"), 1));
    let ran = runner.run();
    assert!(ran.code == 2 && ran.stderr.contains("the specs have more than 67108864 bytes"), "{}", ran.stderr);
    (0..70).for_each(|number| std::fs::remove_file(stage.repo.path().join(format!("workflows/{number}.yml"))).unwrap());
    std::fs::create_dir(stage.repo.path().join("conf/many")).unwrap();
    (0..20_001).for_each(|number| drop(std::fs::File::create(stage.repo.path().join(format!("conf/many/{number}")))));
    let ran = runner.run();
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("the folder `conf` contains more than 20000 files"), "{}", ran.stderr);
}

#[test]
fn unsupported_names_are_reported_and_unusual_ones_are_deployed_as_they_are() {
    use std::os::unix::ffi::OsStrExt as _;
    let (stage, runner) = stage();
    let unfit: [&[u8]; 6] = [b"new\nline", b"back\\slash", b"not-\xff-utf8", b"es\x1b[31mc", b"C:\\x", b"\x7f"];
    let strange = [
        "-rf",
        "$(touch pwned)",
        "`touch pwned`",
        ";touch pwned",
        "c:x",
        "Orders.py",
        "orders.PY",
        "a b",
        "é",
        "\u{202e}x",
    ];
    for name in unfit {
        for folder in ["shop", "conf", "workflows"] {
            let name = [name, b".yml"].concat();
            std::fs::write(stage.repo.path().join(folder).join(std::ffi::OsStr::from_bytes(&name)), "x: 1\n").unwrap();
        }
    }
    for name in strange.map(str::to_owned).into_iter().chain(["n".repeat(255), ["d"; 200].join("/")]) {
        stage.repo.write(&format!("shop/strange/{name}"), "x = 1\n");
    }
    // A submodule that was not fetched is an empty folder, one that was has a `.git` file.
    stage.repo.write("shop/sub/.git", "gitdir: ../../.git/modules/sub\n");
    let ran = stage.run(&runner);
    ran.ended(0, "deployed");
    let findings = ran.report["findings"].as_array().unwrap();
    for (rule, folders) in [("left-out", 2), ("unreadable-spec", 1)] {
        let findings =
            findings.iter().filter(|finding| finding["rule"] == rule && finding.to_string().contains("rename it"));
        assert_eq!(findings.count(), folders * unfit.len(), "{}", ran.report);
    }
    let shipped = stage.shipped();
    for name in strange {
        assert!(shipped.contains(&format!("shop/strange/{name}")), "{name} is not in {shipped:?}");
    }
    let pwned = Command::new("find").arg(stage.repo.path()).args(["-name", "pwned"]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&pwned.stdout), "");
    tally("incoming-names", &format!("{} names of files", 3 * unfit.len() + strange.len() + 2));
}

#[test]
fn paths_that_a_spec_names_stay_in_the_checkout() {
    let (stage, runner) = stage();
    let outside = runner.file("outside").to_str().unwrap().to_owned();
    let deep = "../".repeat(40) + outside.trim_start_matches('/');
    let hostile = [
        "../outside.py",
        "shop/../../outside.py",
        "shop/pipelines/orders.py/../../../../outside",
        "/etc/passwd",
        "/proc/self/environ",
        outside.as_str(),
        deep.as_str(),
        "..\\outside.py",
        "C:/x.py",
        "C:\\x.py",
        "shop/\0x.py",
        "shop/\nx.py",
        "shop/%2e%2e/%2e%2e/outside.py",
        "file:///etc/passwd",
        "",
        ".",
        "~/.netrc",
        "$HOME/.netrc",
    ];
    let each = |line: &dyn Fn(String) -> String| -> String {
        hostile.iter().map(|path| line(Value::from(*path).to_string())).collect()
    };
    let items = each(&|path| format!("          - python_file: {path}\n"));
    let parameters = each(&|path| {
        format!("          - {{python_file: shop/pipelines/orders.py, parameters: [--conf, {path}, --conf={path}]}}\n")
    });
    let wheels = each(&|path| format!("          - whl: {path}\n"));
    let item = "        items:\n          - python_file: shop/pipelines/orders.py\n";
    // A wheel elsewhere is one of the cluster, and nothing of ours to read; so is a parameter that names no file.
    for (tasks, code, least) in [
        (format!("        items:\n{items}"), 3, hostile.len()),
        (format!("        items:\n{parameters}"), 3, 0),
        (format!("        dependencies:\n{wheels}{item}"), 3, hostile.len() / 2),
    ] {
        stage.repo.write(SPEC, format!("dev:\n  workflows:\n    - name: shop-orders\n      tasks:\n{tasks}"));
        let ran = stage.run(&runner);
        assert_eq!(ran.code, code, "{}", ran.stderr);
        let findings = ran.report["findings"].as_array().unwrap();
        assert!(findings.iter().filter(|finding| finding["severity"] == "error").count() >= least, "{}", ran.report);
        assert_kept(&stage, &ran, &tasks);
    }
    tally("incoming-paths", &format!("{} paths that a spec names", 4 * hostile.len()));
}

#[test]
fn a_link_swapped_in_between_check_and_read_is_not_followed() {
    let (stage, runner) = stage();
    let [path, link, aside] =
        ["shop/prices.py", "shop/link.txt", "shop/aside.txt"].map(|name| stage.repo.path().join(name));
    symlink(runner.file("outside"), &link).unwrap();
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                for (from, to) in [(&path, &aside), (&link, &path), (&path, &link), (&aside, &path)] {
                    std::fs::rename(from, to).unwrap();
                }
            }
        });
        for _ in 0..10 {
            // The tree changes under the run, so it is not checked.
            let ran = runner.run();
            assert!([0, 3].contains(&ran.code), "{}", ran.stderr);
            assert_kept(&stage, &ran, "swapped");
        }
        over.store(true, Ordering::Relaxed);
    });
    let checkout = Checkout::open(stage.repo.path()).unwrap();
    let name = RepoPath::parse("shop/link.txt").unwrap();
    assert!(matches!(checkout.read(&name, 10), Err(ReadError::Link)));
}
