use serde_json::json;

use crate::observe::PreviewFolder;
use crate::pipeline::ownership::{Claim, OwnershipKey};
use crate::plan::tests::{FOLDER, actions, desired, existing, folder, observed, planned, preview};
use crate::plan::{Action, Allowed, ObjectAction, Resource, destroy, plan};

#[test]
fn a_folder_that_a_preview_leaves_is_noted_in_it_and_unless_it_is_beside_the_present_one_there() {
    let own = "/Shared/x/previews/pr1_ab12";
    for (left, claim, notes) in [
        ("/Shared/y/previews/pr1_ab12", Claim::Ours, &["/Shared/y/previews/pr1_ab12", own][..]),
        ("/Shared/x/previews/pr1_0000", Claim::Former("shop".into()), &["/Shared/x/previews/pr1_0000"]),
        (own, Claim::Ours, &[]),
        ("/Shared/y/previews/pr11_ab12", Claim::Ours, &[]),
        ("/Shared/y/previews/pr1_ab12", Claim::Foreign("x".into()), &[]),
    ] {
        let mut before = existing(&preview("s"), claim);
        let notebook = json!([{"notebook": {"path": format!("/Workspace{left}/n1")}}]);
        before.settings.set_libraries(notebook);
        let there = observed(vec![before], Some(&["w1", "n1"]));
        let folders = [PreviewFolder { path: left.into(), ..folder(&[]) }];
        for plan in [
            plan(own, &[preview("s")], &there, &folders, Allowed::default()),
            destroy(own, &there, &folders, "", Allowed::default()),
        ] {
            let written = plan.steps.iter().filter_map(|step| match &step.resource {
                Resource::Object { folder, action: ObjectAction::Note { made }, .. } => {
                    made.preview_folder().map(|path| (step.id, folder.as_str(), path))
                }
                _ => None,
            });
            let written: Vec<_> = written.collect();
            assert_eq!(written.iter().map(|(_, at, _)| *at).collect::<Vec<_>>(), notes, "{left}");
            assert!(written.iter().all(|(_, _, path)| *path == left));
            let pipeline = plan.steps.iter().find(|step| step.pipeline().is_some());
            assert!(
                written.iter().all(|(id, ..)| pipeline.is_none_or(|step| step.needs.contains(id))),
                "before it leaves"
            );
        }
    }
}

#[test]
fn a_preview_of_a_former_identity_is_replaced_and_a_shared_pipeline_is_not() {
    let mut before = existing(&preview("s"), Claim::Former("`shop`".into()));
    before.settings.own(OwnershipKey::Project, "shop");
    let replaced = planned(&preview("t"), &observed(vec![before], Some(&["w1", "n1"])));
    assert!(matches!(actions(&replaced)[0], Action::Recreate { .. }), "{replaced:?}");
    let shared = existing(&desired("c", "1", &json!({})), Claim::Former("`shop`".into()));
    let blocked = planned(&desired("c", "1", &json!({})), &observed(vec![shared.clone()], Some(&["w1", "n1"])));
    let Action::Blocked { hint, .. } = actions(&blocked)[0] else { panic!("{blocked:?}") };
    assert!(hint.contains("adopt"), "{hint}");
    assert!(actions(&destroy(FOLDER, &observed(vec![shared], None), &[], "", Allowed::default())).is_empty());
}
