//! What the program says where it has a bug.

use std::process::Command;

const CHILD: &str = "DLTFLOW_TEST_PANICS";
const HOSTILE: &str = "token ghs_canary0123\n::error::x\n##[add-mask]y";

/// Panics where [`a_bug_is_told_in_one_line_without_what_it_stumbled_over`] starts it; else there is nothing to do.
#[test]
fn child() {
    if std::env::var_os(CHILD).is_some() {
        dltflow::app::report_bugs();
        panic!("{HOSTILE}");
    }
}

#[test]
fn a_bug_is_told_in_one_line_without_what_it_stumbled_over() {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "bug::child", "--nocapture", "--test-threads=1"]).env(CHILD, "1");
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    let lines: Vec<&str> = said.lines().filter(|line| !line.is_empty()).collect();
    let [line] = lines.as_slice() else { panic!("{said}") };
    for words in ["error: dltflow ", " has a bug and gave up at tests/it/bug.rs:13:9", "report this line"] {
        assert!(line.contains(words), "`{words}` is not in: {line}");
    }
    assert!(!said.contains("canary") && !said.contains("::"), "{said}");
}
