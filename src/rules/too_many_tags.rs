//! `too-many-tags`: the service takes 25.

use serde_json::{Map, Value};

use super::RuleInput;
use crate::diagnostic::{Diagnostics, Rule};

const MOST: usize = 25;

pub(super) fn check(subject: &RuleInput<'_>, found: &mut Diagnostics) {
    let tags = subject.setting("tags").and_then(Value::as_object).map_or(0, Map::len);
    if tags > MOST {
        let message = format!("{tags} tags are more than the {MOST} that a pipeline takes");
        found.push(subject.at(Rule::TooManyTags, "/tags", message));
    }
}
