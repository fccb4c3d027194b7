//! The state of the service.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::repository::Repository;
use crate::ids::Ids;
use crate::refusal::{Refusal, merged};
use crate::settings::Author;

/// All that the service holds.
#[derive(Debug, Default)]
pub(crate) struct GitHub {
    /// By `owner/name` in lower case.
    repositories: BTreeMap<String, Repository>,
    pub(super) ids: Ids,
    /// Requests in the window that ends at `window_end` (milliseconds since 1970).
    pub(super) used: u32,
    pub(super) window_end: u64,
}

impl GitHub {
    pub(crate) fn to_json(&self) -> Value {
        let shown = self.repositories.values().map(|repository| (repository.full_name(), repository.to_json()));
        json!({"repositories": shown.collect::<serde_json::Map<_, _>>()})
    }

    /// Registers a repository, or changes some of its fields.
    pub(crate) fn register(&mut self, owner: &str, name: &str, fields: &Value) -> Result<(), Refusal> {
        let known = self.repositories.entry(key(owner, name));
        let repository = known.or_insert_with(|| Repository::new(owner, name, self.ids.rising()));
        repository.settings = merged(&repository.settings, fields)?;
        Ok(())
    }

    /// Opens a pull request, or changes some of its fields.
    pub(crate) fn set_pull(&mut self, owner: &str, name: &str, number: u64, fields: &Value) -> Result<(), Refusal> {
        let id = self.ids.rising();
        self.registered(owner, name)?.set_pull(number, id, fields)
    }

    /// Adds a comment in somebody else's name, without permission checks.
    pub(crate) fn comment_as_anyone(
        &mut self,
        owner: &str,
        name: &str,
        number: u64,
        fields: &Value,
    ) -> Result<Value, Refusal> {
        let author: Author = merged(&Author::default(), &fields["author"])?;
        let body = fields["body"].as_str().ok_or_else(|| Refusal::bad("`body` is missing"))?;
        let id = self.ids.rising();
        self.registered(owner, name)?.add_comment(id, number, author, body);
        Ok(json!({"id": id}))
    }

    pub(super) fn by_name(&mut self, owner: &str, name: &str) -> Option<&mut Repository> {
        self.repositories.get_mut(&key(owner, name))
    }

    pub(super) fn by_id(&mut self, id: &str) -> Option<&mut Repository> {
        self.repositories.values_mut().find(|repository| repository.settings.id.to_string() == id)
    }

    fn registered(&mut self, owner: &str, name: &str) -> Result<&mut Repository, Refusal> {
        self.by_name(owner, name).ok_or_else(|| Refusal::missing(format!("no repository `{owner}/{name}`")))
    }
}

fn key(owner: &str, name: &str) -> String {
    format!("{owner}/{name}").to_lowercase()
}
