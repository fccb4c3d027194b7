//! The listing of pipelines: its filter, its order, its pages.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::pipeline::Pipeline;
use super::replies::invalid;
use super::state::Databricks;
use crate::call::{Answer, Call, Reply};
use crate::settings::Behaviour;

const DEFAULT_PAGE: usize = 25;
const LONGEST_PAGE: usize = 100;

/// `GET /api/2.0/pipelines`.
pub(super) fn list(databricks: &mut Databricks, behaviour: &Behaviour, call: &Call) -> Answer {
    let filter = Filter::read(call.query("filter").unwrap_or_default())?;
    let descending = read_order(call)?;
    let size = read_size(call)?.min(behaviour.page_limit.unwrap_or(LONGEST_PAGE)).max(1);
    let after = call.query("page_token").map(read_token).transpose()?;
    let visible = |pipeline: &&Pipeline| !pipeline.hidden && pipeline.unlisted == 0 && filter.matches(pipeline);
    let mut found: Vec<&Pipeline> = databricks.pipelines.values().filter(visible).collect();
    if descending {
        found.reverse();
    }
    if let Some(after) = &after {
        found.retain(|pipeline| if descending { &pipeline.id < after } else { &pipeline.id > after });
    }
    let page = &found[..found.len().min(size)];
    let mut answer = json!({});
    if !page.is_empty() {
        // Empty lists are left out, as the services do (unverified here).
        answer["statuses"] = page.iter().map(|pipeline| pipeline.row()).collect();
    }
    if let Some(last) = page.last().filter(|_| found.len() > page.len()) {
        answer["next_page_token"] = BASE64_URL_SAFE_NO_PAD.encode(&last.id).into();
    }
    if after.is_none() {
        // The lag is counted in listings begun, so that the pages of one listing agree.
        for pipeline in databricks.pipelines.values_mut() {
            pipeline.unlisted = pipeline.unlisted.saturating_sub(1);
        }
    }
    Ok(Reply::json(200, &answer))
}

fn read_size(call: &Call) -> Result<usize, Reply> {
    let Some(text) = call.query("max_results") else { return Ok(DEFAULT_PAGE) };
    let size = text.parse().ok().filter(|size| (1..=LONGEST_PAGE).contains(size));
    size.ok_or_else(|| invalid(format!("max_results must be between 1 and {LONGEST_PAGE}, not '{text}'.")))
}

/// Only `id` can be ordered by; `true` for descending.
fn read_order(call: &Call) -> Result<bool, Reply> {
    let orders: Vec<&str> = call.queries("order_by").collect();
    match orders.as_slice() {
        [] | ["id" | "id asc"] => Ok(false),
        ["id desc"] => Ok(true),
        _ => Err(invalid("order_by supports only 'id asc' and 'id desc'.")),
    }
}

fn read_token(token: &str) -> Result<String, Reply> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok();
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(|| invalid("Invalid page token."))
}

/// What a listing is narrowed to: nothing, or one of exactly two forms.
#[derive(Debug, PartialEq)]
enum Filter {
    All,
    /// `name LIKE '<pattern>'`.
    Name(String),
    /// `notebook='<path>'`.
    Notebook(String),
}

impl Filter {
    fn read(text: &str) -> Result<Self, Reply> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(Self::All);
        }
        let name = || text.strip_prefix("name ")?.trim_start().strip_prefix("LIKE").and_then(unquote).map(Self::Name);
        let notebook =
            || text.strip_prefix("notebook")?.trim_start().strip_prefix('=').and_then(unquote).map(Self::Notebook);
        let why = "it must be either notebook='<path>' or name LIKE '<pattern>'";
        name().or_else(notebook).ok_or_else(|| invalid(format!("Unsupported filter {text}: {why}.")))
    }

    fn matches(&self, pipeline: &Pipeline) -> bool {
        match self {
            Self::All => true,
            Self::Name(pattern) => {
                let characters = |text: &str| text.chars().collect::<Vec<_>>();
                like(&characters(pattern), &characters(pipeline.text("name").unwrap_or_default()))
            }
            Self::Notebook(path) => {
                let libraries = pipeline.spec.get("libraries").and_then(Value::as_array);
                libraries.into_iter().flatten().any(|library| library["notebook"]["path"] == path.as_str())
            }
        }
    }
}

/// The text between quotes, where a quote is written twice (as in SQL; unverified).
fn unquote(text: &str) -> Option<String> {
    let inner = text.trim().strip_prefix('\'')?.strip_suffix('\'')?;
    let halves = inner.replace("''", "\0");
    (!halves.contains('\'')).then(|| halves.replace('\0', "'"))
}

/// `%` is any run of characters, `_` (unverified) any one; case counts.
fn like(pattern: &[char], text: &[char]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some(('%', rest)) => (0..=text.len()).any(|skipped| like(rest, &text[skipped..])),
        Some((literal, rest)) => {
            text.split_first().is_some_and(|(first, left)| (*literal == '_' || literal == first) && like(rest, left))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_one_of_two_forms_and_nothing_else() {
        let name = |pattern: &str| Some(Filter::Name(pattern.into()));
        let cases = [
            ("", Some(Filter::All)),
            ("name LIKE 'a%'", name("a%")),
            ("name LIKE 'it''s'", name("it's")),
            ("notebook='/Shared/n'", Some(Filter::Notebook("/Shared/n".into()))),
            ("name = 'a'", None),
            ("name LIKE 'it's'", None),
            ("name LIKE a", None),
            ("name LIKE 'a' AND notebook='/n'", None),
            ("id='1'", None),
        ];
        for (text, expected) in cases {
            assert_eq!(Filter::read(text).ok(), expected, "{text}");
        }
    }

    #[test]
    fn like_knows_both_wildcards_and_anchors_both_ends() {
        let cases = [
            ("a%", "abc", true),
            ("a_c", "abc", true),
            ("a", "abc", false),
            ("%b%", "abc", true),
            ("A%", "abc", false),
            ("[dev] x", "[dev] x", true),
        ];
        for (pattern, text, expected) in cases {
            let characters = |text: &str| text.chars().collect::<Vec<_>>();
            assert_eq!(like(&characters(pattern), &characters(text)), expected, "{pattern} on {text}");
        }
    }
}
