//! The results of a local run: decoded from the output of the authoring runtime, and shown as tables.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::escape;

/// The longest name shown in a column, in characters.
const MAX_NAME: usize = 60;
/// The longest record shown, in characters.
const MAX_RECORD: usize = 1_000;
/// Shown for a number that was not counted.
const UNKNOWN: &str = "-";

/// The results of a local run, dataset by dataset.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LocalReport {
    /// The engine: `sdp` or `spark`.
    pub engine: String,
    /// The datasets, in the order in which they were computed.
    pub datasets: Vec<DatasetResult>,
    /// Violated expectations with the action `fail`.
    pub failed: Vec<Violation>,
    /// Where the tables are.
    pub folder: String,
}

/// The result for one dataset.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DatasetResult {
    /// Its name.
    pub name: String,
    /// Its kind, such as `table` or `view`.
    pub kind: String,
    /// Whether it was computed.
    pub outcome: DatasetOutcome,
    /// Rows written; `None` if they were not counted.
    pub rows: Option<u64>,
    /// Rows dropped by expectations.
    pub dropped: u64,
    /// Dropped rows that are in the quarantine table.
    pub quarantined: u64,
    /// The results of its expectations, in the order of the configuration.
    pub expectations: Vec<ExpectationResult>,
    /// How long it took.
    pub seconds: f64,
}

/// How a dataset ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DatasetOutcome {
    /// It was computed.
    Completed,
    /// It could not be computed.
    Failed,
    /// A dataset that it reads was not computed.
    Skipped,
}

/// The result of one expectation.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectationResult {
    /// Its name.
    pub name: String,
    /// What happens to a row that does not meet it: `allow`, `drop`, `fail`, `quarantine`.
    pub action: String,
    /// Rows that met it.
    pub passed: u64,
    /// Rows that did not meet it.
    pub failed: u64,
}

/// A violated expectation with the action `fail`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Violation {
    /// The dataset.
    pub dataset: String,
    /// The expectation.
    pub expectation: String,
    /// A row that does not meet it, as JSON.
    pub record: String,
    /// The number of such rows, if it is known.
    pub count: Option<u64>,
}

impl LocalReport {
    /// Decodes the output of `python -m dltflow run --output json`.
    ///
    /// # Errors
    /// If it is not one object of exactly this shape.
    pub fn decode(printed: &[u8]) -> serde_json::Result<Self> {
        serde_json::from_slice(printed)
    }

    /// Every untrusted text.
    pub(super) fn texts(&mut self) -> impl Iterator<Item = &mut String> {
        let Self { engine, datasets, failed, folder } = self;
        let datasets = datasets.iter_mut().flat_map(|dataset| {
            let expectations = dataset.expectations.iter_mut().flat_map(|found| [&mut found.name, &mut found.action]);
            [&mut dataset.name, &mut dataset.kind].into_iter().chain(expectations)
        });
        let failed =
            failed.iter_mut().flat_map(|found| [&mut found.dataset, &mut found.expectation, &mut found.record]);
        [engine, folder].into_iter().chain(datasets).chain(failed)
    }
}

/// The alignment of a column.
#[derive(Clone, Copy)]
enum Align {
    Left,
    Right,
}
use Align::{Left, Right};

const DATASETS: [(&str, Align); 6] =
    [("dataset", Left), ("rows", Right), ("dropped", Right), ("quarantined", Right), ("time", Right), ("", Left)];
const EXPECTATIONS: [(&str, Align); 5] =
    [("dataset", Left), ("expectation", Left), ("action", Left), ("passed", Right), ("failed", Right)];

/// The datasets, their expectations, and where the tables are.
pub(super) fn text(run: &LocalReport) -> String {
    let datasets: Vec<_> = run.datasets.iter().map(dataset).collect();
    let expectations: Vec<_> = run.datasets.iter().flat_map(expectations).collect();
    // The log of the run precedes this.
    let mut out = format!("\n{}{}", table(DATASETS, &datasets), table(EXPECTATIONS, &expectations));
    _ = writeln!(out, "the tables are in {}", escape::line(&run.folder));
    out
}

/// The violations, a line each.
pub(super) fn violations(run: &LocalReport) -> String {
    let mut out = String::new();
    for found in &run.failed {
        let [dataset, expectation] = [&found.dataset, &found.expectation].map(|name| shown(name));
        let rows = match found.count {
            None | Some(1) => "a row fails".to_owned(),
            Some(count) => format!("{count} rows fail"),
        };
        let record = escape::line(&escape::truncate(&found.record, MAX_RECORD));
        _ = writeln!(out, "error: `{dataset}`: {rows} the expectation `{expectation}`: {record}");
    }
    out
}

fn dataset(dataset: &DatasetResult) -> [String; 6] {
    // Datasets that were not computed and views that nothing reads have no counts.
    let counted = |count: u64| dataset.rows.map_or(UNKNOWN.to_owned(), |_| count.to_string());
    let (time, outcome) = match dataset.outcome {
        DatasetOutcome::Completed => (format!("{:.1} s", dataset.seconds), ""),
        DatasetOutcome::Failed => (format!("{:.1} s", dataset.seconds), "failed"),
        DatasetOutcome::Skipped => (UNKNOWN.to_owned(), "skipped"),
    };
    let rows = dataset.rows.map_or(UNKNOWN.to_owned(), |rows| rows.to_string());
    let [dropped, quarantined] = [dataset.dropped, dataset.quarantined].map(counted);
    [shown(&dataset.name), rows, dropped, quarantined, time, outcome.to_owned()]
}

fn expectations(dataset: &DatasetResult) -> impl Iterator<Item = [String; 5]> {
    dataset.expectations.iter().map(|found| {
        let [passed, failed] = [found.passed, found.failed].map(|count| match dataset.outcome {
            DatasetOutcome::Skipped => UNKNOWN.to_owned(),
            _ => count.to_string(),
        });
        [shown(&dataset.name), shown(&found.name), shown(&found.action), passed, failed]
    })
}

fn shown(name: &str) -> String {
    escape::line(&escape::truncate(name, MAX_NAME))
}

/// `rows` as aligned columns below their titles, and an empty line; nothing if there are no rows.
fn table<const N: usize>(titles: [(&str, Align); N], rows: &[[String; N]]) -> String {
    let mut out = String::new();
    if rows.is_empty() {
        return out;
    }
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([titles[column].0.len()]).max().unwrap_or(0)
    };
    let widths: [usize; N] = std::array::from_fn(width);
    let head = titles.map(|(title, _)| title.to_owned());
    for row in [&head].into_iter().chain(rows) {
        let cells = row.iter().zip(titles).zip(widths).map(|((cell, (_, align)), width)| match align {
            Left => format!("{cell:<width$}"),
            Right => format!("{cell:>width$}"),
        });
        out.extend([cells.collect::<Vec<_>>().join("  ").trim_end(), "\n"]);
    }
    out.push('\n');
    out
}
