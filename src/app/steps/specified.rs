//! The workflows in the specs, by environment.

use std::collections::BTreeMap;

use crate::impact::Affected;
use crate::project::Project;
use crate::spec::{Environment, SpecFile, Workflow};

use super::files::Broken;

/// The workflows of an environment in the specs of the project.
#[derive(Default)]
pub(super) struct Specified {
    /// In the specs that the run is about.
    pub(super) chosen: Vec<Workflow>,
    /// In those that its own choice of files leaves out.
    pub(super) left_out: Vec<Workflow>,
}

impl Specified {
    /// The workflows of each target, and what is wrong with its sections of the `chosen` specs beside them.
    pub(super) fn of(
        chosen: Vec<SpecFile>,
        left_out: Vec<SpecFile>,
        project: &Project,
    ) -> (BTreeMap<String, Self>, Vec<Broken>) {
        let mut all: BTreeMap<String, Self> = BTreeMap::new();
        let mut broken = Vec::new();
        for SpecFile { path, environments } in chosen {
            for Environment { name, workflows, findings } in of_targets(environments, project) {
                if !findings.is_empty() {
                    broken.push(Broken { path: path.clone(), environment: Some(name.value.clone()), findings });
                }
                all.entry(name.value).or_default().chosen.extend(workflows);
            }
        }
        for SpecFile { environments, .. } in left_out {
            for Environment { name, workflows, .. } in of_targets(environments, project) {
                all.entry(name.value).or_default().left_out.extend(workflows);
            }
        }
        (all, broken)
    }
}

/// Without the environments that have no target: nothing deploys them, and there is a finding about each.
fn of_targets(environments: Vec<Environment>, project: &Project) -> impl Iterator<Item = Environment> {
    environments.into_iter().filter(|environment| project.target(&environment.name.value).is_some())
}

/// The affected workflows, and the others.
pub(super) fn parted(workflows: Vec<Workflow>, affected: &[Affected]) -> (Vec<Workflow>, Vec<Workflow>) {
    let mut affected = affected.iter().map(|affected| affected.index).peekable();
    let (mut selected, mut others) = (Vec::new(), Vec::new());
    for (index, workflow) in workflows.into_iter().enumerate() {
        let is_affected = affected.next_if_eq(&index).is_some();
        if is_affected { &mut selected } else { &mut others }.push(workflow);
    }
    (selected, others)
}
