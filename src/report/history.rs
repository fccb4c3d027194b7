//! The last runs, kept in the comment itself as compact hidden JSON.
//!
//! Anyone who can edit the comment can edit this: what is read is validated, shown, and used for nothing else.

use serde::{Deserialize, Serialize};

use super::{Report, Verdict, escape};

/// Runs that are kept, including this one.
const MAX_RUNS: usize = 10;
/// The longest line that is read, in bytes.
const MAX_LINE: usize = 20_000;
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
        self
    }
}

/// This run, followed by those in `line`, the hidden line of the previous comment.
pub(super) fn continued(report: &Report, line: Option<&str>) -> Vec<Past> {
    let this = Past::of(report);
    let same_run = |past: &Past| past.url.is_some() && past.url == this.url;
    let before = line.map(decode).unwrap_or_default().into_iter().filter(|past| !same_run(past));
    std::iter::once(this.clone()).chain(before).take(MAX_RUNS).collect()
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
