//! Hosts that serve several workspaces: each request names the one that is meant, wherever it was given.

use serde_json::{Value, json};

use crate::support::{DATABRICKS_TOKEN, Ran, Runner, Stage};

const ID: &str = "1234567890123456";
const HEADER: &str = "x-databricks-workspace-id";

/// A pull request on a host that serves several workspaces, of which `dltflow.yml` may name one.
fn opened(named: Option<&str>) -> Stage {
    let stage = Stage::new();
    stage.control("PUT", "settings", &json!({"serves_several": true}));
    stage.repo.branch("change").replace("workflows/orders.yml", "max_workers: 2", "max_workers: 4");
    if let Some(query) = named {
        let host = format!("      host: {}{query}\n      root_path", stage.sandbox.databricks_url());
        stage.repo.write("dltflow.yml", stage.repo.read("dltflow.yml").replacen("      root_path", &host, 1));
    }
    stage.repo.commit("change");
    stage
}

fn run(stage: &Stage, action: &str, give: impl Fn(&mut Runner)) -> Ran {
    let mut runner = stage.on_pull_request(action, 42, "change");
    give(&mut runner);
    stage.run(&runner)
}

/// The workspace that each request since the last call named.
fn named(stage: &Stage) -> Vec<Value> {
    let mut named: Vec<Value> =
        stage.asked("databricks").iter().map(|entry| entry["headers"][HEADER].clone()).collect();
    named.dedup();
    named
}

fn with_query(runner: &mut Runner, stage: &Stage, query: &str) {
    runner.set("DATABRICKS_HOST", &format!("{}{query}", stage.sandbox.databricks_url()));
}

#[test]
fn every_request_of_a_previews_life_names_the_workspace_from_wherever_it_was_given() {
    type Give = fn(&mut Runner, &Stage);
    let ways: [(Option<&str>, Give); 11] = [
        (None, |runner, _| _ = runner.input("databricks-workspace-id", ID)),
        (None, |runner, _| _ = runner.set("DATABRICKS_WORKSPACE_ID", &format!(" {ID} "))),
        (None, |runner, stage| with_query(runner, stage, &format!("/?o={ID}"))),
        (None, |runner, stage| with_query(runner, stage, &format!("?w={ID}"))),
        (None, |runner, stage| with_query(runner, stage, &format!("/?a=acc&workspace_id={ID}"))),
        (None, |runner, stage| with_query(runner, stage, &format!("/browse/folders/7?o={ID}#x"))),
        (None, |runner, stage| {
            _ = runner.input("databricks-host", &format!("{}/?o={ID}", stage.sandbox.databricks_url()));
        }),
        (Some("/?o=1234567890123456"), |_, _| {}),
        (Some("?workspace_id=1234567890123456"), |runner, _| _ = runner.set("DATABRICKS_WORKSPACE_ID", "none")),
        // The input goes before the variable, and that before the host.
        (None, |runner, _| _ = runner.input("databricks-workspace-id", ID).set("DATABRICKS_WORKSPACE_ID", "7")),
        (None, |runner, stage| {
            with_query(runner, stage, "/?o=7");
            runner.set("DATABRICKS_WORKSPACE_ID", ID);
        }),
    ];
    for (way, (project, give)) in ways.iter().enumerate() {
        let stage = opened(*project);
        run(&stage, "opened", |runner| give(runner, &stage)).ended(0, "deployed");
        let id = stage.pipelines()[0]["pipeline_id"].as_str().unwrap().to_owned();
        let page = format!("{}/pipelines/{id}?w={ID}", stage.sandbox.databricks_url());
        assert!(stage.comments(42)[0]["body"].as_str().unwrap().contains(&page), "{way}");
        run(&stage, "synchronize", |runner| give(runner, &stage)).ended(0, "unchanged");
        run(&stage, "closed", |runner| give(runner, &stage)).ended(0, "destroyed");
        assert_eq!(named(&stage), [ID], "{way}");
        assert_eq!(stage.pipelines(), Vec::<Value>::new());
    }
}

#[test]
fn a_host_of_one_workspace_is_asked_as_before() {
    let stage = opened(None);
    stage.control("PUT", "settings", &json!({"serves_several": false}));
    run(&stage, "opened", |_| {}).ended(0, "deployed");
    assert_eq!(named(&stage), [Value::Null]);
}

#[test]
fn where_a_page_comes_back_the_missing_or_wrong_id_is_told() {
    let missing = ["web page", "serves several workspaces", "`databricks-workspace-id`", "`?o=`"];
    let stage = opened(None);
    let ran = run(&stage, "opened", |_| {});
    ran.ended(6, "failed");
    assert!(missing.iter().all(|word| ran.stderr.contains(word)), "{}", ran.stderr);
    for (from, give) in [
        (
            "databricks-workspace-id",
            (|runner, _| _ = runner.input("databricks-workspace-id", "77")) as fn(&mut Runner, &Stage),
        ),
        ("DATABRICKS_WORKSPACE_ID", |runner, _| _ = runner.set("DATABRICKS_WORKSPACE_ID", "77")),
        ("DATABRICKS_HOST", |runner, stage| with_query(runner, stage, "/?o=77")),
    ] {
        let ran = run(&stage, "opened", |runner| give(runner, &stage));
        ran.ended(6, "failed");
        let told = ran.stderr.contains(&format!("check that the workspace `77`, from `{from}`, is one of this host"));
        assert!(told && !ran.stderr.contains("is missing"), "{}", ran.stderr);
    }
    assert_eq!(stage.pipelines(), Vec::<Value>::new());
}

#[test]
fn an_id_that_is_no_number_is_refused_with_its_place_and_never_shown_or_sent() {
    for bad in
        ["acme", "-5", "+5", "5 6", "5\r\nx-evil: 1", "٥", "0x5", "5.0", "99999999999999999999", DATABRICKS_TOKEN]
    {
        for name in ["databricks-workspace-id", "DATABRICKS_WORKSPACE_ID"] {
            let stage = opened(None);
            let ran = run(&stage, "opened", |runner| {
                let input = name == "databricks-workspace-id";
                _ = if input { runner.input(name, bad) } else { runner.set(name, bad) };
            });
            ran.ended(2, "failed");
            let message = ran.report["error"]["message"].as_str().unwrap();
            assert!(message.contains(&format!("`{name}` is not the id of a workspace")), "{bad}: {message}");
            assert!(ran.report["error"]["hints"].to_string().contains("`?o=`"), "{bad}");
            assert_eq!(stage.requests(), Vec::<String>::new());
        }
    }
    for (query, told) in [("/?o=acme", "something else than a number"), ("/?o=5&w=6", "two workspaces, `5` and `6`")] {
        let stage = opened(None);
        let ran = run(&stage, "opened", |runner| with_query(runner, &stage, query));
        ran.ended(2, "failed");
        assert!(ran.report["error"]["message"].as_str().unwrap().contains(told), "{query}: {}", ran.stderr);
        // In the project's file, a mistake has a place.
        let stage = opened(Some(query));
        let ran = run(&stage, "opened", |_| {});
        ran.ended(2, "failed");
        let finding = &ran.report["findings"][0];
        let place = (finding["path"].as_str(), finding["line"].as_u64());
        assert!(finding["message"].as_str().unwrap().contains(told), "{finding} {place:?}");
        assert_eq!(stage.requests(), Vec::<String>::new());
    }
}

#[test]
fn where_two_workspaces_are_named_the_one_that_counts_is_told_or_nothing_is_sent() {
    let stage = opened(None);
    let ran = run(&stage, "opened", |runner| {
        with_query(runner, &stage, "/?o=7");
        runner.set("DATABRICKS_WORKSPACE_ID", ID);
    });
    ran.ended(0, "deployed");
    let told =
        format!("the workspace is `{ID}`, from `DATABRICKS_WORKSPACE_ID`; `?o=7` in `DATABRICKS_HOST` does not count");
    assert!(ran.report["notes"].to_string().contains(&told), "{}", ran.report["notes"]);
    // A target that names another one ends the run.
    let stage = opened(Some("/?o=7"));
    let ran = run(&stage, "opened", |runner| _ = runner.set("DATABRICKS_WORKSPACE_ID", ID));
    ran.ended(2, "failed");
    for word in ["`dev`", "/?o=7`", "`DATABRICKS_WORKSPACE_ID` names the workspace", "nothing was sent"] {
        assert!(ran.stderr.contains(word), "{word}: {}", ran.stderr);
    }
    assert_eq!(stage.requests(), Vec::<String>::new());
    // A host that serves one workspace takes no notice of the header: the answer says which one it is.
    let stage = opened(None);
    stage.control("PUT", "settings", &json!({"serves_several": false}));
    let ran = run(&stage, "opened", |runner| _ = runner.set("DATABRICKS_WORKSPACE_ID", "7"));
    ran.ended(0, "deployed");
    let told = format!("the workspace `{ID}` answered, but `DATABRICKS_WORKSPACE_ID` names `7`");
    assert!(ran.report["notes"].to_string().contains(&told), "{}", ran.report["notes"]);
}
