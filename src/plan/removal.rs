//! How a pipeline is deleted, and what becomes of its tables.

use serde::Serialize;

use super::Allowed;
use crate::observe::ExistingPipeline;
use crate::pipeline::ownership::OwnershipKey;

/// How a pipeline is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Removal {
    /// What becomes of its tables.
    pub tables: Tables,
    /// A running update is stopped first.
    pub running: bool,
}

/// What becomes of the tables of a pipeline that is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tables {
    /// They are dropped with it.
    Dropped,
    /// They stay, as people may read them.
    Kept,
    /// They stay, as the service cannot drop tables of the Hive metastore.
    NotTheServices,
}

impl Removal {
    /// How `existing` is deleted. The tables of a shared pipeline are people's data: they stay unless it is `allowed` to
    /// drop them; those of a preview go with it.
    pub(super) fn of(existing: &ExistingPipeline, allowed: Allowed) -> Self {
        let is_shared = existing.settings.owned(OwnershipKey::Preview).is_none();
        let tables = match existing.settings.catalog() {
            None => Tables::NotTheServices,
            Some(_) if is_shared && !allowed.drop_tables => Tables::Kept,
            Some(_) => Tables::Dropped,
        };
        Self { tables, running: existing.running }
    }

    /// What it means for a pipeline that it is recreated, as the end of a sentence.
    pub fn when_recreated(self) -> String {
        let tables = self.tables.effect();
        format!("gives it another id, loses the permissions that were granted on it, and {tables}")
    }
}

impl Tables {
    /// What deleting a pipeline does to its tables, as the end of a sentence.
    pub fn effect(self) -> &'static str {
        match self {
            Self::Dropped => "drops its tables",
            Self::Kept => "keeps its tables",
            Self::NotTheServices => "leaves its tables and checkpoints behind",
        }
    }

    /// The parameter `cascade` of the deletion: left out, the service drops the tables of Unity Catalog, and what says
    /// that tables of the Hive metastore are to be dropped it refuses.
    pub fn cascade(self) -> Option<bool> {
        match self {
            Self::Dropped => Some(true),
            Self::Kept => Some(false),
            Self::NotTheServices => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Tables;
    use crate::observe::Observed;
    use crate::pipeline::ownership::Claim;
    use crate::plan::tests::{FOLDER, actions, desired, existing, observed, preview};
    use crate::plan::{Action, Allowed, destroy, plan};
    use crate::route::Prune;

    #[test]
    fn tables_of_a_shared_pipeline_stay_unless_that_is_allowed() {
        let unity = json!({"catalog": "main", "schema": "s"});
        let shared = existing(&desired("c", "1", &unity), Claim::Ours);
        let individual = existing(&preview("s"), Claim::Ours);
        let hive = existing(&desired("c", "1", &json!({"target": "s"})), Claim::Ours);
        for (existing, drop_tables, tables, cascade) in [
            (&shared, false, Tables::Kept, Some(false)),
            (&shared, true, Tables::Dropped, Some(true)),
            (&individual, false, Tables::Dropped, Some(true)),
            (&hive, false, Tables::NotTheServices, None),
            (&hive, true, Tables::NotTheServices, None),
        ] {
            let there = observed(vec![existing.clone()], Some(&[]));
            let planned = destroy(FOLDER, &there, &[], "", Allowed { drop_tables, ..Allowed::default() });
            let removal = actions(&planned)[0].removal().unwrap();
            assert_eq!((removal.tables, removal.tables.cascade()), (tables, cascade), "{existing:?}");
        }
    }

    #[test]
    fn who_writes_where_tables_were_kept_is_told() {
        let unity = |schema: &str| json!({"catalog": "main", "schema": schema});
        let mut leftover = existing(&desired("c", "1", &unity("S")), Claim::Ours);
        (leftover.name, leftover.id) = ("gone".into(), "p2".into());
        for (schema, prune, drop_tables, told) in [
            ("s", Prune::Destroy, false, true),
            ("t", Prune::Destroy, false, false),
            ("s", Prune::Destroy, true, false),
            ("s", Prune::Report, false, false),
        ] {
            let there = Observed { leftovers: vec![leftover.clone()], ..observed(vec![], Some(&[])) };
            let allowed = Allowed { prune, drop_tables, ..Allowed::default() };
            let plan = plan(FOLDER, &[desired("c", "1", &unity(schema))], &there, &[], allowed);
            assert_eq!(plan.beside_kept_tables().count() == 1, told, "{schema} {prune:?} {drop_tables}");
        }
        let gateway = |schema: &str, connection: &str| {
            let gateway = json!({"connection_id": connection});
            desired("c", "1", &json!({"catalog": "main", "schema": schema, "gateway_definition": gateway}))
        };
        let there = observed(vec![existing(&gateway("s", "a"), Claim::Ours)], Some(&[]));
        for (schema, drop_tables, told) in [("s", false, true), ("t", false, false), ("s", true, false)] {
            let allowed = Allowed { recreate: true, drop_tables, ..Allowed::default() };
            let plan = plan(FOLDER, &[gateway(schema, "b")], &there, &[], allowed);
            assert!(matches!(actions(&plan)[0], Action::Recreate { .. }), "{plan:?}");
            assert_eq!(plan.beside_kept_tables().count() == 1, told, "{schema} {drop_tables}");
        }
    }
}
