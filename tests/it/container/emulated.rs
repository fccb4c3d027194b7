//! The binary for another processor, under an emulator.

use super::{opened, preview, setting};
use crate::support::{Runner, Stage, tally};

const THEME: &str = "emulated";

#[test]
fn another_processor_deploys_and_takes_down_the_same() {
    let Some(line) = setting(THEME, "DLTFLOW_EMULATED") else { return };
    let (here, there) = (opened(), opened());
    let emulated = |runner: &mut Runner| {
        runner.check_out(there.repo.path()).emulated(&line);
        there.run(runner)
    };
    let specs = |stage: &Stage| stage.pipelines().iter().map(|it| it["stored"].clone()).collect::<Vec<_>>();
    let mut ran = 0;
    for (action, result) in [("opened", "deployed"), ("synchronize", "unchanged"), ("closed", "destroyed")] {
        here.run(&here.on_pull_request(action, 42, "bigger")).ended(0, result);
        emulated(&mut there.on_pull_request(action, 42, "bigger")).ended(0, result);
        assert_eq!((specs(&here), here.objects()), (specs(&there), there.objects()), "{action}");
        ran += 1;
    }
    emulated(preview(&there).input("mode", "plan")).ended(0, "planned");
    emulated(preview(&there).unset("DATABRICKS_TOKEN")).ended(2, "failed");
    there.repo.replace("workflows/orders.yml", "target: shop_dev", "targets: shop_dev").commit("a slip");
    emulated(&mut preview(&there)).ended(3, "failed");
    tally(THEME, &format!("{} runs, {ran} of them compared with this machine's", ran + 3));
}
