//! Inputs as they are written in a workflow, byte for byte.

use super::{Image, opened, preview};

#[test]
fn an_input_arrives_as_it_was_written() {
    let Some(image) = Image::given() else { return };
    let hostile = r#"$HOME `id` "two"  'one' \n % {user} {name}"#;
    let wanted = r#"$HOME `id` "two"  'one' \n % octocat_pr42 shop-orders"#;
    for (input, value, name) in [
        ("preview-name", hostile, wanted),
        ("preview-name", "Bestellungen 注文 🧪 {user} {name}", "Bestellungen 注文 🧪 octocat_pr42 shop-orders"),
        ("environments", "refs/heads/x: prod\n\n  pull_request: prod\r\n", "[prod_octocat_pr42] shop-orders"),
        ("workflows", "workflows/*.json\nworkflows/orders.yml\n", "[dev_octocat_pr42] shop-orders"),
    ] {
        let stage = opened();
        let ran = image.run(&stage, preview(&stage).input(input, value));
        ran.ended(0, "deployed");
        assert_eq!(stage.pipelines()[0]["spec"]["name"], name);
        assert_eq!(ran.report["workflows"][0]["pipeline_name"], name);
    }
}
