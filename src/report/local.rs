//! What a run on this machine made: decoded from what the authoring runtime prints, and shown as tables.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::escape;

/// The widest name that a column is lined up with, in characters.
const WIDEST: usize = 60;
/// Most characters of a record that are shown.
const RECORD: usize = 1_000;
/// What stands for a number that was not counted.
const UNKNOWN: &str = "-";

/// What a local run made, dataset by dataset, and what its expectations found.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LocalRun {
    /// What ran it: `sdp` or `spark`.
    pub engine: String,
    /// In the order in which they were made.
    pub datasets: Vec<Dataset>,
    /// Expectations with the action `fail` that a row did not meet.
    pub failed: Vec<Refused>,
    /// Where the tables are.
    pub folder: String,
}

/// What the run did with one dataset.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Dataset {
    /// Its name.
    pub name: String,
    /// What it is, such as `table` or `view`.
    pub kind: String,
    /// Whether it was made.
    pub outcome: Outcome,
    /// Rows that the run put there; none where they were not counted.
    pub rows: Option<u64>,
    /// Rows that did not stay.
    pub dropped: u64,
    /// Those of them that are in the table of quarantine.
    pub quarantined: u64,
    /// What its expectations found, in the order of the configuration.
    pub expectations: Vec<Expectation>,
    /// How long it took.
    pub seconds: f64,
}

/// How far a dataset came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It was made.
    Completed,
    /// It could not be made.
    Failed,
    /// One that it reads was not made.
    Skipped,
}

/// How many rows met an expectation.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// Its name.
    pub name: String,
    /// What becomes of a row that does not meet it: `allow`, `drop`, `fail`, `quarantine`.
    pub action: String,
    /// Rows that met it.
    pub passed: u64,
    /// Rows that did not.
    pub failed: u64,
}

/// An expectation that stopped a dataset.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Refused {
    /// The dataset.
    pub dataset: String,
    /// The expectation.
    pub expectation: String,
    /// A row that does not meet it, as JSON.
    pub record: String,
    /// How many rows do not, where that is known.
    pub count: Option<u64>,
}

impl LocalRun {
    /// Reads what `python -m dltflow run --output json` printed.
    ///
    /// # Errors
    /// Anything but one object of exactly this shape.
    pub fn decode(printed: &[u8]) -> serde_json::Result<Self> {
        serde_json::from_slice(printed)
    }

    /// Every text that came from outside.
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

/// On which side of its column a text stands.
#[derive(Clone, Copy)]
enum Side {
    Left,
    Right,
}
use Side::{Left, Right};

const DATASETS: [(&str, Side); 6] =
    [("dataset", Left), ("rows", Right), ("dropped", Right), ("quarantined", Right), ("time", Right), ("", Left)];
const EXPECTATIONS: [(&str, Side); 5] =
    [("dataset", Left), ("expectation", Left), ("action", Left), ("passed", Right), ("failed", Right)];

/// The datasets, their expectations, the rows that must not be there, and where the tables are.
pub(super) fn text(run: &LocalRun) -> String {
    let datasets: Vec<_> = run.datasets.iter().map(dataset).collect();
    let expectations: Vec<_> = run.datasets.iter().flat_map(expectations).collect();
    // What was told on the way stands right above.
    let mut out = format!("\n{}{}", table(DATASETS, &datasets), table(EXPECTATIONS, &expectations));
    for found in &run.failed {
        let [dataset, expectation] = [&found.dataset, &found.expectation].map(|name| shown(name));
        let rows = match found.count {
            None | Some(1) => "a row fails".to_owned(),
            Some(count) => format!("{count} rows fail"),
        };
        let record = escape::line(&escape::truncate(&found.record, RECORD));
        _ = writeln!(out, "error: `{dataset}`: {rows} the expectation `{expectation}`: {record}");
    }
    _ = writeln!(out, "the tables are in {}", escape::line(&run.folder));
    out
}

fn dataset(dataset: &Dataset) -> [String; 6] {
    // Nothing was counted of what was not made, and of a view that nobody asked about.
    let counted = |count: u64| dataset.rows.map_or(UNKNOWN.to_owned(), |_| count.to_string());
    let (time, outcome) = match dataset.outcome {
        Outcome::Completed => (format!("{:.1} s", dataset.seconds), ""),
        Outcome::Failed => (format!("{:.1} s", dataset.seconds), "failed"),
        Outcome::Skipped => (UNKNOWN.to_owned(), "skipped"),
    };
    let rows = dataset.rows.map_or(UNKNOWN.to_owned(), |rows| rows.to_string());
    let [dropped, quarantined] = [dataset.dropped, dataset.quarantined].map(counted);
    [shown(&dataset.name), rows, dropped, quarantined, time, outcome.to_owned()]
}

fn expectations(dataset: &Dataset) -> impl Iterator<Item = [String; 5]> {
    dataset.expectations.iter().map(|found| {
        let [passed, failed] = [found.passed, found.failed].map(|count| match dataset.outcome {
            Outcome::Skipped => UNKNOWN.to_owned(),
            _ => count.to_string(),
        });
        [shown(&dataset.name), shown(&found.name), shown(&found.action), passed, failed]
    })
}

fn shown(name: &str) -> String {
    escape::line(&escape::truncate(name, WIDEST))
}

/// `rows` below their titles, in columns as wide as what stands in them, and an empty line; nothing for no rows.
fn table<const N: usize>(titles: [(&str, Side); N], rows: &[[String; N]]) -> String {
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
        let cells = row.iter().zip(titles).zip(widths).map(|((cell, (_, side)), width)| match side {
            Left => format!("{cell:<width$}"),
            Right => format!("{cell:>width$}"),
        });
        out.extend([cells.collect::<Vec<_>>().join("  ").trim_end(), "\n"]);
    }
    out.push('\n');
    out
}
