//! `--help`, and what is answered to a mistyped command line.

use super::Shell;
use crate::support::Stage;

/// The commands, and the flags that each of them must show.
const COMMANDS: [(&str, &[&str]); 9] = [
    ("action", &[]),
    (
        "init",
        &[
            "-p, --profile",
            "-n, --project-name",
            "-c, --config-path",
            "-w, --workflows-path",
            "-t, --build-template",
            "-o, --overwrite",
            "-d, --shared",
            "--working-directory",
            "--output",
        ],
    ),
    ("check", &["--environment", "--changed-since", "--working-directory", "--output", "--verbose"]),
    ("run-local", &["--workflow", "--engine", "--environment", "--folder", "--python", "--output"]),
    (
        "plan",
        &[
            "--environment",
            "--deployment-file",
            "--as-individual",
            "--pull-request",
            "--changed-since",
            "--allow-recreate",
            "--drop-tables",
            "--prune",
        ],
    ),
    ("deploy", &["--deployment-file", "--environment", "--as-individual", "--preview-name", "--timeout"]),
    ("destroy", &["--as-individual", "--pull-request", "--deployment-file", "--yes", "--drop-tables", "--environment"]),
    ("sweep", &["--environment", "--yes", "--timeout", "--output"]),
    ("status", &["--environment", "--timeout", "--output"]),
];

#[test]
fn every_command_explains_itself_and_its_flags() {
    let stage = Stage::new();
    let shell = Shell::offline(&stage);
    let all = shell.run("--help").ended(0).stdout;
    assert!(all.contains("DATABRICKS_HOST") && all.contains("Exit codes"), "{all}");
    for (command, flags) in COMMANDS {
        assert!(all.contains(&format!("  {command} ")), "{command} is not in:\n{all}");
        let [long, short] = ["--help", "-h"].map(|flag| shell.run(&format!("{command} {flag}")).ended(0).stdout);
        for flag in flags {
            assert!(long.contains(flag) && short.contains(flag), "{command} does not show {flag}:\n{long}");
        }
        let wide = long.lines().find(|line| line.chars().count() > 100 && !line.starts_with("Usage: "));
        assert_eq!(wide, None, "{command}");
    }
}

#[test]
fn a_mistyped_command_line_is_refused_with_what_was_meant() {
    let stage = Stage::new();
    let cases = [
        ("", "Usage: dltflow <COMMAND>"),
        ("deplay", "'deploy'"),
        ("deploy", "--deployment-file <FILE>"),
        ("plan --enviroment dev", "'--environment'"),
        ("check --output yaml", "possible values: text, json"),
        ("plan", "--environment <NAME>"),
        ("plan --environment dev --timeout 5", "`5` is not a valid duration"),
        ("plan --environment dev --preview-name {name}", "must contain `{user}`"),
        ("destroy --environment dev --pull-request one", "invalid"),
    ];
    for (line, words) in cases {
        Shell::of(&stage).run(line).ended(2).told(&[words]);
    }
    assert_eq!(stage.requests(), Vec::<String>::new());
}
