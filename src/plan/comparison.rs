//! Whether a pipeline is what it should be, and if not, whether somebody else changed it.
//!
//! If the last definition that was sent is known, a field that is written and differs was changed by hand, and what is not
//! written never was. If it is not known, an edit is due anyway, and what is no longer written is part of it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::diff::{Differences, diff};
use super::{Definition, FieldChange, run_as, spelling};
use crate::observe::ExistingPipeline;
use crate::pipeline::ownership::OwnershipKey;
use crate::pipeline::{KeptField, KeptFields, Settings};

/// Fields of settings that cannot be changed once a pipeline exists.
const IMMUTABLE: [&str; 8] = [
    "storage",
    "ingestion_definition.connection_name",
    "ingestion_definition.ingestion_gateway_id",
    "ingestion_definition.ingest_from_uc_foreign_catalog",
    "gateway_definition.connection_id",
    "gateway_definition.connection_name",
    "gateway_definition.gateway_storage_catalog",
    "gateway_definition.gateway_storage_schema",
];

/// A definition and what exists.
#[derive(Debug, Default)]
pub(super) struct PipelineComparison {
    /// What an edit changes, ordered by path; empty if none is due.
    pub(super) changes: Vec<FieldChange>,
    /// Whether some of it was changed by somebody else.
    pub(super) drift: bool,
    /// The change that no edit can make.
    pub(super) immutable: Option<FieldChange>,
    /// The identity that an edit leaves in place, though none is written.
    pub(super) identity_kept: Option<String>,
    /// What exists and is not compared: the service's own values, and those that somebody set beside what is written.
    pub(super) unmanaged: BTreeMap<String, Value>,
}

impl PipelineComparison {
    /// Compares `definition` with what exists. `sent` is the definition that was last sent, if it is known, and `kept` the
    /// fields that the service is known to store in another way than they were written.
    pub(super) fn of(
        definition: &Definition,
        sent: Option<&Definition>,
        existing: &ExistingPipeline,
        kept: Option<&KeptFields>,
    ) -> Self {
        let mut comparison = match sent {
            Some(sent) => Self::with_sent(definition, sent, existing, kept),
            None => Self::without_sent(definition, existing, kept),
        };
        if definition.settings.run_as().is_none() {
            let identity = existing.settings.run_as();
            comparison.unmanaged.extend(identity.map(|identity| (run_as::PATH.to_owned(), identity.clone())));
        }
        comparison.changes.sort_by(|a, b| a.path.cmp(&b.path));
        comparison
    }

    fn with_sent(
        definition: &Definition,
        sent: &Definition,
        existing: &ExistingPipeline,
        kept: Option<&KeptFields>,
    ) -> Self {
        // The service took what is immutable as it was sent, and nothing has changed it since, however it is spelled.
        let counts = |change: &FieldChange| !is_immutable(change) && !is_kept(change, kept);
        let Differences { differing, unwritten } = diff(&sent.settings, &existing.settings, &existing.id);
        let (by_hand, own): (Vec<_>, Vec<_>) = differing.into_iter().partition(counts);
        let identity = run_as::change(&definition.settings, &existing.settings).filter(counts);
        let drift = !by_hand.is_empty() || identity.is_some();
        let differing = if definition.was_sent(&existing.settings) {
            by_hand
        } else {
            let differing = diff(&definition.settings, &existing.settings, &existing.id).differing;
            differing.into_iter().filter(counts).collect()
        };
        let changes = differing.into_iter().chain(identity).collect();
        Self { changes, drift, unmanaged: values(unwritten.into_iter().chain(own)), ..Self::default() }
    }

    fn without_sent(definition: &Definition, existing: &ExistingPipeline, kept: Option<&KeptFields>) -> Self {
        let settings = &definition.settings;
        let Differences { differing, unwritten } = diff(settings, &existing.settings, &existing.id);
        let (own, no_longer): (Vec<_>, Vec<_>) = unwritten.into_iter().partition(spelling::is_filled_in);
        let (known, differing): (Vec<_>, Vec<_>) = differing.into_iter().partition(|change| is_kept(change, kept));
        let identity = run_as::change(settings, &existing.settings);
        let identity = identity.or_else(|| run_as::presumed_change(settings, existing));
        let mut changes: Vec<_> = differing.into_iter().chain(no_longer).chain(identity).collect();
        if changes.is_empty() {
            changes.push(FieldChange {
                path: "fields that the service does not show".to_owned(),
                from: None,
                to: None,
            });
        }
        let immutable = changes.iter().find(|change| is_immutable(change)).cloned();
        let identity_kept = run_as::kept(settings, existing);
        Self { changes, drift: false, immutable, identity_kept, unmanaged: values(own.into_iter().chain(known)) }
    }
}

impl Definition {
    /// Whether the pipeline `id` with those settings is exactly that: a plan would keep it.
    pub fn stands(&self, observed: &Settings, id: &str) -> bool {
        let identity = run_as::change(&self.settings, observed);
        self.was_sent(observed) && identity.is_none() && self.differing(observed, id).is_empty()
    }

    /// What the service stores in another way than this, as it shows `observed` after this was sent to the pipeline `id`.
    pub fn kept_otherwise(&self, observed: &Settings, id: &str) -> Vec<FieldChange> {
        self.differing(observed, id).into_iter().filter(may_be_kept).collect()
    }

    fn differing(&self, observed: &Settings, id: &str) -> Vec<FieldChange> {
        let differing = diff(&self.settings, observed, id).differing;
        differing.into_iter().filter(|change| !is_immutable(change)).collect()
    }
}

fn is_immutable(change: &FieldChange) -> bool {
    IMMUTABLE.contains(&change.path.as_str())
}

/// Whether the difference is known as one that the service makes.
fn is_kept(change: &FieldChange, kept: Option<&KeptFields>) -> bool {
    may_be_kept(change) && kept.and_then(|kept| kept.get(&change.path)).is_some_and(|field| *field == change.into())
}

/// Whether a difference may be one that the service makes: whose a pipeline is, and as whom it runs, is not up to it.
fn may_be_kept(change: &FieldChange) -> bool {
    let is_ownership = change.path.strip_prefix("configuration.").is_some_and(OwnershipKey::is_reserved);
    !is_ownership && !change.is_of_identity()
}

fn values(changes: impl Iterator<Item = FieldChange>) -> BTreeMap<String, Value> {
    changes.filter_map(|change| Some((change.path, change.from?))).collect()
}

impl From<&FieldChange> for KeptField {
    fn from(change: &FieldChange) -> Self {
        let value = |value: &Option<Value>| value.clone().unwrap_or_default();
        Self { wanted: value(&change.to), is: value(&change.from) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Definition, ExistingPipeline, KeptField, KeptFields, PipelineComparison, Settings};
    use crate::pipeline::ownership::{Claim, OwnershipKey};

    fn definition(closure: &str, fields: &Value) -> Definition {
        let mut settings: Settings = serde_json::from_value(fields.clone()).unwrap();
        settings.own(OwnershipKey::Closure, closure);
        settings.seal();
        Definition { settings, artifacts: Vec::new() }
    }

    /// What stands after `sent` was sent, with these changes at the top.
    fn standing(sent: &Definition, changes: &Value) -> ExistingPipeline {
        let mut fields = sent.settings.to_value();
        fields.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        ExistingPipeline {
            id: "p".to_owned(),
            name: "orders".to_owned(),
            settings: serde_json::from_value(fields).unwrap(),
            runs_as: Some("octocat@github.com".to_owned()),
            creator: Some("octocat@github.com".to_owned()),
            last_modified: None,
            running: false,
            claim: Claim::Ours,
        }
    }

    fn paths(comparison: &PipelineComparison) -> Vec<&str> {
        comparison.changes.iter().map(|change| change.path.as_str()).collect()
    }

    #[test]
    fn what_is_written_and_differs_from_what_was_sent_is_drift_and_nothing_else_is() {
        let sent = definition("c", &json!({"photon": true, "storage": "/mnt/a", "tags": {"a": "1"}}));
        for (changes, expected, unmanaged) in [
            (json!({}), &[][..], &[][..]),
            (json!({"photon": null}), &["photon"], &[]),
            (json!({"tags": {"a": "2", "b": "3"}}), &["tags.a"], &["tags.b"]),
            (json!({"development": true}), &[], &["development"]),
            (json!({"storage": "s3://bucket/a"}), &[], &["storage"]),
            (json!({"run_as": {"user_name": "hubot@github.com"}}), &[], &["run_as"]),
        ] {
            let comparison = PipelineComparison::of(&sent, Some(&sent), &standing(&sent, &changes), None);
            assert_eq!((&paths(&comparison)[..], comparison.drift), (expected, !expected.is_empty()), "{changes}");
            assert_eq!(comparison.unmanaged.keys().collect::<Vec<_>>(), unmanaged, "{changes}");
        }
    }

    #[test]
    fn a_change_by_hand_is_still_one_when_the_code_changes_too() {
        let fields = json!({"photon": true, "storage": "/mnt/a"});
        let (sent, next) = (definition("c", &fields), definition("d", &fields));
        let closure = "configuration.dltflow.closure";
        for (changes, expected, drift) in [
            (json!({"storage": "/x", "development": true}), &[closure][..], false),
            (json!({"photon": false}), &[closure, "photon"], true),
        ] {
            let comparison = PipelineComparison::of(&next, Some(&sent), &standing(&sent, &changes), None);
            assert_eq!((&paths(&comparison)[..], comparison.drift), (expected, drift), "{changes}");
            assert_eq!(comparison.immutable, None);
        }
    }

    #[test]
    fn what_a_spec_no_longer_writes_is_shown_without_what_the_service_fills_in() {
        let sent = definition("c", &json!({"photon": true, "tags": {"a": "1"}, "clusters": [{"num_workers": 1}]}));
        let next = definition("d", &json!({"clusters": [{"num_workers": 1}], "target": "t"}));
        let clusters = json!([{"label": "default", "num_workers": 1, "node_type_id": "n"}, {"label": "maintenance"}]);
        let there =
            standing(&sent, &json!({"clusters": clusters, "pipeline_type": "WORKSPACE", "edition": "ADVANCED"}));
        let comparison = PipelineComparison::of(&next, None, &there, None);
        assert_eq!(paths(&comparison), ["configuration.dltflow.closure", "photon", "tags", "target"]);
        assert!(!comparison.drift);
        let own =
            ["clusters[0].label", "clusters[0].node_type_id", "clusters[maintenance]", "edition", "pipeline_type"];
        assert_eq!(comparison.unmanaged.keys().collect::<Vec<_>>(), own);
    }

    #[test]
    fn a_value_that_the_service_keeps_is_no_change_as_long_as_both_sides_are_the_same() {
        let sent = definition("c", &json!({"target": "a"}));
        let kept = |path: &str, wanted: &str, is: &str| -> KeptFields {
            [(path.to_owned(), KeptField { wanted: json!(wanted), is: json!(is) })].into()
        };
        for (known, is, drift) in [
            (kept("target", "a", "b"), "b", false),
            (kept("target", "a", "b"), "c", true),
            (kept("target", "z", "b"), "b", true),
            (kept("schema", "a", "b"), "b", true),
        ] {
            let there = standing(&sent, &json!({"target": is}));
            assert_eq!(PipelineComparison::of(&sent, Some(&sent), &there, Some(&known)).drift, drift, "{known:?} {is}");
        }
        let mut owned = standing(&sent, &json!({}));
        owned.settings.own(OwnershipKey::Closure, "x");
        let known = kept("configuration.dltflow.closure", "c", "x");
        assert!(
            PipelineComparison::of(&sent, Some(&sent), &owned, Some(&known)).drift,
            "ownership is never the service's"
        );
    }

    #[test]
    fn an_identity_is_compared_where_it_is_shown() {
        let [nobody, hubot, robot] = [
            json!({}),
            json!({"run_as": {"user_name": "Hubot@github.com"}}),
            json!({"run_as": {"service_principal_name": "6a1f"}}),
        ]
        .map(|fields| definition("c", &fields));
        let shown = json!({"run_as": {"user_name": "hubot@github.com", "service_principal_name": null}});
        for (wanted, is_sent, stands, expected) in [
            (&hubot, true, &shown, &[][..]),
            (&robot, true, &shown, &["run_as"]),
            (&robot, true, &json!({"run_as": null}), &[]),
            (&nobody, true, &shown, &[]),
            (&robot, false, &shown, &["run_as"]),
            // Who it runs as is known by name: the creator.
            (&robot, false, &json!({"run_as": null}), &["run_as"]),
        ] {
            let comparison = PipelineComparison::of(wanted, is_sent.then_some(wanted), &standing(wanted, stands), None);
            let paths = paths(&comparison).into_iter().filter(|path| !path.contains(' ')).collect::<Vec<_>>();
            assert_eq!(paths, expected, "{:?} {stands}", wanted.settings.run_as());
        }
        let kept =
            |stands: &Value| PipelineComparison::of(&nobody, None, &standing(&nobody, stands), None).identity_kept;
        assert_eq!(kept(&shown).as_deref(), Some("hubot@github.com"));
        assert_eq!(kept(&json!({"run_as": {"user_name": "octocat@github.com"}})), None, "that is the creator");
    }
}
