//! What is told names what it speaks of.

use serde_json::{Value, json};

use super::{NAME, PIPELINES, SCHEMAS, changed, fault, opened, preview, told};
use crate::support::Stage;

#[test]
fn pipelines_of_one_name_are_told_with_their_ids_and_links() {
    for more in [1, 2] {
        let stage = changed();
        for _ in 0..more {
            stage.by_hand("POST", PIPELINES, &json!({"name": NAME, "catalog": "main", "allow_duplicate_names": true}));
        }
        let ran = stage.run(&preview(&stage));
        ran.ended(4, "failed");
        let comment = stage.comments(42)[0]["body"].as_str().unwrap().to_owned();
        assert!(told(&ran).contains(&format!("{} pipelines have the name `{NAME}`", more + 1)), "{}", ran.stderr);
        for pipeline in stage.pipelines() {
            let id = pipeline["pipeline_id"].as_str().unwrap();
            let page = format!("{}/pipelines/{id}?w=1234567890123456", stage.sandbox.databricks_url());
            let row = &ran.report["workflows"][0]["error"]["twins"];
            assert!(row.as_array().unwrap().contains(&json!({"id": id, "url": page})), "{row}");
            assert!(ran.stderr.contains(&format!("{id}  {page}")), "{}", ran.stderr);
            for text in [&comment, &ran.summary] {
                assert!(text.contains(&format!("  - `{id}`: [open]({page})")), "{text}");
            }
        }
    }
}

#[test]
fn a_permission_is_called_named_only_where_the_service_names_one() {
    let named = "the permission named above";
    let admin = "ask an admin of the workspace";
    for (message, told, not_told) in [
        ("User u does not have CREATE TABLE on Schema 'main.x'.", named, admin),
        ("User u does not have Manage permissions on /Shared.", named, admin),
        ("User does not have permission for this operation.", admin, named),
        ("Source IP address 192.0.2.1 is blocked by the IP access list.", admin, named),
        ("", admin, named),
    ] {
        let stage = opened();
        let body = json!({"error_code": "PERMISSION_DENIED", "message": message});
        fault(&stage, &json!({"method": "POST", "path": PIPELINES, "status": 403, "body": body}));
        let ran = stage.run(&preview(&stage));
        // The schema of the preview was made before.
        ran.ended(5, "failed");
        assert!(ran.stderr.contains(told) && !ran.stderr.contains(not_told), "{message}: {}", ran.stderr);
    }
}

#[test]
fn an_address_that_knows_no_identities_is_told_as_that_of_no_workspace() {
    let host = "check `DATABRICKS_HOST`: it must be the address of a workspace, not that of an account";
    let json = |status: u16, body: Value| json!({"status": status, "body": body});
    let missing = json!({"error_code": "ENDPOINT_NOT_FOUND", "message": "no API found for `GET /scim/v2/Me`"});
    let text = json!({"status": 404, "body": "404 page not found", "content_type": "text/plain"});
    for (answer, code, hinted) in [
        (json(404, missing), 6, true),
        (text, 6, true),
        (json(405, json!({"error": "method not allowed"})), 6, true),
        (json(200, json!({"name": "another service"})), 6, true),
        (json(401, json!({"message": "who are you"})), 6, false),
        (json(403, json!({"error_code": "PERMISSION_DENIED", "message": "not you"})), 6, false),
        (json(400, json!({"error_code": "INVALID_PARAMETER_VALUE", "message": "what"})), 4, false),
    ] {
        let stage = opened();
        let mut answer = answer;
        answer["path"] = "*/scim/v2/Me".into();
        fault(&stage, &answer);
        let ran = stage.run(&preview(&stage));
        ran.ended(code, "failed");
        assert_eq!(ran.stderr.contains(host), hinted, "{answer}: {}", ran.stderr);
    }
}

#[test]
fn recreating_says_what_is_lost_before_and_after() {
    let loses = "gives it another id, loses the permissions that were granted on it, and";
    let moved = |stage: &Stage| {
        let before = stage.repo.head();
        let [from, to] = ["/mnt/lake/shop/dev/orders", "/mnt/lake/shop/dev/moved"];
        stage.repo.replace("workflows/orders.yml", from, to).commit("moved");
        before
    };
    let to_catalog = |stage: &Stage| {
        let before = stage.repo.head();
        stage.repo.replace("workflows/orders.yml", "storage: /mnt/lake/shop/dev/orders", "catalog: main").commit("uc");
        before
    };
    let changes: [&dyn Fn(&Stage) -> String; 2] = [&moved, &to_catalog];
    for change in changes {
        let stage = Stage::new();
        stage.run(&stage.on_push("refs/heads/main", None)).ended(0, "deployed");
        let before = change(&stage);
        let mut push = stage.on_push("refs/heads/main", Some(&before));
        let ran = stage.run(&push);
        ran.ended(4, "failed");
        assert!(told(&ran).contains(&format!("(`allow-recreate`), which {loses}")), "{}", ran.stderr);
        let ran = stage.run(push.input("allow-recreate", "true"));
        ran.ended(0, "deployed");
        let note = ran.report["notes"].to_string();
        assert!(note.contains(&format!("recreating `shop-orders` {loses}")), "{note}");
    }
}

#[test]
fn a_run_that_only_restores_objects_has_deployed_and_says_so() {
    // The folder with all that is in it, its notebook, its wheel.
    for (index, sentence) in [
        (0, "2 missing objects were uploaded again"),
        (1, "1 missing object was uploaded again"),
        (2, "1 missing object was uploaded again"),
    ] {
        let stage = opened();
        stage.run(&preview(&stage)).ended(0, "deployed");
        let of_release = |path: &String| path.contains("/previews/pr42_") && !path.contains(".json");
        let objects = || stage.objects().into_iter().filter(of_release).collect::<Vec<_>>();
        let before = objects();
        stage.remove_by_hand(&before[index]);
        let ran = stage.run(&preview(&stage));
        assert_eq!((ran.ended(0, "deployed").output("unchanged"), objects()), ("1", before));
        assert!(ran.stderr.contains(sentence) && ran.summary.contains(sentence), "{}", ran.stderr);
        stage.run(&preview(&stage)).ended(0, "unchanged");
    }
}

#[test]
fn a_route_that_is_not_served_after_a_good_sign_in_is_named_and_the_host_is_not_blamed() {
    let page = json!({"body": "<!doctype html><title>Not found</title>", "content_type": "text/html"});
    let missing = json!({"body": {"error_code": "ENDPOINT_NOT_FOUND", "message": "No API found"}});
    let refused = json!({"body": {"message": "method not allowed"}});
    for (status, answer) in
        [(404, &page), (200, &page), (302, &page), (501, &page), (404, &missing), (405, &refused), (501, &refused)]
    {
        for (method, path, route) in [
            ("GET", PIPELINES, "GET /api/2.0/pipelines"),
            ("POST", "/api/2.0/workspace/mkdirs", "POST /api/2.0/workspace/mkdirs"),
            ("POST", PIPELINES, "POST /api/2.0/pipelines"),
        ] {
            let stage = opened();
            let mut answer = answer.clone();
            for (key, value) in [("method", json!(method)), ("path", json!(path)), ("status", json!(status))] {
                answer[key] = value;
            }
            answer["times"] = 99.into();
            fault(&stage, &answer);
            let ran = stage.run(preview(&stage).input("timeout", "20s"));
            assert!([4, 5].contains(&ran.code), "{status} {route}: {}", ran.stderr);
            let told = &ran.stderr;
            assert!(told.contains(&format!("`{route}` is not served")), "{status} {route}: {told}");
            // A page in place of an answer to a create says nothing about what was done.
            let in_doubt = status == 200 && (method, path) == ("POST", PIPELINES);
            for untrue in
                ["check `DATABRICKS_HOST`", "busy", "run this again"].iter().take(if in_doubt { 2 } else { 3 })
            {
                assert!(!told.contains(untrue), "{status} {route}: {told}");
            }
            let sent = stage.requests().into_iter().filter(|request| request == route).count();
            assert!(in_doubt || sent == 1, "{status} {route}: sent {sent} times");
        }
    }
}

#[test]
fn an_error_that_a_repeat_would_meet_again_is_not_called_busy() {
    for (status, busy) in
        [(500, true), (503, true), (504, true), (501, false), (505, false), (507, false), (511, false)]
    {
        let stage = opened();
        let body = json!({"error_code": "X", "message": "no"});
        fault(&stage, &json!({"method": "POST", "path": SCHEMAS, "status": status, "body": body, "times": 99}));
        let ran = stage.run(preview(&stage).input("timeout", "6s"));
        assert_ne!(ran.code, 0, "{status}");
        assert_eq!(ran.stderr.contains("the service is busy or failing"), busy, "{status}: {}", ran.stderr);
        let sent = stage.requests().into_iter().filter(|request| *request == format!("POST {SCHEMAS}")).count();
        assert!(busy || sent == 1, "{status}: {sent}");
    }
}
