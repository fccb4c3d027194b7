//! The last runs, kept in the comment itself as compact hidden JSON.
//!
//! Anyone who may edit the comment may edit this: what is read is checked again, shown, and used for nothing else.

use serde::{Deserialize, Serialize};

use super::{Report, Verdict, escape};

/// Runs that are remembered, this one among them.
const KEPT: usize = 10;
/// The longest line that is read, in bytes.
const LONGEST: usize = 20_000;
/// The longest address that is kept, in bytes.
const LONGEST_URL: usize = 200;

/// Opens the hidden line; the number is the version of what follows, and another version is not read.
const OPEN: &str = "<!-- dltflow-history:1 ";
const CLOSE: &str = " -->";

/// One run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Past {
    /// The word of its result.
    #[serde(rename = "r")]
    pub(super) result: String,
    /// The first seven characters of its commit.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub(super) commit: Option<String>,
    /// When it began.
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    pub(super) started: Option<String>,
    /// Address of its page.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub(super) url: Option<String>,
}

impl Past {
    /// The run that `report` tells of.
    pub(super) fn of(report: &Report) -> Self {
        let run = &report.run;
        Self {
            result: report.result.word().to_owned(),
            commit: run.commit.as_deref().map(|commit| commit.chars().take(7).collect()),
            started: run.started.clone(),
            url: run.url.clone(),
        }
        .checked()
    }

    /// The same run less what is not of the form that we write.
    fn checked(mut self) -> Self {
        let hash = |text: &String| text.len() == 7 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let time = |text: &String| text.len() <= 32 && text.chars().all(|c| c.is_ascii_digit() || "TZ:.+-".contains(c));
        self.commit = self.commit.filter(hash);
        self.started = self.started.filter(time);
        self.url = self.url.filter(|url| url.len() <= LONGEST_URL && escape::link("run", url).is_some());
        self
    }
}

/// This run first, then those that `line`, the hidden line of the old comment, remembers.
pub(super) fn continued(report: &Report, line: Option<&str>) -> Vec<Past> {
    let this = Past::of(report);
    let same_run = |past: &Past| past.url.is_some() && past.url == this.url;
    let before = line.map(read).unwrap_or_default().into_iter().filter(|past| !same_run(past));
    std::iter::once(this.clone()).chain(before).take(KEPT).collect()
}

/// The runs as a hidden line without its line break.
pub(super) fn written(history: &[Past]) -> String {
    let json = escape::ascii(&serde_json::to_string(history).unwrap_or_default());
    // These occur only inside strings; unescaped they could end the comment.
    let json = json.replace('-', "\\u002d").replace('<', "\\u003c").replace('>', "\\u003e");
    format!("{OPEN}{json}{CLOSE}")
}

fn read(line: &str) -> Vec<Past> {
    let json = line.strip_prefix(OPEN).and_then(|rest| rest.strip_suffix(CLOSE));
    let json = json.filter(|json| json.len() <= LONGEST).unwrap_or("[]");
    let runs: Vec<Past> = serde_json::from_str(json).unwrap_or_default();
    let known = |past: &Past| Verdict::ALL.iter().any(|verdict| verdict.word() == past.result);
    runs.into_iter().filter(known).take(KEPT).map(Past::checked).collect()
}
