//! The corpora through the real program, to each place that a text goes out: one run holds many cases.

use std::collections::BTreeSet;

use dltflow::report::{ProjectInfo, Report, Verdict, comment, comment_key};
use serde_json::{Value, json};

use crate::support::{
    Canary, Case, DATABRICKS_TOKEN, Marker, Ran, Repo, Stage, assert_ours, hostile_texts, markers, tally,
};

const SPEC: &str = "workflows/many.yml";
/// A page tells of so many failures.
const BATCH: usize = 20;
/// No text in a run is longer; renderers see longer ones.
const LONGEST: usize = 3_000;

fn texts() -> Vec<String> {
    hostile_texts().iter().map(|case: &Case| case.at_most(LONGEST)).collect()
}

/// The example project with a spec of one workflow a name.
fn stage_of(names: &[String]) -> Stage {
    let workflow = |name: &String| {
        json!({
            "name": name, "target": "shop_dev",
            "tasks": {"items": [{"python_file": "shop/pipelines/orders.py",
                                 "parameters": ["--conf", "conf/orders.json"]}]},
        })
    };
    let workflows: Vec<Value> = names.iter().map(workflow).collect();
    let stage = Stage::new();
    stage.repo.branch("change").write(SPEC, json!({"dev": {"workflows": workflows}}).to_string());
    stage
}

fn run(stage: &Stage, action: &str) -> Ran {
    stage.repo.commit("change");
    let ran = stage.run(&stage.on_pull_request(action, 42, "change"));
    assert_harmless(stage, &ran);
    ran
}

/// Each line of stdout is an annotation or a mask of ours, no line of stderr is a command, the outputs are those
/// declared, and the pages hold nothing foreign.
#[track_caller]
fn assert_harmless(stage: &Stage, ran: &Ran) {
    assert_eq!(ran.commands.len(), ran.stdout.lines().filter(|line| !line.is_empty()).count(), "{}", ran.stderr);
    let known = ["file", "line", "endLine", "col", "endColumn", "title"];
    let properties = ran.commands.iter().flat_map(|command| command.properties.keys());
    assert_eq!(properties.filter(|key| !known.contains(&key.as_str())).count(), 0, "{}", ran.stdout);
    assert_eq!(ran.outputs.len(), 12, "{:?}", ran.outputs);
    let rows = ran.report["workflows"].as_array().unwrap().iter().map(|row| &row["url"]);
    let known: BTreeSet<String> =
        rows.chain([&ran.report["run"]["url"]]).filter_map(Value::as_str).map(str::to_owned).collect();
    for comment in stage.comments(42) {
        let body = comment["body"].as_str().unwrap();
        assert!(body.len() <= 60_000);
        assert_ours(body, &known);
    }
    assert_ours(&ran.summary, &known);
}

#[test]
fn no_text_acts_as_a_name_a_value_a_path_or_a_file() {
    let texts = texts();
    let names: Vec<String> = (0..texts.len()).map(|index| format!("w{index}")).collect();
    for (place, edit) in [
        ("name", (|workflow, text| workflow["name"] = text.into()) as fn(&mut Value, &str)),
        ("field", |workflow, text| workflow[text] = 1.into()),
        ("value", |workflow, text| workflow["channel"] = text.into()),
        ("python file", |workflow, text| workflow["tasks"]["items"][0]["python_file"] = text.into()),
        ("config", |workflow, text| workflow["tasks"]["items"][0]["parameters"][1] = text.into()),
        ("library", |workflow, text| workflow["tasks"]["dependencies"] = json!([{"whl": text}])),
    ] {
        let stage = stage_of(&names);
        let mut spec: Value = serde_json::from_str(&stage.repo.read(SPEC)).unwrap();
        for (workflow, text) in spec["dev"]["workflows"].as_array_mut().unwrap().iter_mut().zip(&texts) {
            edit(workflow, text);
        }
        stage.repo.write(SPEC, spec.to_string());
        let ran = run(&stage, "opened");
        assert!([0, 3].contains(&ran.code), "{place}: {}", ran.stderr);
    }
    let stage = Stage::new();
    stage.repo.branch("change");
    let files = texts.iter().filter_map(|text| file_of(&stage.repo, text)).collect::<BTreeSet<_>>().len();
    assert_eq!(run(&stage, "opened").code, 3);
    tally(
        "corpus-repository",
        &format!("{} texts in 6 places of a spec, {files} as names of files: 7 runs of the program", texts.len()),
    );
}

/// Writes a spec with a mistake and gives its path, its name as much like `text` as a file's can be.
fn file_of(repo: &Repo, text: &str) -> Option<String> {
    let name: String = text.chars().filter(|c| *c != '\0').map(|c| if c == '/' { '_' } else { c }).collect();
    let path = format!("workflows/{}.yml", &name[..name.floor_char_boundary(200)]);
    std::fs::write(repo.path().join(&path), "dev: {workflows: [{nme: x}]}\n").ok().map(|()| path)
}

#[test]
fn no_text_acts_as_an_answer_of_a_service_or_as_what_somebody_set_by_hand() {
    let texts = texts();
    let (mut errors, mut fields) = (0, 0);
    for batch in texts.chunks(BATCH) {
        let names: Vec<String> = (0..batch.len()).map(|index| format!("w{index}")).collect();
        let stage = stage_of(&names);
        let fault = |text: &String| {
            json!({"service": "databricks", "method": "POST", "path": "/api/2.0/pipelines", "status": 400,
            "body": {"error_code": text, "message": text, "stack_trace": text, "details": [{"reason": text}]}, "times": 1})
        };
        stage.control("POST", "faults", &batch.iter().map(fault).collect());
        let ran = run(&stage, "opened");
        assert_eq!(ran.output("failed"), batch.len().to_string(), "{}", ran.stderr);
        errors += batch.len();
        assert_eq!(run(&stage, "synchronize").output("created"), batch.len().to_string());
        for (pipeline, text) in stage.pipelines().iter().zip(batch) {
            let id = pipeline["pipeline_id"].as_str().unwrap();
            let mut configuration = pipeline["spec"]["configuration"].clone();
            assert!(configuration.is_object(), "{pipeline}");
            configuration[text] = text.as_str().into();
            let set = json!({"spec": {"configuration": configuration}});
            stage.control("PUT", &format!("databricks/pipelines/{id}"), &set);
            fields += 2;
        }
        stage.repo.write("conf/orders.json", stage.repo.read("conf/orders.json") + "\n");
        let ran = run(&stage, "synchronize");
        let shown = |step: &&Value| step["unmanaged"].to_string().contains(r#""configuration."#);
        assert_eq!(
            ran.report["plan"]["steps"].as_array().unwrap().iter().filter(shown).count(),
            batch.len(),
            "{}",
            ran.stderr
        );
    }
    tally(
        "corpus-services",
        &format!(
            "{errors} texts as errors of the workspace, {fields} as fields set by hand: {} runs of the program",
            3 * texts.len().div_ceil(BATCH)
        ),
    );
}

#[test]
fn no_form_in_which_a_service_says_a_token_again_goes_further() {
    let canary = Canary::new(DATABRICKS_TOKEN);
    let echoes: Vec<String> = canary.echoes().into_iter().map(|(_, echo)| echo).collect();
    let names: Vec<String> = (0..echoes.len()).map(|index| format!("w{index}")).collect();
    let mut runs = 0;
    for cut in [0, 280, 580] {
        let stage = stage_of(&names);
        // Half of a message that is cut in the middle of a token is no token, and still too much of one.
        let told = |echo: &String| format!("{}{echo}, {echo}", "x ".repeat((cut - echo.len().min(cut) / 2) / 2));
        let fault = |body: Value, times: usize| json!({"method": "POST", "status": 400, "body": body, "times": times});
        let mut faults: Vec<Value> = Vec::new();
        for echo in &echoes {
            let mut one = fault(json!({"error_code": echo, "message": told(echo), "details": echo}), 1);
            one["path"] = "/api/2.0/pipelines".into();
            faults.push(one);
        }
        let mut comment = fault(json!({"message": told(&echoes.join(" "))}), 9);
        comment["path"] = "/repos/*/comments".into();
        stage.control("POST", "faults", &faults.into_iter().chain([comment]).collect());
        stage.repo.commit("change");
        let mut runner = stage.on_pull_request("opened", 42, "change");
        runner.set("RUNNER_DEBUG", "1");
        // Running it looks for the token.
        let ran = stage.run(&runner);
        assert_eq!(ran.output("failed"), echoes.len().to_string(), "{}", ran.stderr);
        assert!(ran.stderr.contains("***"), "{}", ran.stderr);
        runs += 1;
    }
    tally(
        "corpus-echoes",
        &format!(
            "a token in {} forms in errors of both services, whole and cut: {runs} runs of the program",
            echoes.len()
        ),
    );
}

fn report() -> Report {
    let project = ProjectInfo { name: "shop".to_owned(), identity: "shop".to_owned(), folder: None };
    Report { environment: Some("dev".to_owned()), ..Report::new(Verdict::Unchanged, "all stands", project) }
}

#[test]
fn hidden_data_is_at_most_shown() {
    let markers = markers();
    for marker in &markers {
        let body = marker.body(&comment_key(&report()), "bystander");
        let said = comment(&report(), Some(&body)).body;
        assert_ours(&said, &BTreeSet::new());
        assert!(said.len() < 3_000 && !said.contains("bystander"), "{}: {said}", marker.name);
        assert_eq!(said.contains("Earlier runs"), marker.history && marker.ours, "{}", marker.name);
    }
}

#[test]
fn of_two_hundred_and_fifty_comments_the_oldest_of_ours_is_edited_and_nothing_else() {
    let (stage, markers) = (Stage::new(), markers());
    // The sandbox knows nothing of comments that were minimized; the client's own tests do.
    let markers: Vec<&Marker> = markers.iter().filter(|marker| !marker.minimized).collect();
    stage.repo.branch("change").replace("workflows/orders.yml", "max_workers: 2", "max_workers: 4").commit("change");
    stage.run(&stage.on_pull_request("opened", 41, "change")).ended(0, "deployed");
    let ours = stage.comments(41)[0]["body"].as_str().unwrap().to_owned();
    let key = ours.split("digest=").next().unwrap();
    let bystander = stage.pipelines()[0]["pipeline_id"].as_str().unwrap().to_owned();
    let write = |author: &str, body: &str| {
        let kind = if author.ends_with("[bot]") { "Bot" } else { "User" };
        let comment = json!({"body": body, "author": {"login": author, "type": kind}});
        stage.control("POST", "github/repositories/octo-org/shop/issues/42/comments", &comment);
    };
    let foreign: Vec<_> = markers.iter().filter(|marker| !marker.ours).collect();
    for marker in &foreign {
        write(&marker.author, &marker.body(key, &bystander));
    }
    (foreign.len()..220).for_each(|number| write("octocat", &format!("comment {number}")));
    let own: Vec<_> = markers.iter().filter(|marker| marker.ours).collect();
    for marker in &own {
        write(&marker.author, &marker.body(key, &bystander));
    }
    (220 + own.len()..250).for_each(|number| write("octocat", &format!("comment {number}")));
    let before = stage.comments(42);
    assert_eq!(before.len(), 250);
    for (action, result) in [("opened", "deployed"), ("closed", "destroyed")] {
        stage.run(&stage.on_pull_request(action, 42, "change")).ended(0, result);
        let after = stage.comments(42);
        let edited: Vec<usize> = (0..250).filter(|index| before[*index]["body"] != after[*index]["body"]).collect();
        assert_eq!((after.len(), edited), (250, vec![220]), "{action}");
    }
    let left: Vec<Value> = stage.pipelines().iter().map(|pipeline| pipeline["pipeline_id"].clone()).collect();
    assert!(left.contains(&bystander.into()), "{left:?}");
    tally("corpus-markers", &format!("{} comments among 250, by the rule and by the program", markers.len()));
}
