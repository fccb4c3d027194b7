//! Whatever the size of a report, its renderings stay within the service's limits and keep what matters.

use std::time::{Duration, Instant};

use dltflow::report::{
    Change, Delivered, Failure, Note, Report, Row, Status, Verdict, annotations, comment, outputs, summary, text,
};

use super::samples::{complete, everywhere, hostile, many_findings, report, row, sources};
use crate::support::{parse_commands as commands, parse_outputs};

fn wide(count: usize, status: Status) -> Report {
    let error =
        (status == Status::Failed).then(|| Failure { message: "no".repeat(400), hints: vec![], ..Failure::default() });
    let one = |index: usize| Row { error: error.clone(), ..row(&format!("w{index:05}"), Change::Create, status) };
    report(Verdict::Deployed, "all pipelines stand", (0..count).map(one).collect())
}

fn heavy() -> Vec<Report> {
    let mut notes = complete();
    notes.notes = vec![Note::new("hive-data", hostile(&"é".repeat(1_000))); 500];
    let mut fields = wide(300, Status::Planned);
    let field = dltflow::report::Field::new("x".repeat(300), None, Some(&"y".repeat(300).into()));
    fields.workflows.iter_mut().for_each(|row| row.fields = vec![field.clone(); 40]);
    let long = everywhere(&hostile(&"`😀-".repeat(3_000)));
    let mut failures = wide(50, Status::Failed);
    let failure = Failure {
        message: hostile(&"é@".repeat(900)),
        hints: vec![hostile(&"é@".repeat(900)); 9],
        ..Failure::default()
    };
    failures.workflows.iter_mut().for_each(|row| row.error = Some(failure.clone()));
    vec![many_findings(), wide(5_000, Status::Done), wide(5_000, Status::Failed), notes, fields, failures, long]
}

#[test]
fn pages_stay_within_their_limits_and_keep_header_table_and_footer() {
    for report in heavy() {
        let previous = comment(&report, None).body;
        for (page, limit) in [(comment(&report, Some(&previous)).body, 60_000), (summary(&report), 1_000_000)] {
            assert!(page.len() <= limit, "{} bytes", page.len());
            assert!(page.contains("### "));
            let table = page.contains("| pipeline | change | status | link |\n|---|---|---|---|\n|");
            assert_eq!(table, !report.workflows.is_empty());
            assert_eq!(
                page.contains("<summary>Clean up</summary>"),
                report.clean_up.as_ref().is_some_and(|command| command[1].len() < 100)
            );
        }
    }
}

#[test]
fn what_a_page_leaves_out_is_counted() {
    let mut rows = wide(1_040, Status::Done);
    rows.workflows.iter_mut().skip(40).for_each(|row| row.change = Change::Unchanged);
    let body = comment(&rows, None).body;
    assert!(body.contains("\nand 990 more\n"), "{body}");
    assert!(comment(&wide(1_040, Status::Done), None).body.contains("\nand 940 more\n"));
    assert!(comment(&many_findings(), None).body.contains("Some details are left out: see the step summary."));
}

#[test]
fn a_level_has_ten_annotations_of_which_the_last_counts_the_rest() {
    let found = commands(&annotations(&many_findings()));
    assert_eq!(found.len(), 10);
    assert_eq!(found[9].data, "and 9991 more: see the step summary");
    assert_eq!(found[0].properties["file"], "f00000.yml");

    let long = commands(&annotations(&everywhere(&"%\n".repeat(9_000))));
    assert!(long.iter().all(|command| command.data.chars().count() <= 4096));
    assert!(annotations(&everywhere(&"%\n".repeat(9_000))).lines().all(|line| line.chars().count() < 6_000));
}

#[test]
fn json_outputs_lose_reasons_and_then_workflows() {
    let mut report = wide(800, Status::Done);
    report.workflows.iter_mut().for_each(|row| row.reasons = vec!["because".repeat(40)]);
    let read = |report: &Report| {
        let file = outputs(report, Delivered::default(), "delimiter").unwrap();
        assert!(file.encode_utf16().count() * 2 < 1_000_000);
        let outputs = parse_outputs(&file).unwrap();
        let list: Vec<serde_json::Value> = serde_json::from_str(&outputs["workflows"]).unwrap();
        let urls: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&outputs["pipeline-urls"]).unwrap();
        assert_eq!(outputs["created"], report.workflows.len().to_string());
        (list, urls.len())
    };
    let (list, urls) = read(&report);
    assert_eq!((list.len(), urls), (800, 800));
    assert_eq!(list[0]["reasons"], serde_json::json!([]));
    let (list, urls) = read(&wide(20_000, Status::Done));
    assert!((500..20_000).contains(&list.len()) && (500..20_000).contains(&urls));
}

#[test]
fn ten_thousand_findings_take_seconds_not_minutes() {
    let start = Instant::now();
    assert_eq!(text(&many_findings(), &sources()).matches("error[unknown-value]").count(), 10_000);
    assert!(start.elapsed() < Duration::from_secs(20));
}
