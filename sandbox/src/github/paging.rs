//! Pages of a listing and the `Link` header between them.

use serde_json::Value;

use super::repository::Repository;
use crate::call::{Call, Reply};

/// Which page was asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page {
    /// From 1.
    pub(super) number: usize,
    pub(super) size: usize,
}

impl Page {
    /// `page` and `per_page` of the query; anything but a positive number counts as absent, and more than `most` as `most`.
    pub(super) fn read(call: &Call, default: usize, most: usize) -> Self {
        let read = |name: &str| call.query(name).and_then(|text| text.parse().ok()).filter(|number| *number > 0);
        Self { number: read("page").unwrap_or(1), size: read("per_page").unwrap_or(default).min(most) }
    }

    /// The page's part of all items.
    pub(super) fn of<T>(self, items: &[T]) -> &[T] {
        let start = (self.number - 1).saturating_mul(self.size).min(items.len());
        &items[start..start.saturating_add(self.size).min(items.len())]
    }

    /// Adds `Link` if there is more than one page. As the service does, it names the repository by its number.
    pub(super) fn link(self, reply: Reply, total: usize, call: &Call, repository: &Repository) -> Reply {
        let last = total.div_ceil(self.size).max(1);
        let mut relations = Vec::new();
        if self.number > 1 {
            relations.push(("prev", (self.number - 1).min(last)));
        }
        if self.number < last {
            relations.extend([("next", self.number + 1), ("last", last)]);
        }
        if self.number > 1 {
            relations.push(("first", 1));
        }
        if relations.is_empty() {
            return reply;
        }
        let url = format!("{}/repositories/{}{}", api_root(call), repository.settings.id, below_repository(call));
        let link = |(relation, page): (&str, usize)| format!("<{url}?{}>; rel=\"{relation}\"", query(call, page));
        reply.with("link", relations.into_iter().map(link).collect::<Vec<_>>().join(", "))
    }
}

/// The query of the request with another page.
fn query(call: &Call, page: usize) -> String {
    let encode =
        |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
    let others = call
        .query_without(&["page"])
        .into_iter()
        .map(|(key, value)| format!("{}={}", key.replace(' ', "+"), encode(&value)));
    others.chain([format!("page={page}")]).collect::<Vec<_>>().join("&")
}

/// Scheme, authority and base path, as the client used them.
pub(super) fn api_root(call: &Call) -> String {
    // Both `/repos/…` and `/repositories/…` begin so.
    let base_path = call.raw_path.split("/repos").next().unwrap_or_default();
    format!("{}{base_path}", call.origin())
}

/// The path behind the repository's own, such as `/pulls/1/files`.
fn below_repository(call: &Call) -> String {
    let skipped = if call.parameter("repository_id").is_empty() { 3 } else { 2 };
    let path = call.raw_path.find("/repos").map_or("", |start| &call.raw_path[start..]);
    path.split('/').skip(skipped + 1).fold(String::new(), |path, segment| format!("{path}/{segment}"))
}

/// A JSON array as one page of it.
pub(super) fn array(items: impl Iterator<Item = Value>) -> Reply {
    Reply::json(200, &items.collect())
}
