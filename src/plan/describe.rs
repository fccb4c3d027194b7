//! A plan as JSON: what a consent is for, and what is shown.

use serde_json::{Value, json};

use super::{Action, FieldChange, Plan, Resource};
use crate::pipeline::Settings;
use crate::secret::hide;
use crate::source::hash;

impl Plan {
    /// The hash that a consent to exactly this plan carries, 16 hex digits.
    pub fn fingerprint(&self) -> String {
        hash(json!(self).to_string())[..16].to_owned()
    }

    /// The plan as JSON, without what looks secret.
    pub fn describe(&self) -> Value {
        let mut shown = self.clone();
        for step in &mut shown.steps {
            if let Resource::Pipeline(step) = &mut step.resource {
                step.action.hide_secrets();
                for (path, value) in &mut step.unmanaged {
                    *value = hide(path, value).into_owned();
                }
            }
        }
        json!(shown)
    }
}

impl Action {
    fn hide_secrets(&mut self) {
        match self {
            Self::Create { definition } => definition.settings.hide_secrets(),
            Self::Update { definition, changes, .. } | Self::Recreate { definition, changes, .. } => {
                definition.settings.hide_secrets();
                changes.iter_mut().for_each(FieldChange::hide_secrets);
            }
            Self::Keep { .. } | Self::Destroy { .. } | Self::Blocked { .. } => {}
        }
    }
}

impl Settings {
    fn hide_secrets(&mut self) {
        self.rewrite_fields(|field, value| hide(field, value).into_owned());
    }
}

impl FieldChange {
    fn hide_secrets(&mut self) {
        for value in [&mut self.from, &mut self.to].into_iter().flatten() {
            *value = hide(&self.path, value).into_owned();
        }
    }
}
