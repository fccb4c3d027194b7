//! Every hostile text of the corpora in every place of a report, through every renderer.

use std::collections::BTreeMap;

use dltflow::report::{
    Delivered, Report, annotations, comment, comment_key, escape, is_current, json, outputs, summary, text,
};
use dltflow::source::Sources;
use serde_json::{Value, json};

use super::places::{PLACES, placed, quoted};
use super::samples::sources;
use crate::support::{Command, assert_ours, corpus, parse_commands, parse_outputs, tally};

const DELIMITER: &str = "dltflow_5f0c5f0c5f0c5f0c";
/// Texts beyond this, in bytes, go at their full length into those places alone that outputs are made of.
const LONG: usize = 1_500;
const OUTPUTS: [&str; 2] = ["environment", "workflow's name"];

/// Places that the hidden lines of a comment are made of.
const HIDDEN: [&str; 6] = ["environment", "project's identity", "commit", "time", "address of the run", "all at once"];

/// Puts each case of a corpus into each place and looks at all that comes out.
fn run(name: &str) {
    let cases = corpus(name);
    for case in &cases {
        let (whole, text) = (case.text(), case.at_most(LONG));
        for (place, put) in PLACES {
            let report = placed(*put, if OUTPUTS.contains(place) { &whole } else { &text });
            let hidden = if HIDDEN.contains(place) { hidden_data_goes_on(&report) } else { Ok(()) };
            hidden
                .and_then(|()| harmless(&report, &sources()))
                .unwrap_or_else(|why| panic!("`{}` as {place}: {why}", case.name));
        }
        let (report, sources) = quoted(&whole);
        harmless(&report, &sources).unwrap_or_else(|why| panic!("`{}` in a file: {why}", case.name));
    }
    let (count, places) = (cases.len(), PLACES.len() + 1);
    tally(
        &format!("corpus-{name}"),
        &format!("{count} texts in each of {places} places: {} reports, 6 renderings each", count * places),
    );
}

#[test]
fn no_text_of_the_commands_acts_in_any_place() {
    run("commands");
}

#[test]
fn no_text_of_the_outputs_acts_in_any_place() {
    run("outputs");
}

#[test]
fn no_text_of_the_pages_acts_in_any_place() {
    run("markdown");
}

/// Nothing in `report` is active wherever it is shown, and programs can read all of it.
pub(super) fn harmless(report: &Report, sources: &Sources) -> Result<(), String> {
    no_foreign_command(report, sources)?;
    outputs_are_whole(report)?;
    let known = report.workflows.iter().map(|row| &row.url).chain([&report.run.url]).flatten().cloned().collect();
    let (comment, summary) = (comment(report, None).body, summary(report));
    check(comment.len() <= 60_000 && summary.len() <= 1 << 20, "a page is too long", &comment)?;
    // What fits into both is the same page, but for the hidden lines.
    let pages = if comment.ends_with(&summary) { vec![&comment] } else { vec![&comment, &summary] };
    for page in pages {
        let page = assert_ours(page, &known);
        check((page.tables == 1) != report.workflows.is_empty(), "the table is missing", &comment)?;
    }
    check(comment.starts_with(&comment_key(report)), "the key is not at the beginning", &comment)
}

/// Standard output and standard error contain only the intended commands, one per line.
fn no_foreign_command(report: &Report, sources: &Sources) -> Result<(), String> {
    let (text, json) = (text(report, sources), json(report));
    check(json.is_ascii(), "JSON beyond ASCII", &json)?;
    let hidden = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    check(!text.contains(hidden), "a control character", &text)?;
    for shown in [text, json] {
        check(parse_commands(&shown).is_empty(), "a command", &format!("{:?} in {shown}", parse_commands(&shown)))?;
    }
    let printed = annotations(report);
    let found = parse_commands(&printed);
    check(found.len() == printed.lines().count() && found.iter().all(is_annotation), "a foreign annotation", &printed)
}

fn is_annotation(command: &Command) -> bool {
    let known = ["file", "line", "endLine", "col", "endColumn", "title"];
    ["error", "warning", "notice"].contains(&command.name.as_str())
        && command.properties.keys().all(|key| known.contains(&key.as_str()))
        && command.properties.get("line").is_none_or(|line| line.parse::<usize>().is_ok())
}

/// The file of outputs has exactly the declared names with the values of the report.
fn outputs_are_whole(report: &Report) -> Result<(), String> {
    let foreign = report.environment.as_deref().unwrap_or_default();
    let delivered = Delivered { comment_url: Some(foreign), report_path: Some(foreign) };
    let file = outputs(report, delivered, DELIMITER).map_err(|error| error.message())?;
    let read = parse_outputs(&file)?;
    let (counts, shown) = (report.counts(), escape::line(&escape::truncate(foreign, 1_000)));
    let numbers = [counts.created, counts.updated, counts.unchanged, counts.destroyed, counts.failed]
        .map(|count| count.to_string());
    let [created, updated, unchanged, destroyed, failed] = numbers.each_ref().map(String::as_str);
    let (workflows, urls) = (read["workflows"].as_str(), read["pipeline-urls"].as_str());
    let expected = BTreeMap::from([
        ("result", report.result.word()),
        ("reason", report.reason.unwrap_or_default()),
        ("environment", &shown),
        ("workflows", workflows),
        ("pipeline-urls", urls),
        ("created", created),
        ("updated", updated),
        ("unchanged", unchanged),
        ("destroyed", destroyed),
        ("failed", failed),
        ("comment-url", &shown),
        ("report-path", &shown),
    ]);
    let read: BTreeMap<&str, &str> = read.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    check(read == expected, "other outputs", &file)?;
    check(file.encode_utf16().count() * 2 < 1_000_000, "the outputs are too long", "")?;
    check(workflows.is_ascii() && urls.is_ascii(), "JSON beyond ASCII", workflows)?;
    let list: Vec<Value> = serde_json::from_str(workflows).map_err(|error| error.to_string())?;
    for (entry, row) in list.iter().zip(&report.workflows) {
        let is = json!([entry["name"], entry["spec"], entry["pipeline_id"], entry["pipeline_name"], entry["url"]]);
        check(
            is == json!([row.name, row.spec, row.pipeline_id, row.pipeline_name, row.url]),
            "another value",
            workflows,
        )?;
    }
    serde_json::from_str::<BTreeMap<String, String>>(urls).map(drop).map_err(|error| error.to_string())
}

/// The next run recognizes the comment and continues it; the second of two equal runs does not edit it.
fn hidden_data_goes_on(report: &Report) -> Result<(), String> {
    let body = &comment(report, None).body;
    let first = body.lines().next().unwrap_or_default();
    check(first.ends_with(" -->"), "the first line is not closed", first)?;
    let mut silent = report.clone();
    silent.workflows.retain(|row| row.error.is_some());
    let again = comment(&silent, Some(body)).body;
    check(is_current(&again, &silent), "the comment is not recognized", &again)?;
    let mut later = silent.clone();
    later.run.url = Some("https://github.com/octocat/samples/actions/runs/99".to_owned());
    let later = comment(&later, Some(body)).body;
    check(later.contains("Earlier runs"), "the history is lost", &later)
}

fn check(holds: bool, what: &str, shown: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(format!("{what}:\n{}", shown.chars().take(5_000).collect::<String>())) }
}
