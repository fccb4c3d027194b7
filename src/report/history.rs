//! The last runs, kept in the comment itself as compact hidden JSON.
//!
//! Anyone who can edit the comment can edit this: what is read is validated, shown, and used for nothing else.

use serde::{Deserialize, Serialize};

use super::{Report, Row, Verdict, escape};

/// Runs that are kept, including this one.
const MAX_RUNS: usize = 10;
/// The longest line that is read, in bytes.
const MAX_LINE: usize = 20_000;
/// The longest name that is kept, in bytes.
const MAX_NAME: usize = 200;
/// Bytes of all pipelines that are kept.
const MAX_STANDING: usize = 10_000;
/// The longest URL that is kept, in bytes.
const MAX_URL: usize = 200;

/// Starts the hidden line; the number is the version of the format, and other versions are ignored.
const OPEN: &str = "<!-- dltflow-history:1 ";
const CLOSE: &str = " -->";

/// One run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Past {
    /// Its result, as a [`Verdict`] is written.
    #[serde(rename = "r")]
    pub(super) result: String,
    /// The first seven characters of its commit.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub(super) commit: Option<String>,
    /// When it started.
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    pub(super) started: Option<String>,
    /// URL of its page.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub(super) url: Option<String>,
    /// What was deployed after it; of the latest run only.
    #[serde(rename = "p", default, skip_serializing_if = "Vec::is_empty")]
    pub(super) standing: Vec<StandingPipeline>,
}

/// A pipeline that is deployed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StandingPipeline {
    /// Its name.
    #[serde(rename = "n")]
    pub(super) name: String,
    /// URL of its page.
    #[serde(rename = "u")]
    pub(super) url: String,
}

impl StandingPipeline {
    /// The pipeline of `row`, if it has a page.
    fn of(row: &Row) -> Option<Self> {
        let url = row.url.clone().filter(|_| !row.is_gone())?;
        Some(Self { name: row.pipeline_name.clone(), url })
    }

    /// Whether it is one that we can have written.
    fn is_valid(&self) -> bool {
        let is_short = self.name.len() <= MAX_NAME && self.url.len() <= MAX_URL;
        is_short && escape::link("open", &self.url).is_some()
    }

    /// Whether `report` says itself what became of it.
    pub(super) fn is_in(&self, report: &Report) -> bool {
        report.workflows.iter().any(|row| row.pipeline_name == self.name && (row.url.is_some() || row.is_gone()))
    }

    /// What is deployed after the run that `report` describes; `before` is what was. A run that came to its end has looked at
    /// all of it.
    fn after(report: &Report, before: &[Self]) -> Vec<Self> {
        let complete = matches!(report.result, Verdict::Deployed | Verdict::Unchanged | Verdict::Destroyed);
        let earlier = before.iter().filter(|pipeline| !complete && !pipeline.is_in(report)).cloned();
        let all = report.workflows.iter().filter_map(Self::of).chain(earlier).filter(Self::is_valid);
        let mut room = MAX_STANDING;
        let fits = |pipeline: &Self| {
            room = room.saturating_sub(pipeline.name.len() + pipeline.url.len() + 20);
            room > 0
        };
        all.take_while(fits).collect()
    }
}

impl Past {
    /// The run that `report` describes.
    pub(super) fn of(report: &Report) -> Self {
        let run = &report.run;
        Self {
            result: report.result.word().to_owned(),
            commit: run.commit.as_deref().map(|commit| commit.chars().take(7).collect()),
            started: run.started.clone(),
            url: run.url.clone(),
            standing: Vec::new(),
        }
        .validated()
    }

    /// The same run without values that are not in the form written here.
    fn validated(mut self) -> Self {
        let hash = |text: &String| text.len() == 7 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let time = |text: &String| text.len() <= 32 && text.chars().all(|c| c.is_ascii_digit() || "TZ:.+-".contains(c));
        self.commit = self.commit.filter(hash);
        self.started = self.started.filter(time);
        self.url = self.url.filter(|url| url.len() <= MAX_URL && escape::link("run", url).is_some());
        self.standing.retain(StandingPipeline::is_valid);
        self
    }
}

/// This run, followed by those in `line`, the hidden line of the previous comment.
pub(super) fn continued(report: &Report, line: Option<&str>) -> Vec<Past> {
    let mut before = line.map(decode).unwrap_or_default();
    let stood = before.first_mut().map(|past| std::mem::take(&mut past.standing)).unwrap_or_default();
    let this = Past { standing: StandingPipeline::after(report, &stood), ..Past::of(report) };
    before.retain(|past| past.url.is_none() || past.url != this.url);
    for past in &mut before {
        past.standing.clear();
    }
    std::iter::once(this).chain(before).take(MAX_RUNS).collect()
}

/// The runs as a hidden line, without a line break.
pub(super) fn encode(history: &[Past]) -> String {
    let json = escape::ascii(&serde_json::to_string(history).unwrap_or_default());
    // These occur only inside strings, where they could end the HTML comment.
    let json = json.replace('-', "\\u002d").replace('<', "\\u003c").replace('>', "\\u003e");
    format!("{OPEN}{json}{CLOSE}")
}

fn decode(line: &str) -> Vec<Past> {
    let json = line.strip_prefix(OPEN).and_then(|rest| rest.strip_suffix(CLOSE));
    let json = json.filter(|json| json.len() <= MAX_LINE).unwrap_or("[]");
    let runs: Vec<Past> = serde_json::from_str(json).unwrap_or_default();
    let known = |past: &Past| Verdict::ALL.iter().any(|verdict| verdict.word() == past.result);
    runs.into_iter().filter(known).take(MAX_RUNS).map(Past::validated).collect()
}
